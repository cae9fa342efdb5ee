"""Settings of the worker and clock processes that the tests start: a key prefix keeps runs on one Redis apart."""

import os

from config.settings.development import *  # noqa: F403
from config.settings.development import CELERY_BROKER_TRANSPORT_OPTIONS

CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] = os.environ["QUEUE_PREFIX"]
