"""Routes that gateways call."""

from django.urls import path

from providers.views import webhooks

app_name = "hooks"
urlpatterns = [
    path("<slug:kind>/<str:token>/status/", webhooks.receive, {"event": "status"}, name="status"),
    path("<slug:kind>/<str:token>/inbound/", webhooks.receive, {"event": "inbound"}, name="inbound"),
]
