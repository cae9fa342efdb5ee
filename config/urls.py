"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import TemplateView

handler400 = "annotation.views.problems.bad_request"
handler404 = "annotation.views.problems.not_found"
handler500 = "annotation.views.problems.server_error"

urlpatterns = [
    path("", TemplateView.as_view(template_name="home.html"), name="home"),
    path("s/<slug:slug>/", include("annotation.urls")),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
]
