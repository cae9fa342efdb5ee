"""The test suite: any database by DATABASE_URL, cheap passwords, no throttling, tasks run by hand."""

import os

os.environ["EMBEDDED_WORKER"] = "0"
os.environ["READ_DOTENV"] = "0"
os.environ.setdefault("LOG_LEVEL", "ERROR")

from config.settings.base import *  # noqa: F403
from config.settings.base import DATABASES, REST_FRAMEWORK, STORAGES

SECRET_KEY = "a key for tests and nothing else, long enough for every check"  # noqa: S105
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
REST_FRAMEWORK["DEFAULT_THROTTLE_CLASSES"] = []
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ACCOUNT_RATE_LIMITS = False
CELERY_BROKER_URL = "memory://"
if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    DATABASES["default"]["OPTIONS"]["pool"]["min_size"] = 1
