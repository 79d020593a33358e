"""The life of a mailing as people steer it: create, fill in, prepare, confirm, pause, resume, cancel."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.audience import CHOOSABLE, Part
from campaigns.models import Mailing
from campaigns.services import bells, blockers, campaigns, changes, figures, moments, prepared, standing, templates, transitions
from campaigns.services import recount as recounts
from campaigns.services.errors import CampaignError
from campaigns.statuses import DRAFTS, MailingStatus
from campaigns.texts import Texts
from contacts.models import Group
from contacts.smart import due
from smsapp.common import audit
from smsapp.common.bidi import isolated

Status = MailingStatus


def create(author: Any, name: str, *, campaign: Any = None, include: Sequence[Part] = (), exclude: Sequence[Part] = ()) -> Mailing:
    """A new draft; each side holds groups and earlier mailings."""
    check_recipients(name, include, exclude)
    with transaction.atomic():
        campaigns.hold(campaign)
        mailing = Mailing.objects.create(author=author, name=name.strip(), campaign=campaign)
        _choose(mailing, include, exclude)
    return mailing


def save_recipients(
    mailing: Mailing, *, by: Any, version: int, name: str, campaign: Any = None, refile: bool = True, include: Sequence[Part] = (), exclude: Sequence[Part] = ()
) -> Mailing:
    """Step 1; without `refile` it stays in its campaign, wherever that is by now.

    Raises CampaignError `changed` when somebody else saved meanwhile, `locked` once it was launched.
    """
    check_recipients(name, include, exclude)

    def fill(row: Mailing) -> None:
        row.name = name.strip()
        if refile:
            campaigns.hold(campaign)
            campaigns.note_filed(row, row.campaign, campaign, by)
            row.campaign = campaign
        _choose(row, include, exclude)

    return _edit(mailing, by, version, fill)


def save_content(
    mailing: Mailing, *, by: Any, version: int, provider: Any, sender: str, texts: Texts, template: Any = None, max_segments: int = 1, kind: str | None = None,
    series: str | None = None,
) -> Mailing:
    """Step 2; a half-done text is kept, and `missing` says what it lacks. Raises CampaignError as `save_recipients`."""

    def fill(row: Mailing) -> None:
        row.template_version = _version_used(row, template, texts)
        row.provider, row.sender, row.template, row.max_segments, row.kind = provider, sender, template, max_segments, kind or row.kind
        row.series = row.series if series is None else series
        row.text, row.language, row.translations = texts.text, texts.language, dict(texts.translations)

    return _edit(mailing, by, version, fill)


def _version_used(row: Mailing, template: Any, texts: Texts) -> Any:
    """The version of its template that a text was made from: the one that says it; for a text changed by hand the one chosen before, else the newest."""
    if template is None:
        return None
    before = row.template_version if row.template_id == template.pk else None
    return templates.version_of(template, texts) or before or templates.current_version(template)


def _choose(row: Mailing, include: Sequence[Part], exclude: Sequence[Part]) -> None:
    row.include_groups.set([part for part in include if isinstance(part, Group)])
    row.exclude_groups.set([part for part in exclude if isinstance(part, Group)])
    row.include_mailings.set([part for part in include if isinstance(part, Mailing)])
    row.exclude_mailings.set([part for part in exclude if isinstance(part, Mailing)])


def check_recipients(name: str, include: Sequence[Part], exclude: Sequence[Part]) -> None:
    """Raises CampaignError `no_name`, `both_sides` or `not_finished`."""
    if not name.strip():
        raise CampaignError("no_name", _("Give the SMS a name. It becomes the subject in each contact's history."))
    for part in sorted({*include} & {*exclude}, key=str):
        raise CampaignError("both_sides", _("“%(group)s” is included and excluded. Remove it from one side.") % {"group": isolated(part.name)})
    for part in (*include, *exclude):
        if isinstance(part, Mailing) and part.status not in CHOOSABLE:
            words = _("“%(name)s” has not finished yet, so its recipients are not known. Choose it later.")
            raise CampaignError("not_finished", words % {"name": isolated(part.name)})
        if isinstance(part, Mailing) and part.purged_at:
            raise CampaignError("purged", blockers.purged_words(part))


@transaction.atomic
def _edit(mailing: Mailing, by: Any, version: int, fill: Callable[[Mailing], None]) -> Mailing:
    row = Mailing.objects.select_for_update().get(id=mailing.id)
    if row.status not in DRAFTS or recounts.is_under_way(row):
        raise CampaignError("locked", _("This mailing was launched and can no longer be changed. Copy it to start from its text."))
    if row.version != version:
        again = _("Look at what is there now, then make your change again.")
        raise CampaignError("draft_changed", f"{changes.told(row, version, by)} {again}")
    before = changes.facts(row)
    fill(row)
    row.version = version + 1
    row.save()
    changes.note(row, row.version, by, changes.different(before, changes.facts(row)))
    _back_to_draft(row, by)
    row.refresh_from_db()
    return row


NOTHING_YET: dict[str, Any] = {"prepared_up_to": 0, "targeted": 0, "audience_size": 0, "plan": {}, "planned": {}, "confirmed_at": None, "confirmed_by": None,
                               "give_up_after": None, "expires_at": None}  # fmt: skip


def _back_to_draft(row: Mailing, by: Any) -> None:
    if row.status != Status.DRAFT:
        transitions.move_mailing(row.id, Status.DRAFT, by=by, scheduled_at=None, **NOTHING_YET)


@transaction.atomic
def prepare(mailing: Mailing, by: Any) -> Mailing:
    """Start the preparation of a draft in the background; a mailing that is being prepared or is ready stays as it is."""
    mailing.refresh_from_db()
    _check_not_archived(mailing)
    if mailing.status == Status.ERROR:
        _back_to_draft(mailing, by)
    if found := blockers.missing(mailing):
        raise CampaignError(*found[0])
    if transitions.move_mailing(mailing.id, Status.PREPARING, by=by, only_from=[Status.DRAFT], prepared_up_to=0, preparation=uuid4()):
        bells.ring_preparation(mailing.id)
    mailing.refresh_from_db()
    return mailing


@transaction.atomic
def prepare_anew(mailing: Mailing, by: Any) -> Mailing:
    """Make the plan of a prepared mailing once more, of the people there are now."""
    row = Mailing.objects.select_for_update().get(id=mailing.id)
    if row.status == Status.READY:
        _back_to_draft(row, by)
    return prepare(mailing, by)


def set_rest(mailing: Mailing, by: Any, hours: int | None, *, version: int) -> Mailing:
    """Leave out who was texted within so many hours (None: nobody), and make the plan anew. Raises CampaignError as `save_recipients`."""

    def fill(row: Mailing) -> None:
        row.rest_hours = hours

    with transaction.atomic():
        return prepare(_edit(mailing, by, version, fill), by)


def _check_not_archived(mailing: Mailing) -> None:
    if mailing.archived:
        raise CampaignError("archived", _("This mailing is in the archive. Take it out of the archive first."))


@transaction.atomic
def confirm(
    mailing: Mailing, by: Any, at: datetime | None = None, *, version: int | None = None, recount: bool = False, give_up_after: int | None = None
) -> Mailing:
    """Launch a prepared mailing now, or at a time to come. Twenty clicks launch it once; the others learn who was first.

    `version` is the one that the person saw: a plan that somebody changed meanwhile is not launched (CampaignError `changed`).
    `recount`: at its time the recipients are looked up once more. What has not left so many hours after it began is given up.
    """
    row = Mailing.objects.select_for_update().get(id=mailing.id)
    row.recount = recount and at is not None
    if version is not None and row.version != version:
        raise CampaignError("draft_changed", f"{changes.told(row, version, by)} {_('Look at the plan once more.')}")
    _check_not_archived(row)
    if row.status not in (Status.READY,):
        raise CampaignError("not_ready", not_ready(row))
    moments.check_to_come(at)
    prepared.check_day(row, at, recount=row.recount)
    plan = prepared.plan_of(row)
    if found := blockers.before_sending(row, plan):
        raise CampaignError(*found[0])
    facts: dict[str, Any] = {"confirmed_at": timezone.now(), "confirmed_by": by, "scheduled_at": at, "recount": row.recount}
    row.give_up_after = facts["give_up_after"] = give_up_after
    facts["planned"] = plan.stored() if plan else {}
    if at is None:
        _send(row, by, **facts)
    else:
        transitions.move_mailing(row.id, Status.SCHEDULED, by=by, **facts)
    audit.note(row, "launched", by, at=at)
    row.refresh_from_db()
    return row


def not_ready(row: Mailing) -> str:
    """Why a mailing is not launched that somebody wants to launch: its plan is not made, somebody was first, or it is cancelled, with what was said of it."""
    if row.status == Status.CANCELLED:
        last = row.events.filter(status=Status.CANCELLED).select_related("author").order_by("-id").first()
        who = last.author if last and last.author else _("the console")
        words = _("“%(name)s” was cancelled by %(who)s meanwhile. Nothing more of it is sent.") % {"name": isolated(row.name), "who": who}
        return f"{words} {last.remark}".strip() if last else words
    if row.status in (Status.DRAFT, Status.PREPARING, Status.ERROR):
        return _("The plan is not ready yet. Wait until it is, then look at it once more.")
    who = row.confirmed_by or _("somebody")
    return _("This mailing was already launched by %(who)s. Nothing was sent twice.") % {"who": who}


def _send(row: Mailing, by: Any = None, **facts: Any) -> bool:
    if not transitions.move_mailing(row.id, Status.SENDING, by=by, **moments.of_beginning(row), **facts):
        return False
    for provider_id in transitions.release_chunks(row):
        bells.ring_bulk(provider_id)
    return True


@transaction.atomic
def start_due(mailing: Mailing) -> bool:
    """Start a scheduled mailing whose time has come; one caller wins."""
    row = Mailing.objects.select_for_update().filter(id=mailing.id, status=Status.SCHEDULED, scheduled_at__lte=Now()).first()
    if row is None:
        return False
    return recounts.begin(row) if row.recount else _send(row)


@transaction.atomic
def take_back(mailing: Mailing, by: Any, *, only_from: Sequence[str] = ()) -> Mailing:
    """A scheduled or prepared mailing becomes a draft again; stops a preparation that runs. `only_from` narrows the states it starts from."""
    row = Mailing.objects.select_for_update().get(id=mailing.id)
    if only_from and row.status not in only_from:
        raise standing.gone_on(row)
    if row.status not in (Status.SCHEDULED, Status.READY, Status.PREPARING, Status.ERROR, Status.DRAFT):
        raise CampaignError("started", _("Sending has begun: it can be paused or cancelled, no longer taken back."))
    _back_to_draft(row, by)
    audit.note(row, "taken back", by, before=row.status)
    return _fresh(mailing)


@transaction.atomic
def pause(mailing: Mailing, by: Any, reason: str = "") -> Mailing:
    """Stop starting texts; those in the gateway's hands are gone. Takes effect within seconds."""
    row = Mailing.objects.select_for_update().get(id=mailing.id)
    if not transitions.move_mailing(row.id, Status.PAUSED, by=by, note=reason, problem=reason, status_before_pause=row.status):
        raise CampaignError("not_moving", _("Only a scheduled or sending mailing can be paused."))
    transitions.hold_chunks(row)
    audit.note(row, "paused", by, reason=reason)
    return _fresh(mailing)


