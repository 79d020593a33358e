"""A draft that somebody else saved while a person was writing: what is kept now beside the person's own words, which stay in the form."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from campaigns import difference, wording
from campaigns.audience import Part, parts_of
from campaigns.forms.content import ContentForm
from campaigns.forms.recipients import RecipientsForm
from campaigns.models import Mailing
from campaigns.services import changes
from campaigns.services.errors import CampaignError
from campaigns.texts import Texts

Fact = tuple[Any, Any]  # label, what is kept now


@dataclass(frozen=True, slots=True)
class Clash:
    """Who changed what, and where the form says something else: saving it again is a choice made with open eyes."""

    told: str
    facts: list[Fact]
    texts: list[dict[str, Any]] = field(default_factory=list)  # as _difference.html reads them

    def __bool__(self) -> bool:
        """Whether anything on this page would be replaced."""
        return bool(self.facts or self.texts)


def in_recipients(error: CampaignError, mailing: Mailing, form: RecipientsForm, reader: Any) -> Clash | None:
    """Of step 1. The form is then about the draft as it is now; a campaign that the person did not touch follows the draft."""
    if error.code != "draft_changed":
        return None
    told, mine = _told(mailing, form, reader), form.cleaned_data
    if not mine.get("new_campaign") and (mine["campaign"].pk if mine["campaign"] else None) == mine["filed_under"]:
        mine["campaign"] = mailing.campaign
    form.fields["campaign"].offer(mailing.campaign_id)  # type: ignore[attr-defined]
    _say_again(form, campaign=mine["campaign"].pk if mine["campaign"] else "", filed_under=mailing.campaign_id or "")
    sides = parts_of(mailing)
    kept = [
        (form["name"].label, mailing.name, mailing.name != mine["name"].strip()),
        (form["campaign"].label, mailing.campaign or _("No campaign"), bool(mine.get("new_campaign")) or mailing.campaign != mine["campaign"]),
        (_("Included"), _names(sides["included"]), set(sides["included"]) != set(mine["include"])),
        (_("Excluded"), _names(sides["excluded"]), set(sides["excluded"]) != set(mine["exclude"])),
    ]
    return Clash(told, [(label, words) for label, words, differs in kept if differs])


def in_content(error: CampaignError, mailing: Mailing, form: ContentForm, reader: Any) -> Clash | None:
    """Of step 2."""
    if error.code != "draft_changed":
        return None
    told, mine = _told(mailing, form, reader), form.cleaned_data
    facts: list[Fact] = []
    if (mine["origin"] or (None, "")) != (mailing.provider, mailing.sender):
        facts.append((form["origin"].label, ", ".join(str(part) for part in (mailing.sender, mailing.provider) if part) or "–"))
    if (mine["kind"] or mailing.kind) != mailing.kind:
        facts.append((form["kind"].label, mailing.get_kind_display()))
    if (mine.get("max_segments") or mailing.max_segments) != mailing.max_segments:
        facts.append((form["max_segments"].label, mailing.max_segments))
    if mine["series"] != mailing.series:
        facts.append((form["series"].label, mailing.series or "–"))
    rows = [row for row in difference.of_texts(Texts.of(mailing), form.texts) if row.changed]
    return Clash(told, facts, [{"language": wording.language(row.language), "parts": row.parts, "changed": True} for row in rows])


def _told(mailing: Mailing, form: Any, reader: Any) -> str:
    """Read the draft as it is now, and make the form one about it; who changed what since the person's own version."""
    mailing.refresh_from_db()
    _say_again(form, version=mailing.version)
    return changes.told(mailing, form.cleaned_data["version"] or 0, reader)


def _say_again(form: Any, **values: Any) -> None:
    """The same form with a few other values in its fields."""
    form.data = form.data.copy()
    for name, value in values.items():
        form.data[name] = str(value)


def _names(parts: list[Part]) -> str:
    return ", ".join(part.name for part in parts) or "–"
