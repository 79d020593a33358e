"""Whom a mailing chooses: groups, and the recipients of earlier mailings, on two sides."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from campaigns import slots
from campaigns.models import Mailing, Message
from campaigns.statuses import ACCEPTED, MailingStatus
from contacts.audience import Audience, Ids
from contacts.models import Group

Part = Group | Mailing
_KEY = re.compile(r"(m?)([0-9]{1,18})", re.ASCII)
CHOOSABLE = (MailingStatus.FINISHED, MailingStatus.CANCELLED)  # nobody joins their recipients any more


@dataclass(frozen=True, slots=True)
class Choice:
    """Ids of the groups and earlier mailings on both sides; true when somebody is included."""

    include_groups: Sequence[int] = ()
    exclude_groups: Sequence[int] = ()
    include_mailings: Sequence[int] = ()
    exclude_mailings: Sequence[int] = ()
    populations: Sequence[int] = ()  # included as groups are: see campaigns.slots.populations

    @classmethod
    def of(cls, mailing: Mailing) -> "Choice":
        """What a mailing's row remembers."""
        sides = (mailing.include_groups, mailing.exclude_groups, mailing.include_mailings, mailing.exclude_mailings)
        found = cls(*[list(side.order_by("id").values_list("id", flat=True)) for side in sides])
        return found if mailing.population is None else replace(found, populations=[mailing.population])

    @classmethod
    def read(cls, include: Iterable[str], exclude: Iterable[str]) -> "Choice":
        """From keys as `split` reads them."""
        (include_groups, include_mailings), (exclude_groups, exclude_mailings) = split(include), split(exclude)
        return cls(include_groups, exclude_groups, include_mailings, exclude_mailings)

    def __bool__(self) -> bool:
        return bool(self.include_groups or self.include_mailings or self.populations)

    def audience(self) -> Audience:
        """The contacts behind it."""
        include = [*recipients(self.include_mailings), *people_of(self.populations)]
        return Audience(self.include_groups, self.exclude_groups, include, recipients(self.exclude_mailings))

    def taken_out_by(self, key: str) -> "Choice":
        """The same included side with one excluded part only."""
        groups, mailings = split([key])
        return replace(self, exclude_groups=groups, exclude_mailings=mailings)

    @property
    def all_groups(self) -> list[int]:
        """Of both sides."""
        return [*self.include_groups, *self.exclude_groups]


def split(keys: Iterable[str]) -> tuple[list[int], list[int]]:
    """Ids of groups and of mailings among keys as forms and addresses write them: "12" is a group, "m12" a mailing. Nonsense is left out."""
    found = [match for key in dict.fromkeys(keys) if (match := _KEY.fullmatch(key))]
    return [int(match[2]) for match in found if not match[1]], [int(match[2]) for match in found if match[1]]


def key_of(part: Part) -> str:
    """How forms and addresses write a part."""
    return str(part.pk) if isinstance(part, Group) else f"m{part.pk}"


def parts_with(keys: Iterable[str]) -> list[Part]:
    """The groups by name, then the mailings, newest first, that exist."""
    groups, mailings = split(keys)
    return [*Group.objects.filter(id__in=groups), *Mailing.objects.filter(id__in=mailings).order_by("-id")]


def parts_of(mailing: Mailing) -> dict[str, list[Part]]:
    """Groups and mailings that a mailing includes and excludes, for people to read."""
    return {
        "included": [*mailing.include_groups.all(), *mailing.include_mailings.order_by("-id")],
        "excluded": [*mailing.exclude_groups.all(), *mailing.exclude_mailings.order_by("-id")],
    }


def people_of(populations: Sequence[int]) -> list[Ids]:
    """Contacts of these populations, as queries of ids."""
    return [ids for known in slots.populations for ids in known(populations)] if populations else []


def recipients(mailing_ids: Sequence[int]) -> list[Ids]:
    """Contacts whom these mailings texted, as queries of ids: those whose text a gateway accepted, or may have; not the skipped, cancelled and refused.

    Recipients who were merged since come as who they became too.
    """
    if not mailing_ids:
        return []
    texted = Message.objects.filter(mailing_id__in=list(mailing_ids), status__in=ACCEPTED)
    return [texted.values("contact_id"), texted.filter(contact__merged_into__isnull=False).values("contact__merged_into_id")]
