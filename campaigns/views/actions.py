"""What can be done to a mailing from lists and from its page: a table, a question with the numbers, one POST."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from campaigns.models import Mailing
from campaigns.services import copies, figures, mailings, putting_away, recount, standing
from campaigns.services.errors import CampaignError
from campaigns.statuses import DRAFTS, MailingStatus
from smsapp.common.bidi import isolated
from smsapp.common.readable import number

S = MailingStatus


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked before a loss: both answers are named by what they do."""

    title: str
    yes: str
    no: str
    sentence: str = ""
    consequences: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Action:
    """An entry of the menu: who may, in which states, and whether it asks first."""

    name: str
    label: Any
    icon: str
    permission: str
    statuses: frozenset[MailingStatus]
    done: Any
    ask: Callable[[Mailing], Question] | None = None
    archived: frozenset[bool] = frozenset({False})
    danger: bool = False
    leads: bool = False  # to a page of its own, at the same address
    by_hand: bool = False  # only to what a person made
    recounting: bool | None = None  # only while its recipients are recalculated to be sent, or only while they are not

    @property
    def asks(self) -> bool:
        """Whether a question comes first; templates would call `ask` itself."""
        return self.ask is not None

    def fits(self, mailing: Mailing) -> bool:
        """Whether the mailing is where this can be done."""
        at_the_right_time = self.recounting is None or self.recounting == recount.is_under_way(mailing)
        for_it = not (self.by_hand and mailing.is_made)
        return mailing.status in self.statuses and mailing.archived in self.archived and at_the_right_time and for_it

    def allowed(self, user: Any, mailing: Mailing) -> bool:
        """Whether this person may: calling off what was confirmed takes the right to confirm."""
        return user.has_perm(_LAUNCH if self.name == "stop" and recount.is_under_way(mailing) else self.permission)

    def url(self, mailing: Mailing) -> str:
        """Where it asks (GET) and acts (POST)."""
        return reverse("campaigns:act", args=[mailing.pk, self.name])


def _ask_cancel(mailing: Mailing) -> Question:
    now = figures.of(mailing)
    waiting = now.waiting
    gone = now.total - waiting - now.cancelled - now.skipped - now.failed
    return Question(
        title=ngettext("Cancel the %(count)s text not yet gone?", "Cancel the %(count)s texts not yet gone?", waiting) % {"count": number(waiting)},
        yes=ngettext("Cancel %(count)s text", "Cancel %(count)s texts", waiting) % {"count": number(waiting)},
        no=_("Leave it as it is") if mailing.status != S.SENDING else _("Keep sending"),
        sentence=_("A cancelled mailing cannot be resumed. Pause instead if you only want to check something."),
        consequences=[
            (waiting, ngettext("person will not get this text", "people will not get this text", waiting)),
            (gone, ngettext("text is gone and cannot be called back", "texts are gone and cannot be called back", gone)),
        ],
    )


def _ask_delete(mailing: Mailing) -> Question:
    return Question(
        title=_("Delete the draft “%(name)s”?") % {"name": isolated(mailing.name)},
        yes=_("Delete the draft"),
        no=_("Keep the draft"),
        sentence=_("Nobody was texted. A deleted draft cannot be brought back."),
    )


def _ask_take_back(mailing: Mailing) -> Question:
    waiting = figures.of(mailing).total
    return Question(
        title=_("Take “%(name)s” back to draft?") % {"name": isolated(mailing.name)},
        yes=_("Take back to draft"),
        no=_("Keep it scheduled") if mailing.status == S.SCHEDULED else _("Keep the plan"),
        sentence=_("Nothing is sent. You can change it, and it is prepared again before it can go out."),
        consequences=[(waiting, ngettext("text waits no longer", "texts wait no longer", waiting))],
    )


_LAUNCH, _CHANGE = "campaigns.launch_mailing", "campaigns.change_mailing"
_BOTH = frozenset({True, False})
_ALL = (
    Action("pause", _("Pause"), "pause-fill", _LAUNCH, frozenset({S.SENDING, S.SCHEDULED}), _("“%(name)s” is paused.")),
    Action("hold", _("Pause"), "pause-fill", _LAUNCH, frozenset({S.PREPARING}), _("“%(name)s” waits for somebody once its plan is made."), recounting=True),
    Action("resume", _("Resume"), "play-fill", _LAUNCH, frozenset({S.PAUSED}), _("“%(name)s” goes on.")),
    Action("reschedule", _("Change the time"), "clock", _LAUNCH, frozenset({S.SCHEDULED}), "", leads=True),
    Action("give-up", _("Give up after"), "hourglass-split", _LAUNCH, frozenset({S.SENDING, S.PAUSED}), "", leads=True),
    Action(
        "take-back", _("Take back to draft"), "arrow-counterclockwise", _LAUNCH, frozenset({S.SCHEDULED}), _("“%(name)s” is a draft again."), _ask_take_back
    ),
    Action("stop", _("Stop preparing"), "stop-fill", _CHANGE, frozenset({S.PREPARING}), _("“%(name)s” is a draft again.")),
    Action(
        "cancel",
        _("Cancel the rest"),
        "x-lg",
        _LAUNCH,
        frozenset({S.READY, S.SCHEDULED, S.SENDING, S.PAUSED}),
        _("“%(name)s” is cancelled."),
        _ask_cancel,
        danger=True,
    ),
    Action("copy", _("Copy"), "copy", "campaigns.add_mailing", frozenset(S), _("“%(name)s” is a new draft."), archived=_BOTH),
    Action("archive", _("Archive"), "archive", _CHANGE, frozenset({S.FINISHED, S.CANCELLED}), _("“%(name)s” is in the archive.")),
    Action("restore", _("Take out of the archive"), "archive", _CHANGE, frozenset(S), _("“%(name)s” is back in the lists."), archived=frozenset({True})),
    Action(
        "delete", _("Delete draft"), "trash3", "campaigns.delete_mailing", frozenset(DRAFTS), _("The draft “%(name)s” is deleted."), _ask_delete, danger=True,
        by_hand=True, recounting=False,
    ),
)
ACTIONS = {action.name: action for action in _ALL}
OF_THE_REST = ("cancel", "give-up")

