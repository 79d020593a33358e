"""Routes of the app."""

from django.urls import URLPattern, path

from workflows.views import activities, canvas, confirmation, deployments, drawing, rules, running, runs, sent, signals, sms_log, workflow_list

app_name = "workflows"
urlpatterns: list[URLPattern] = [
    path("", workflow_list.WorkflowList.as_view(), name="list"),
    path("activities/", activities.activities, name="activities"),
    path("activities/columns/", activities.choose_columns, name="activity_columns"),
    path("new/", workflow_list.create, name="new"),
    path("<int:pk>/", canvas.canvas, name="canvas"),
    path("<int:pk>/edit/", workflow_list.edit, name="edit"),
    path("<int:pk>/copy/", workflow_list.copy, name="copy"),
    path("<int:pk>/archive/", workflow_list.archive, name="archive"),
    path("<int:pk>/live/", canvas.live, name="live"),
    path("<int:pk>/draw/", drawing.draw, name="draw"),
    path("<int:pk>/run/<slug:action>/", running.run, name="run_action"),
    path("<int:pk>/log/", runs.log, name="log"),
    path("<int:pk>/runs/", runs.runs, name="runs"),
    path("<int:pk>/runs/<int:number>/", runs.run, name="run"),
    path("<int:pk>/runs/<int:number>/people/<int:arrival_id>/", runs.people, name="people"),
    path("<int:pk>/steps/<slug:step>/", drawing.options, name="options"),
    path("<int:pk>/steps/<slug:step>/own/", drawing.own, name="own"),
    path("<int:pk>/steps/<slug:step>/coming/", drawing.coming, name="coming"),
    path("<int:pk>/links/<slug:step>/<slug:out>/", drawing.link, name="link"),
    path("<int:pk>/signal/<path:where>", signals.signal, name="signal"),
    path("<int:pk>/steps/<slug:step>/sms/", sent.of_step, name="sms"),
    path("sms/<int:content>/", sent.dashboard, name="parent"),
    path("sms/<int:content>/progress/", sent.progress, name="sms_progress"),
    path("sms/<int:content>/details/", deployments.details, name="sms_details"),
    path("sms/<int:content>/periods/<int:execution>/", deployments.period, name="period"),
    path("sms/<int:content>/log/", sms_log.log, name="sms_log"),
    path("mailings/<int:mailing>/confirmation/", confirmation.confirmation, name="confirmation"),
    path("<int:pk>/steps/<slug:step>/rules/", rules.rules, name="rules"),
    path("<int:pk>/steps/<slug:step>/rules/<slug:part>/", rules.rules, name="segment_rules"),
    path("<int:pk>/steps/<slug:step>/<slug:action>/", running.step, name="step_action"),
]
