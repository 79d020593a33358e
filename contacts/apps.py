"""People, numbers, groups, consent and history."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactsConfig(AppConfig):
    name = "contacts"
    verbose_name = _("Contacts")

    def ready(self) -> None:
        """Let the search of the whole console look here, and the audit log; draw our own lines of the timeline."""
        from contacts import audit, finds, ledger, slots
        from smsapp.common.slots import search_sources

        audit.register()
        slots.activity_renderers.register("consent", ledger.activity_views)
        search_sources.register("contacts", finds.contacts, order=10)
        search_sources.register("groups", finds.groups, order=20)
