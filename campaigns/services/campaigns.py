"""Campaigns: making, changing, archiving, deleting. Mailings are filed under them in services.filing."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Campaign, Mailing
from campaigns.questions import CAMPAIGN
from campaigns.services import names
from campaigns.services.errors import CampaignError
from contacts.smart.nesting import groups_that_read
from smsapp.common import audit
from smsapp.common.bidi import isolated
from smsapp.common.readable import number


@transaction.atomic
def create(name: str, *, description: str = "", starts_on: date | None = None, ends_on: date | None = None) -> Campaign:
    """A new campaign. Raises CampaignError `no_campaign_name`, `name_taken` or `backwards`."""
    _check_days(starts_on, ends_on)
    return Campaign.objects.create(name=_free(name), description=description.strip(), starts_on=starts_on, ends_on=ends_on)


@transaction.atomic
def change(campaign: Campaign, *, seen: datetime, name: str, description: str = "", starts_on: date | None = None, ends_on: date | None = None) -> Campaign:
    """Another name, description or other dates. `seen` is when what the person saw was changed last: CampaignError `changed` if it was since."""
    row = _locked(campaign)
    if row.updated_at != seen:
        raise CampaignError("changed", _("Somebody changed “%(name)s” meanwhile.") % {"name": isolated(row.name)})
    _check_days(starts_on, ends_on)
    row.name, row.description, row.starts_on, row.ends_on = _free(name, but=row), description.strip(), starts_on, ends_on
    row.save()
    return row


@transaction.atomic
def archive(campaign: Campaign, *, archived: bool = True) -> Campaign:
    """Offer it no longer, or again. What is filed under it stays there."""
    row = _locked(campaign)
    row.archived = archived
    row.save(update_fields=["archived", "updated_at"])
    return row


@transaction.atomic
def delete(campaign: Campaign) -> None:
    """For good; only a campaign that nothing leads to (CampaignError `used`)."""
    row = _locked(campaign)
    if why := why_kept(row):
        raise CampaignError("used", why)
    row.delete()


def why_kept(campaign: Campaign) -> str:
    """Why a campaign must not be deleted, in words; empty when nothing leads to it."""
    if filed := Mailing.objects.filter(campaign=campaign).count():
        words = ngettext(
            "%(n)s mailing is filed under “%(name)s”. File it elsewhere first, or archive the campaign.",
            "%(n)s mailings are filed under “%(name)s”. File them elsewhere first, or archive the campaign.", filed,
        )  # fmt: skip
        return words % {"n": number(filed), "name": isolated(campaign.name)}
    if readers := groups_that_read(CAMPAIGN, campaign.pk):
        listed = ", ".join(_("“%(text)s”") % {"text": isolated(group.name)} for group in readers)
        return _("The rules of these smart groups ask for it: %(groups)s. Change them first, or archive the campaign.") % {"groups": listed}
    return ""


def hold(campaign: Campaign | None) -> None:
    """Keep it from being deleted or archived until the transaction ends; CampaignError `gone` when it was deleted meanwhile."""
    if campaign is not None:
        _locked(campaign, no_key=True)


def note_filed(mailing: Mailing, before: Campaign | None, now: Campaign | None, by: Any) -> None:
    """Write down where a mailing was filed and where it is, if that is elsewhere."""
    if before != now:
        audit.note(mailing, "filed", by, campaign=now or _("no campaign"), before=before or _("no campaign"))


def _locked(campaign: Campaign, *, no_key: bool = False) -> Campaign:
    row = Campaign.objects.select_for_update(no_key=no_key).filter(pk=campaign.pk).first()
    if row is None:
        raise CampaignError("gone", _("The campaign “%(name)s” was deleted meanwhile. Choose another one.") % {"name": isolated(campaign.name)})
    return row


def _check_days(starts_on: date | None, ends_on: date | None) -> None:
    if starts_on and ends_on and ends_on < starts_on:
        raise CampaignError("backwards", _("The campaign ends before it starts. Change one of the dates."))


def _free(name: str, *, but: Campaign | None = None) -> str:
    """The name without blanks around it, when no other campaign has it in any spelling."""
    name = names.tidy(name)
    if not any(letter.isprintable() and not letter.isspace() for letter in name):
        raise CampaignError("no_campaign_name", _("Give the campaign a name, for example “Spring season”."))
    if other := names.holder(Campaign.objects.all(), name, but=but):
        taken = _("There is a campaign “%(name)s” already. Use that one, or choose another name.")
        kept = _("The archive has a campaign “%(name)s”. Choose another name, or use that one again.")
        raise CampaignError("name_taken", (kept if other.archived else taken) % {"name": isolated(other.name)})
    return name
