"""The next things to do in a console that has little in it yet, per person's rights."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.models import Mailing
from contacts.models import Contact, Group
from providers.models import Provider
from smsapp.accounts.models import User

Words = str | Promise


@dataclass(frozen=True)
class Step:
    """A thing to do: shown to those with the permission as long as it is not done."""

    url_name: str
    permission: str
    icon: str
    title: Words
    text: Words
    action: Words
    is_done: Callable[[], bool]


STEPS = (
    Step(
        "admin:providers_provider_add",
        "providers.add_provider",
        "hdd-network",
        _("Set up a provider"),
        _("A provider carries the texts. Start with the simulator: nothing leaves the house."),
        _("Add provider"),
        lambda: Provider.objects.filter(active=True).exists(),
    ),
    Step(
        "contacts:imports",
        "contacts.import_contacts",
        "file-earmark-arrow-up",
        _("Import people from a file"),
        _("A CSV file or workbook with names and mobile numbers. You see every fault before anything is written."),
        _("Import contacts"),
        lambda: Contact.objects.filter(deleted_at__isnull=True).exists(),
    ),
    Step(
        "contacts:groups",
        "contacts.add_group",
        "people",
        _("Make a group"),
        _("A group says who gets a mailing."),
        _("Open groups"),
        lambda: Group.objects.exists(),
    ),
    Step(
        "campaigns:new",
        "campaigns.add_mailing",
        "send",
        _("Write the first mailing"),
        _("Choose groups, write the text, see number and cost before anything goes out."),
        _("New SMS"),
        lambda: Mailing.objects.exists(),
    ),
    Step(
        "admin:accounts_user_add",
        "accounts.add_user",
        "person-plus",
        _("Make accounts for your colleagues"),
        _("Each gets a role: it says what they see and do."),
        _("Add user"),
        lambda: User.objects.count() > 1,
    ),
    Step(
        "contacts:list",
        "contacts.view_contact",
        "person-lines-fill",
        _("Look around"),
        _("Each contact has a history of every text that was sent."),
        _("Open contacts"),
        lambda: False,
    ),
)


def for_person(request: HttpRequest) -> list[tuple[Step, str]]:
    """Steps that are open for this person, with their addresses; empty once work has begun."""
    open_steps = [(step, url) for step in STEPS if request.user.has_perm(step.permission) and (url := _address(step.url_name)) and not step.is_done()]
    return open_steps if len(open_steps) > 1 or not Mailing.objects.exists() else []


def _address(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""
