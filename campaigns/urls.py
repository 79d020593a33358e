"""Routes of the app."""

from django.urls import URLPattern, path

from campaigns.views import actions, mailing, mailing_lists, message, one_off, people, template_changes, templates, text, trial, try_text, why
from campaigns.wizard import candidates, recipients, reschedule, send
from campaigns.wizard import views as wizard

app_name = "campaigns"
urlpatterns: list[URLPattern] = [
    path("send/", one_off.send, name="send"),
    path("send/numbers/", one_off.numbers, name="send_numbers"),
    path("send/<uuid:key>/", one_off.sent, name="sent"),
    path("test/<int:provider_id>/", trial.trial, name="test"),
    path("tests/new/", try_text.new, name="test_new"),
    path("tests/numbers/<int:pk>/forget/", try_text.forget, name="test_forget"),
    path("tests/<uuid:key>/", try_text.sent, name="test_sent"),
    path("count/", text.count, name="count"),
    path("count/cost/", text.cost, name="cost"),
    path("count/templates/", text.template_choices, name="template_choices"),
    path("messages/<int:pk>/", message.detail, name="message"),
    path("templates/", templates.TemplateList.as_view(), name="templates"),
    path("templates/new/", template_changes.create, name="template_new"),
    path("templates/<int:pk>/", templates.detail, name="template"),
    path("templates/<int:pk>/edit/", template_changes.edit, name="template_edit"),
    path("templates/<int:pk>/archive/", template_changes.archive, name="template_archive"),
    path("templates/<int:pk>/delete/", template_changes.delete, name="template_delete"),
    path("templates/<int:pk>/texts/", templates.texts, name="template_texts"),
    path("templates/<int:pk>/versions/", templates.versions, name="template_versions"),
    path("templates/<int:pk>/versions/<int:number>/", templates.version, name="template_version"),
    path("templates/<int:pk>/versions/<int:number>/restore/", template_changes.restore, name="template_restore"),
    path("mailings/", mailing_lists.Launched.as_view(), name="launched"),
    path("mailings/drafts/", mailing_lists.Drafts.as_view(), name="drafts"),
    path("mailings/archived/", mailing_lists.Archived.as_view(), name="archived"),
    path("mailings/new/", recipients.new, name="new"),
    path("mailings/count/", recipients.count, name="audience_count"),
    path("mailings/left-out/<slug:reason>/", candidates.left_out, name="candidates"),
    path("mailings/taken-out/<slug:key>/", candidates.taken_out, name="taken_out"),
    path("mailings/<int:pk>/", mailing.detail, name="mailing"),
    path("mailings/<int:pk>/progress/", mailing.progress, name="progress"),
    path("mailings/<int:pk>/messages/", people.messages_of, name="messages"),
    path("mailings/<int:pk>/why/", why.of_mailing, name="why"),
    path("why/", why.of_contact, name="why_contact"),
    path("mailings/<int:pk>/left-out/", people.left_out, name="left_out"),
    path("mailings/<int:pk>/recipients/", recipients.recipients, name="recipients"),
    path("mailings/<int:pk>/content/", wizard.content, name="content"),
    path("mailings/<int:pk>/preview/", wizard.preview, name="preview"),
    path("mailings/<int:pk>/plan/", send.plan, name="plan"),
    path("mailings/<int:pk>/plan/times/", send.plan_times, name="plan_times"),
    path("mailings/<int:pk>/plan/progress/", send.preparing, name="preparing"),
    path("mailings/<int:pk>/reschedule/", reschedule.reschedule, name="reschedule"),
    path("mailings/<int:pk>/<slug:action>/", actions.act, name="act"),
]
