"""Routes of the app."""

from django.urls import path

from providers.views import events, health

app_name = "providers"
urlpatterns = [
    path("", health.health, name="health"),
    path("events/", events.listed, name="events"),
    path("events/replay/", events.replay, name="replay"),
    path("events/<int:pk>/", events.detail, name="event"),
    path("<int:pk>/pause/", health.pause, name="pause"),
    path("<int:pk>/resume/", health.resume, name="resume"),
]
