"""Addresses of the annotator's pages, below /s/<study>/."""

from django.urls import path

from annotation.views import consent, entry, exits, steps, task

app_name = "annotation"

urlpatterns = [
    path("", entry.landing, name="landing"),
    path("consent/", consent.consent, name="consent"),
    path("about-you/", steps.about_you, name="about_you"),
    path("practice/", steps.practice, name="practice"),
    path("task/", task.task, name="task"),
    path("debrief/", exits.debrief, name="debrief"),
    path("done/", exits.done, name="done"),
    path("leave/", exits.leave, name="leave"),
    path("ended/", exits.ended, name="ended"),
]
