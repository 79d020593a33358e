"""What stands in the list of marketing activities, and where each may stand: one vocabulary over that of campaigns, mailings and workflows."""

from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from campaigns import wording as mailing_words
from campaigns.phases import Phase
from campaigns.statuses import MailingStatus as M
from workflows import wording
from workflows.models.recurring import ONGOING
from workflows.states import WARNING
from workflows.states import WorkflowState as W


class Kind(TextChoices):
    """Kinds of activities. SEND is one mailing of a recurring execution: shown by itself only where somebody asks for it."""

    CAMPAIGN = "campaign", _("Campaign")
    MAILING = "mailing", _("Mailing")
    RECURRING = "recurring", _("Recurring SMS")
    EXECUTION = "execution", _("Recurring execution")
    SEND = "send", _("Send of an execution")
    WORKFLOW = "workflow", _("Workflow")

    @property
    def icon(self) -> str:
        """Its picture."""
        return ICONS[self]


ICONS = {
    Kind.CAMPAIGN: "collection", Kind.MAILING: "send", Kind.RECURRING: "arrow-repeat", Kind.EXECUTION: "calendar-range", Kind.SEND: "send",
    Kind.WORKFLOW: "diagram-3",
}  # fmt: skip
MANY = {
    Kind.CAMPAIGN: _("Campaigns"), Kind.MAILING: _("Mailings"), Kind.RECURRING: _("Recurring SMS"), Kind.EXECUTION: _("Recurring executions"),
    Kind.SEND: _("Sends of executions"), Kind.WORKFLOW: _("Workflows"),
}  # fmt: skip
RIGHTS = dict.fromkeys(Kind, "campaigns.view_mailing") | {Kind.CAMPAIGN: "campaigns.view_campaign", Kind.WORKFLOW: "workflows.view_workflow"}
HIDDEN = frozenset({Kind.EXECUTION, Kind.SEND})  # until somebody ticks *Show recurring executions*
PUT_AWAY = frozenset({Kind.CAMPAIGN, Kind.MAILING, Kind.SEND, Kind.WORKFLOW})  # what can be archived


def seen_by(user: Any) -> list[Kind]:
    """The kinds that this person may look at."""
    return [kind for kind in Kind if user.has_perm(RIGHTS[kind])]


class Stand(TextChoices):
    """Where an activity of any kind stands: the colours of the states, in words."""

    EDITING = "editing", _("Draft or editing")
    GOING_ON = "going", _("In progress")
    DONE = "done", _("Finished")
    WARNING = "warning", _("Warning")
    ERROR = "error", _("Error")
    ENDED = "ended", _("Cancelled or stopped")
    ARCHIVED = "archived", _("Archived")


_MAILINGS = {
    Stand.EDITING: {M.DRAFT}, Stand.GOING_ON: {M.PREPARING, M.SCHEDULED, M.SENDING}, Stand.DONE: {M.FINISHED}, Stand.WARNING: {M.READY, M.PAUSED},
    Stand.ERROR: {M.ERROR}, Stand.ENDED: {M.CANCELLED},
}  # fmt: skip
_WORKFLOWS = {
    Stand.EDITING: {W.EDITING}, Stand.GOING_ON: {W.RUNNING}, Stand.DONE: {W.FINISHED}, Stand.WARNING: {W.PAUSED, WARNING},
    Stand.ERROR: {W.ERROR}, Stand.ENDED: {W.STOPPED},
}  # fmt: skip
_CAMPAIGNS = {Stand.EDITING: {Phase.COMING, Phase.UNDATED}, Stand.GOING_ON: {Phase.RUNNING}, Stand.DONE: {Phase.OVER}}
_EXECUTIONS = _MAILINGS | {Stand.GOING_ON: _MAILINGS[Stand.GOING_ON] | {ONGOING}}
_STANDS: dict[Kind, Any] = {
    Kind.CAMPAIGN: _CAMPAIGNS, Kind.MAILING: _MAILINGS, Kind.SEND: _MAILINGS, Kind.EXECUTION: _EXECUTIONS, Kind.RECURRING: _WORKFLOWS,
    Kind.WORKFLOW: _WORKFLOWS,
}  # fmt: skip
LOOKS: dict[Kind, dict[str, mailing_words.State]] = {
    Kind.CAMPAIGN: mailing_words.PHASES, Kind.MAILING: mailing_words.MAILINGS, Kind.SEND: mailing_words.MAILINGS,
    Kind.EXECUTION: mailing_words.MAILINGS | {ONGOING: wording.WORKFLOWS[W.RUNNING]}, Kind.RECURRING: wording.WORKFLOWS, Kind.WORKFLOW: wording.WORKFLOWS,
}  # fmt: skip
EXACT = (Kind.CAMPAIGN, Kind.MAILING, Kind.WORKFLOW)  # whose own states can be asked for, too


def states_of(kind: Kind, status: str) -> set[str] | None:
    """The states of a kind that a choice of the search pane means; None where none of its kind can stand there.

    `mailing:sending` asks for one exactly: found is what shows it, an execution too.
    """
    of, _colon, state = status.partition(":")
    if state:
        asked = LOOKS[Kind(of)].get(state) if of in Kind.values else None
        return {code for code, look in LOOKS[kind].items() if look is asked} or None
    return {str(found) for found in _STANDS[kind].get(status, ())} or None


def statuses() -> list[tuple[Any, Any]]:
    """Choices of the search pane: where any kind may stand, then the states of each."""
    exact = [(MANY[kind], [(f"{kind}:{state.code}", state.label) for state in LOOKS[kind].values()]) for kind in EXACT]
    return [*Stand.choices, *exact]
