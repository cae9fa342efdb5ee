"""Background work of the annotation app. Every task is a sweep over the database and safe to run twice."""

from celery import shared_task
from django.utils import timezone

from annotation import leases


@shared_task(name="annotation.tasks.release_expired")
def release_expired() -> None:
    leases.release_expired(now=timezone.now())
