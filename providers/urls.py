"""Routes of the app."""

from django.urls import path

from providers.views import health

app_name = "providers"
urlpatterns = [
    path("", health.health, name="health"),
    path("<int:pk>/pause/", health.pause, name="pause"),
    path("<int:pk>/resume/", health.resume, name="resume"),
]
