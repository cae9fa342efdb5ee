"""Addresses of the API, below /api/v1/."""

from django.urls import path, re_path

from analysis.api import views
from analysis.api.importing import ScenarioImport

app_name = "api"

urlpatterns = [
    path("studies/", views.StudyList.as_view(), name="studies"),
    path("studies/<slug:study>/", views.StudyDetail.as_view(), name="study"),
    path("studies/<slug:study>/scenarios/", views.ScenarioList.as_view(), name="scenarios"),
    path("studies/<slug:study>/scenarios/import/", ScenarioImport.as_view(), name="scenarios-import"),
    path("studies/<slug:study>/distributions/", views.DistributionList.as_view(), name="distributions"),
    path("studies/<slug:study>/responses/", views.ResponseList.as_view(), name="responses"),
    path("studies/<slug:study>/agreement/", views.AgreementList.as_view(), name="agreement"),
    path("studies/<slug:study>/participants/", views.ParticipantList.as_view(), name="participants"),
    path("studies/<slug:study>/exclusions/", views.ExclusionList.as_view(), name="exclusions"),
    # Only with a closing slash: without one, Django first redirects to the address that has it.
    re_path(r"^[\s\S]*/$", views.NothingHere.as_view(), name="nothing"),
]
