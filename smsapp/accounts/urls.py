"""Routes of a user's own pages."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
