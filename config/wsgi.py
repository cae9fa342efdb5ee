"""The web entry point. With EMBEDDED_WORKER set it also runs the worker and the clock in threads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.development")

application = get_wsgi_application()

from django.conf import settings  # noqa: E402  (settings exist only once Django is set up)

if settings.EMBEDDED_WORKER:
    from config import embedded

    embedded.start()