_DO: dict[str, Callable[..., Any]] = {
    "pause": lambda mailing, by: mailings.pause(mailing, by),
    "hold": lambda mailing, by: recount.hold(mailing, by),
    "resume": lambda mailing, by: mailings.resume(mailing, by),
    "take-back": lambda mailing, by: mailings.take_back(mailing, by, only_from=(S.SCHEDULED,)),
    "stop": lambda mailing, by: mailings.take_back(mailing, by, only_from=(S.PREPARING,)),
    "cancel": lambda mailing, by: mailings.cancel(mailing, by),
    "copy": lambda mailing, by: copies.copy(mailing, by),
    "archive": lambda mailing, by: putting_away.archive(mailing, by),
    "restore": lambda mailing, by: putting_away.archive(mailing, by, archived=False),
    "delete": lambda mailing, by: putting_away.delete(mailing, by),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """An action on one mailing, ready for a template."""

    action: Action
    href: str
    label: Any


def available(mailing: Mailing, user: Any, *, waiting: int) -> list[Offer]:
    """What this person may do to this mailing now, with so many texts of it `waiting` to leave: without any there is nothing to cancel or give up."""
    fitting = [action for action in _ALL if action.fits(mailing) and action.allowed(user, mailing) and (waiting or action.name not in OF_THE_REST)]
    return [Offer(action, action.url(mailing), _label(action, mailing)) for action in fitting]


def _label(action: Action, mailing: Mailing) -> Any:
    """There is no rest where nothing has left."""
    return _("Cancel the mailing") if action.name == "cancel" and mailing.started_at is None else action.label


def first_step(mailing: Mailing, user: Any) -> tuple[Any, str]:
    """(label, address) of what a row leads to: the draft's step for those who write, else the mailing's page."""
    if mailing.status in DRAFTS and user.has_perm("campaigns.change_mailing"):
        return _("Continue"), continue_at(mailing)
    return _("Report"), reverse("campaigns:mailing", args=[mailing.pk])


def continue_at(mailing: Mailing) -> str:
    """The step where a draft is best taken up again."""
    if mailing.status in (S.PREPARING, S.READY, S.ERROR):
        return reverse("campaigns:plan", args=[mailing.pk])
    chosen = mailing.text or mailing.include_groups.exists() or mailing.include_mailings.exists()
    return reverse("campaigns:content" if chosen else "campaigns:recipients", args=[mailing.pk])


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Ask (GET) or do (POST) one action on one mailing."""
    wanted = ACTIONS.get(action)
    if wanted is None or wanted.leads:
        raise Http404
    if not request.user.has_perm(wanted.permission):
        raise PermissionDenied
    mailing = get_object_or_404(Mailing, pk=pk)
    if not wanted.allowed(request.user, mailing):
        raise PermissionDenied
    if not wanted.fits(mailing):
        messages.error(request, (wanted.by_hand and putting_away.why_kept(mailing)) or standing.told(mailing))
        return redirect("campaigns:mailing", mailing.pk)
    if wanted.name == "cancel" and not figures.of(mailing).waiting:
        messages.error(request, mailings.nothing_to_cancel().message)
        return redirect("campaigns:mailing", mailing.pk)
    if request.method == "GET":
        return _ask(request, mailing, wanted)
    return _do(request, mailing, wanted)


def _ask(request: HttpRequest, mailing: Mailing, action: Action) -> HttpResponse:
    title = f"{action.label}: {mailing.name}"
    question = action.ask(mailing) if action.ask else Question(title=title, yes=str(action.label), no=_("Leave it as it is"))
    template = "campaigns/_confirm.html" if request.htmx else "campaigns/confirm.html"  # type: ignore[attr-defined]
    return render(request, template, {"question": question, "action": action, "mailing": mailing, "url": action.url(mailing)})


def _do(request: HttpRequest, mailing: Mailing, action: Action) -> HttpResponse:
    try:
        result = _DO[action.name](mailing, by=request.user)
    except CampaignError as error:
        messages.error(request, error.message)
        return redirect("campaigns:mailing", mailing.pk)
    made = result if isinstance(result, Mailing) else mailing
    messages.success(request, str(action.done) % {"name": isolated(made.name)})
    return redirect(_after(mailing, action, made))


def _after(mailing: Mailing, action: Action, made: Mailing) -> str:
    if action.name == "delete":
        return reverse("campaigns:drafts")
    if action.name == "copy":
        return reverse("campaigns:recipients", args=[made.pk])
    if action.name in ("take-back", "stop"):
        return reverse("campaigns:content", args=[mailing.pk])
    return reverse("campaigns:mailing", args=[mailing.pk])
