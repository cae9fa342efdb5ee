"""Addresses of the researchers' pages, below /studies/."""

from django.urls import path

from analysis.dashboards.agreement import agreement
from analysis.dashboards.explorer import scenarios
from analysis.dashboards.figures import consensus_csv, consensus_png, consensus_svg
from analysis.dashboards.overview import overview, progress
from analysis.dashboards.people import people
from analysis.dashboards.scenario import scenario
from analysis.dashboards.studies import studies

app_name = "studies"

urlpatterns = [
    path("", studies, name="list"),
    path("<slug:slug>/", overview, name="overview"),
    path("<slug:slug>/progress/", progress, name="progress"),
    path("<slug:slug>/scenarios/", scenarios, name="scenarios"),
    # Keys are the researchers' own and may hold any character.
    path("<slug:slug>/scenarios/<path:key>/", scenario, name="scenario"),
    path("<slug:slug>/agreement/", agreement, name="agreement"),
    path("<slug:slug>/people/", people, name="people"),
    path("<slug:slug>/figures/consensus.svg", consensus_svg, name="consensus-svg"),
    path("<slug:slug>/figures/consensus.png", consensus_png, name="consensus-png"),
    path("<slug:slug>/figures/consensus.csv", consensus_csv, name="consensus-csv"),
]
