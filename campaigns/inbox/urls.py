"""Routes of the inbox."""

from django.urls import URLPattern, path

from campaigns.inbox import act_views, contact_views, views

app_name = "inbox"
urlpatterns: list[URLPattern] = [
    path("", views.inbox, name="list"),
    path("<int:pk>/", views.thread, name="thread"),
    path("<int:pk>/read/", act_views.read, name="read"),
    path("<int:pk>/unread/", act_views.unread, name="unread"),
    path("<int:pk>/done/", act_views.finish, name="done"),
    path("<int:pk>/open/", act_views.reopen, name="open"),
    path("<int:pk>/assign/", act_views.assign, name="assign"),
    path("<int:pk>/note/", act_views.note, name="note"),
    path("<int:pk>/decide/", act_views.decide, name="decide"),
    path("<int:pk>/contact/", contact_views.contact, name="contact"),
]
