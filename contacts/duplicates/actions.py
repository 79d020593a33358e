"""Merging as an action: on a contact's page and in the bulk bar of lists."""

from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

from contacts import slots
from contacts.models import Contact


class MergeWith:
    """Actions → Merge with… on a contact's page."""

    label = _("Merge with…")
    icon = "intersect"
    permission = "contacts.merge_contacts"

    def url(self, contact: Contact) -> str:
        """Where the other one is found."""
        return reverse("contacts:possible", args=[contact.pk])

    def disabled_reason(self, request: HttpRequest) -> str:
        """There is always somebody to look for."""
        return ""


def fill() -> None:
    """Called once, from AppConfig.ready."""
    slots.contact_actions.register("merge", MergeWith(), order=80)
    chosen = slots.ListAction("merge", _("Merge"), "intersect", "contacts.merge_contacts", reverse_lazy("contacts:merge_chosen"))
    slots.list_actions.register("merge", chosen, order=80)
