"""Pages for whoever has a link from a text: short addresses, nobody logs in."""

from django.urls import path

from campaigns.views import opt_out

app_name = "public"
urlpatterns = [path("<str:code>", opt_out.page, name="opt_out")]
