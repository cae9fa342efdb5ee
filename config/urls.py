"""Every address of the site."""

from django.contrib import admin
from django.contrib.admin.views.decorators import staff_member_required
from django.urls import include, path
from django.views.generic import TemplateView

from accounts import gate
from analysis.api.docs import docs_view, schema_view
from config import health

handler400 = "annotation.views.problems.bad_request"
handler404 = "annotation.views.problems.not_found"
handler500 = "annotation.views.problems.server_error"

gate.guard(admin.site)

urlpatterns = [
    path("", TemplateView.as_view(template_name="home.html"), name="home"),
    path("s/<slug:slug>/", include("annotation.urls")),
    path("studies/", include("analysis.dashboards.urls")),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("analysis.api.urls")),
    path("api/schema/", schema_view, name="schema"),
    path("api/docs/", docs_view, name="docs"),
    path(
        "styleguide/",
        staff_member_required(TemplateView.as_view(template_name="styleguide.html"), login_url="account_login"),
        name="styleguide",
    ),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
