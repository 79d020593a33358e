"""Routes of a user's own pages."""

from django.urls import path

from smsapp.accounts import views

app_name = "profile"
urlpatterns = [
    path("", views.edit, name="edit"),
    path("theme/", views.theme, name="theme"),
    path("language/", views.language, name="language"),
]
