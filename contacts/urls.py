"""Routes of the app."""

from django.urls import URLPattern, path

from contacts.blocks import QUARANTINE, SUPPRESSIONS
from contacts.views import (
    activities, blocks, consent, contact_changes, contact_list, contact_page, group_changes, groups, imports, ledger, memberships, tagging, why,
)  # fmt: skip

app_name = "contacts"
urlpatterns: list[URLPattern] = [
    path("", contact_list.ContactList.as_view(), name="list"),
    path("new/", contact_changes.create, name="create"),
    path("add-to-group/", memberships.add_chosen, name="add_to_group"),
    path("remove-from-group/", memberships.remove_chosen, name="remove_from_group"),
    path("tags/", tagging.tag_chosen, name="tag_chosen"),
    path("<int:contact_id>/", contact_page.summary, name="detail"),
    path("<int:contact_id>/why/", why.why, name="why"),
    path("<int:contact_id>/groups/", contact_page.groups, name="contact_groups"),
    path("<int:contact_id>/groups/join/", memberships.join, name="join"),
    path("<int:contact_id>/groups/<int:group_id>/leave/", memberships.leave, name="leave"),
    path("<int:contact_id>/activities/", activities.timeline, name="activities"),
    path("<int:contact_id>/activities/note/", activities.note, name="note"),
    path("<int:contact_id>/activities/call/", activities.call, name="call"),
    path("<int:contact_id>/activities/<int:activity_id>/", activities.detail, name="activity"),
    path("<int:contact_id>/activities/<int:activity_id>/delete/", activities.delete, name="activity_delete"),
    path("<int:contact_id>/consent/", consent.entries, name="consent"),
    path("<int:contact_id>/consent/opt-in/", consent.opt_in, name="opt_in"),
    path("<int:contact_id>/consent/opt-out/", consent.opt_out, name="opt_out"),
    path("<int:contact_id>/consent/proof/", consent.proof, name="consent_proof"),
    path("<int:contact_id>/edit/", contact_changes.edit, name="edit"),
    path("<int:contact_id>/delete/", contact_changes.delete, name="delete"),
    path("<int:contact_id>/restore/", contact_changes.restore, name="restore"),
    path("consent/", ledger.Ledger.as_view(), name="ledger"),
    path("groups/", groups.GroupList.as_view(), name="groups"),
    path("groups/new/", group_changes.create, name="group_create"),
    path("groups/<int:group_id>/", groups.members, name="group"),
    path("groups/<int:group_id>/edit/", group_changes.edit, name="group_edit"),
    path("groups/<int:group_id>/archive/", group_changes.archive, name="group_archive"),
    path("groups/<int:group_id>/delete/", group_changes.delete, name="group_delete"),
    path("suppressions/", blocks.BlockList.as_view(register=SUPPRESSIONS), name="suppressions"),
    path("suppressions/new/", blocks.BlockAdd.as_view(register=SUPPRESSIONS), name="suppression_add"),
    path("suppressions/<int:pk>/", blocks.BlockedNumber.as_view(register=SUPPRESSIONS), name="suppression"),
    path("suppressions/<int:pk>/end/", blocks.BlockEnd.as_view(register=SUPPRESSIONS), name="suppression_end"),
    path("quarantine/", blocks.BlockList.as_view(register=QUARANTINE), name="quarantines"),
    path("quarantine/new/", blocks.BlockAdd.as_view(register=QUARANTINE), name="quarantine_add"),
    path("quarantine/<int:pk>/", blocks.BlockedNumber.as_view(register=QUARANTINE), name="quarantine"),
    path("quarantine/<int:pk>/end/", blocks.BlockEnd.as_view(register=QUARANTINE), name="quarantine_end"),
    path("imports/", imports.ImportList.as_view(), name="imports"),
    path("imports/new/", imports.upload, name="import_upload"),
    path("imports/<int:job_id>/", imports.detail, name="import"),
    path("imports/<int:job_id>/columns/", imports.columns_page, name="import_columns"),
    path("imports/<int:job_id>/sheet/", imports.sheet, name="import_sheet"),
    path("imports/<int:job_id>/progress/", imports.progress, name="import_progress"),
    path("imports/<int:job_id>/start/", imports.start, name="import_start"),
    path("imports/<int:job_id>/stop/", imports.stop, name="import_stop"),
    path("imports/<int:job_id>/refused.csv", imports.refused, name="import_refused"),
]
