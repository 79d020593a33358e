"""States and reasons as screens show them: a word, a tone and an icon, everywhere the same three."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns import tokens
from campaigns.models.template import LANGUAGES
from campaigns.phases import Phase
from campaigns.statuses import MailingStatus
from contacts import eligibility
from providers import failures

Words = str | Promise
NO_REPORT_AFTER = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class State:
    """How a state looks: `fill` colours its part of a ribbon."""

    code: str
    label: Any
    tone: str
    icon: str
    fill: str = "grey"

    @property
    def css(self) -> str:
        """Class of the pill; grey needs none."""
        return f"is-{self.tone}" if self.tone else ""


_STAGES = (
    State("delivered", _("Delivered"), "green", "check2-all", "green"),
    State("sent", _("Sent"), "blue", "check2", "blue"),
    State("undelivered", _("Undelivered"), "red", "x-circle", "red"),
    State("failed", _("Failed"), "red", "x-octagon", "red"),
    State("unknown", _("Unknown"), "yellow", "question-circle", "yellow"),
    State("skipped", _("Skipped"), "", "slash-circle", "grey"),
    State("cancelled", _("Cancelled"), "", "dash-circle", "grey"),
    State("sending", _("Sending"), "blue", "send", "pale"),
    State("queued", _("Queued"), "", "hourglass-split", "none"),
    State("prepared", _("Prepared"), "", "file-earmark-check", "none"),
)
STAGES: dict[str, State] = {state.code: state for state in _STAGES}
SCHEDULED = State("scheduled", _("Scheduled"), "blue", "calendar-event")  # a one-off; of a mailing the mailing is
NO_REPORT = State("sent", _("No report"), "", "clock-history", "blue")
OF_SEVERAL: dict[str, State] = STAGES | {"sent": NO_REPORT}  # texts of several sends: "Sent" would read as all that left, not as those without a report
MOVING = frozenset({"prepared", "queued", "sending", "sent"})  # may still change by itself within minutes
FAILURES = ("undelivered", "failed", "unknown")
NOT_ARRIVED = ("undelivered", "failed", "unknown", "skipped")

_MAILINGS = (
    State(MailingStatus.DRAFT, _("Draft"), "", "pencil"),
    State(MailingStatus.PREPARING, _("Preparing"), "blue", "gear"),
    State(MailingStatus.READY, _("Waits for confirmation"), "yellow", "person-check"),
    State(MailingStatus.SCHEDULED, _("Scheduled"), "blue", "calendar-event"),
    State(MailingStatus.SENDING, _("Sending"), "blue", "send"),
    State(MailingStatus.PAUSED, _("Paused"), "yellow", "pause-circle"),
    State(MailingStatus.FINISHED, _("Finished"), "green", "check-circle"),
    State(MailingStatus.CANCELLED, _("Cancelled"), "", "x-lg"),
    State(MailingStatus.ERROR, _("Error"), "red", "exclamation-octagon"),
)
MAILINGS: dict[str, State] = {state.code: state for state in _MAILINGS}
AGAIN = State("again", _("Sending again"), "blue", "arrow-repeat")

PHASES: dict[str, State] = {
    Phase.RUNNING: State(Phase.RUNNING, Phase.RUNNING.label, "blue", "play-circle"),
    Phase.COMING: State(Phase.COMING, Phase.COMING.label, "", "calendar-event"),
    Phase.OVER: State(Phase.OVER, Phase.OVER.label, "green", "check-circle"),
    Phase.UNDATED: State(Phase.UNDATED, Phase.UNDATED.label, "", "calendar-x"),
}

EVENTS: dict[str, Any] = {
    MailingStatus.DRAFT: _("Back to draft"),
    MailingStatus.PREPARING: _("Preparation began"),
    MailingStatus.READY: _("Prepared"),
    MailingStatus.SCHEDULED: _("Scheduled"),
    MailingStatus.SENDING: _("Sending began"),
    MailingStatus.PAUSED: _("Paused"),
    MailingStatus.FINISHED: _("Finished"),
    MailingStatus.CANCELLED: _("Cancelled"),
    MailingStatus.ERROR: _("Stopped by an error"),
}
RESUMED, TIME_CHANGED, LIMIT_CHANGED = _("Resumed"), _("Time changed"), _("Give up after: changed")  # events that are told by what came before


_LANGUAGES = dict(LANGUAGES)


def language(code: str) -> Words:
    """A language by its code, as texts in it are headed; one without is read by everybody."""
    return _LANGUAGES.get(code) or _("No language in particular")


def of_message(stage: str, sent_at: datetime | None, now: datetime) -> State:
    """The state of a message; a text sent long ago without a report is called so."""
    if stage == "sent" and sent_at and now - sent_at > NO_REPORT_AFTER:
        return NO_REPORT
    return SCHEDULED if stage == SCHEDULED.code else STAGES[stage]


def of_mailing(status: str, still_to_go: int) -> State:
    """The state of a mailing; one that is over, and some of whose texts somebody sends once more, is called so."""
    return AGAIN if status == MailingStatus.FINISHED and still_to_go else MAILINGS[status]


def reason(code: str, stage: str = "") -> Words:
    """Why a text was left out, skipped or did not arrive; the code itself when nobody knows it.

    Of a text in one of the stages of `FAILURES` it is the gateway's word, which some codes share with our own reasons.
    """
    if stage in FAILURES and code in failures.FAILURES:
        return failures.label(code)
    if code in eligibility.LABELS:
        return eligibility.LABELS[code]
    return _OWN.get(code) or failures.label(code)


_OWN: dict[str, Words] = {
    "worker_lost": _("The worker was lost in the middle of the call"),
    "poison": _("The worker broke at this text three times"),
    "cancelled": _("Cancelled before it left"),
    "expired": _("Given up: it could not leave in time"),
    "merged": _("Merged with somebody who gets this text"),
    "internal_error": _("An error of the console itself"),
    "given_up": _("Given up: nobody knows whether it arrived"),
    "not_repeated": _("Tests and automatic texts are not sent again"),
    "provider_off": _("Its provider is switched off"),
    "mailing_over": _("Its mailing was cancelled"),
    "sent_again": _("It was sent again already"),
    "arrived_meanwhile": _("The text that it repeats has arrived meanwhile"),
}


def empty_text(person: str, text: str) -> str:
    """What to do about a text that says nothing to somebody, for it consists of tokens; it names them."""
    names = tokens.alone(text)
    said = gettext("For %(person)s the text would be empty: there is nothing for %(tokens)s.")
    return f"{said % {'person': person, 'tokens': in_braces(names)}} {cure_of_nothing(names)}"


def cure_of_nothing(names: Iterable[str]) -> str:
    """For a text of nothing but these tokens."""
    if example := next(filter(None, map(tokens.with_fallback, names)), ""):
        return gettext("Write behind a bar what people read instead, for example %(example)s, or add words.") % {"example": example}
    return gettext("Write behind a bar what people read instead, or add words.")


def in_braces(names: Iterable[str]) -> str:
    """Tokens as a text has them, one behind the other."""
    return ", ".join(f"{{{name}}}" for name in names)


def advice(code: str, stage: str = "") -> Words:
    """What to do about it; empty when nothing helps."""
    if stage == "skipped":
        return _("Nothing. The check just before sending caught them.")
    if stage == "unknown":
        return _("Wait for a report, or settle it under “Unknown texts”. It is not sent again by itself.")
    found = failures.FAILURES.get(code)
    return found.advice if found else _ADVICE.get(code, "")


_ADVICE: dict[str, Words] = {
    "worker_lost": _("Wait for the report. It is not sent again by itself."),
    "internal_error": _("It is not sent again by itself. The log of the worker has the details."),
    "given_up": _("Nothing. Somebody decided to leave it."),
}