@transaction.atomic
def resume(mailing: Mailing, by: Any) -> Mailing:
    """Go back to where it was when it was paused."""
    row = Mailing.objects.select_for_update().get(id=mailing.id)
    if row.status != Status.PAUSED:
        raise CampaignError("not_paused", _("This mailing is not paused."))
    if row.status_before_pause == Status.SCHEDULED:
        transitions.move_mailing(row.id, Status.SCHEDULED, by=by)
    else:
        _send(row, by)
    audit.note(row, "resumed", by)
    return _fresh(mailing)


@transaction.atomic
def cancel(mailing: Mailing, by: Any, note: str = "") -> Mailing:
    """Nothing more is started, for good; what is gone stays gone. `note` is told in its story."""
    row = Mailing.objects.select_for_update().get(id=mailing.id)
    if row.status in (Status.SENDING, Status.PAUSED) and not figures.of(row).waiting:
        raise nothing_to_cancel()
    if not transitions.move_mailing(row.id, Status.CANCELLED, by=by, note=note, finished_at=timezone.now()):
        raise CampaignError("not_open", _("This mailing can no longer be cancelled."))
    transitions.cancel_chunks(row)
    due.texts_left()
    audit.note(row, "cancelled", by)
    bells.ring_finish()
    return _fresh(mailing)


def nothing_to_cancel() -> CampaignError:
    """To raise: `nothing_left`."""
    return CampaignError("nothing_left", _("Nothing is left to cancel: every text has left, or is leaving now."))


def _fresh(mailing: Mailing) -> Mailing:
    mailing.refresh_from_db()
    return mailing
