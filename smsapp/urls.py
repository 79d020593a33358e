"""The one table of routes: an include per app."""

from django.contrib import admin
from django.urls import include, path

from smsapp import views

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("account/email/", views.own_settings, name="account_email"),  # addresses are part of the profile
    path("account/", include("allauth.urls")),
    path("profile/", include("smsapp.accounts.urls")),
    path("contacts/", include("contacts.urls")),
    path("o/", include("campaigns.public")),  # short: it stands in texts
    path("hooks/", include("providers.hooks")),
    path("providers/", include("providers.urls")),
    path("sms/", include("campaigns.urls")),
    path("inbox/", include("campaigns.inbox.urls")),
    path("workflows/", include("workflows.urls")),
]
handler403 = "smsapp.views.forbidden"
handler404 = "smsapp.views.not_found"
handler500 = "smsapp.views.server_error"
