"""What the search of the whole console finds here: contacts and groups."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contacts.filters import Filters
from contacts.models import Contact, Group
from contacts.models.folding import named
from contacts.selection import visible_to
from contacts.smart import finding
from smsapp.common import phone

MOST = 10
Hit = tuple[str, str, str]  # label, address, what else helps to tell it apart


def contacts(request: HttpRequest, q: str) -> list[Hit]:
    """Contacts by name, e-mail or number."""
    found = finding.first(Filters(q=q).people(visible_to(request.user)), MOST)
    return [(contact.name, reverse("contacts:detail", args=[contact.pk]), _about(contact)) for contact in found]


def groups(request: HttpRequest, q: str) -> list[Hit]:
    """Groups by name."""
    if not request.user.has_perm("contacts.view_group"):
        return []
    found = named(Group.objects.filter(archived=False), q)[:MOST]
    return [(group.name, reverse("contacts:group", args=[group.pk]), _what(group)) for group in found]


def _what(group: Group) -> str:
    return " · ".join(part for part in (str(_("Smart group")) if group.is_smart else "", group.description) if part)


def _about(contact: Contact) -> str:
    organisation = contact.organisation if contact.first_name or contact.last_name else ""  # else it is the name
    return " · ".join(part for part in (organisation, phone.display(contact.sms_number or ""), contact.email) if part)


contacts.title = _("Contacts")  # type: ignore[attr-defined]
groups.title = _("Groups")  # type: ignore[attr-defined]
