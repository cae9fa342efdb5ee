"""The Celery application: one schedule, hints only.

A message may be lost at any time and nothing is: every task recomputes from the database what is stale
and is safe to run twice. Nothing ever waits for a result.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.development")

app = Celery("commonground")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
