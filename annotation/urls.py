"""Addresses of the annotator pages."""
urlpatterns: list = []
