"""People, numbers, groups, consent and history."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactsConfig(AppConfig):
    name = "contacts"
    verbose_name = _("Contacts")

    def ready(self) -> None:
        """Let the search of the whole console look here, and the audit log; draw our own lines of the timeline; know our own questions."""
        from contacts import audit, calls, finds, ledger, slots
        from contacts.duplicates import actions as merging
        from contacts.services import retention, smart_groups
        from contacts.smart import questions
        from smsapp.common.retention import kinds
        from smsapp.common.slots import search_sources

        audit.register()
        questions.fill()
        merging.fill()
        slots.activity_renderers.register("consent", ledger.activity_views)
        slots.group_guards.register("smart_groups", smart_groups.read_elsewhere)
        slots.activity_renderers.register("call", calls.views)
        for order, (name, kind) in enumerate(retention.KINDS.items(), start=30):
            kinds.register(name, kind, order=order)
        search_sources.register("contacts", finds.contacts, order=10)
        search_sources.register("groups", finds.groups, order=20)
