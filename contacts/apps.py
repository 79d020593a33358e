"""People, numbers, groups, consent and history."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactsConfig(AppConfig):
    name = "contacts"
    verbose_name = _("Contacts")

    def ready(self) -> None:
        """Let the search of the whole console look here, and the audit log."""
        from contacts import audit, finds
        from smsapp.common.slots import search_sources

        audit.register()
        search_sources.register("contacts", finds.contacts, order=10)
        search_sources.register("groups", finds.groups, order=20)
