"""What keeps a mailing from being prepared, and from being sent: a code and a sentence each, that says what to do."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy

from campaigns import vocabulary, wording
from campaigns.audience import Choice, parts_of
from campaigns.models import Mailing
from campaigns.plans import Plan
from campaigns.texts import Texts
from contacts import eligibility
from providers.models import Provider
from smsapp.common.bidi import isolated
from smsapp.common.sentences import of
from smsapp.common.sentences import say as _

Blocker = tuple[str, str]


def missing(mailing: Mailing) -> list[Blocker]:
    """Everything that keeps a mailing from being prepared."""
    found = []
    if not Choice.of(mailing):
        found.append(("no_group", _("Nobody is chosen yet. Include at least one group or earlier mailing in step 1.")))
    return [*found, *_purged(mailing), *of_text(mailing)]


def of_text(mailing: Mailing, custom: Callable[[], Any] | None = None) -> list[Blocker]:
    """What its gateway and its text lack, whoever gets it."""
    return [*_origin(mailing), *_text(mailing, custom)]


def _purged(mailing: Mailing) -> list[Blocker]:
    """Earlier mailings whose recipients nobody knows any more: without them the audience would be another one, and somebody be texted twice."""
    parts = [part for side in parts_of(mailing).values() for part in side]
    return [("purged", purged_words(part)) for part in parts if isinstance(part, Mailing) and part.purged_at]


def purged_words(mailing: Mailing) -> str:
    """Why nobody can choose the recipients of a mailing any more, and what to do."""
    return _("The recipients of “%(name)s” are no longer kept. Take it out of step 1.") % {"name": isolated(mailing.name)}


def _origin(mailing: Mailing) -> list[Blocker]:
    if mailing.provider is None or not mailing.provider.active:
        return [("no_provider", _("Choose an active provider in step 2."))]
    if mailing.sender not in mailing.provider.senders and (mailing.sender or mailing.provider.senders):
        return [("no_sender", _("Choose one of the provider's senders in step 2."))]
    return []


def _text(mailing: Mailing, custom: Callable[[], Any] | None = None) -> list[Blocker]:
    if not mailing.text.strip():
        return [("no_text", _("Write the text in step 2."))]
    return [("unknown_token", problem.message) for text in Texts.of(mailing).all.values() for problem in vocabulary.check(text, mailing, custom)]


def before_sending(mailing: Mailing, plan: Plan | None) -> list[Blocker]:
    """Everything that keeps a prepared mailing from being sent as it is."""
    return [*_purged(mailing), *_origin(mailing), *_lane(mailing.provider), *_text(mailing), *_nobody(plan)]


def _lane(provider: Provider | None) -> list[Blocker]:
    if provider is None or not provider.active or provider.lane != Provider.Lane.PAUSED:
        return []
    why = provider.lane_words or _("Somebody paused it.")
    return [("paused", _("%(provider)s is paused: %(why)s Let it run again, or choose another provider in step 2.") % {"provider": provider.name, "why": why})]


def _nobody(plan: Plan | None) -> list[Blocker]:
    if plan is None:
        return [("no_plan", _("This plan was made by an earlier version of the console. Make it anew."))]
    if plan.recipients:
        return []
    if not plan.excluded:
        return [("nobody", _("Nobody would get this text: the groups are empty. Change the recipients in step 1."))]
    most = next(iter(eligibility.by_volume(plan.excluded)))
    return [_of_all(most) if set(plan.excluded) == {most} and most in _OF_ALL else _of_most(most)]


_OF_ALL: dict[str, tuple[str, Any]] = {
    "empty_text": ("all_empty", gettext_lazy("The text would be empty for everybody. Add words in step 2, or write fallbacks for its tokens.")),
    "too_long": ("all_too_long", gettext_lazy("The text is too long for everybody. Shorten it, or allow more segments in step 2.")),
    "country_not_allowed": (
        "no_country", gettext_lazy("The provider may not text the country of anybody here. Choose another provider, or let an administrator allow it.")
    ),
}  # fmt: skip
_CURES: dict[str, tuple[str, Any]] = {
    "empty_text": ("all_empty", gettext_lazy("Add words in step 2, or write fallbacks for its tokens.")),
    "too_long": ("all_too_long", gettext_lazy("Shorten the text, or allow more segments in step 2.")),
    "country_not_allowed": ("no_country", gettext_lazy("Choose another provider in step 2, or let an administrator allow the country.")),
    "fictional_number": ("no_country", gettext_lazy("Choose another provider in step 2: only the simulator texts numbers for examples.")),
    "texted_recently": ("nobody_rested", gettext_lazy("Text them too, or change the recipients in step 1.")),
}


def _of_all(reason: str) -> Blocker:
    code, sentence = _OF_ALL[reason]
    return code, of(sentence)


def _of_most(reason: str) -> Blocker:
    code, cure = _CURES.get(reason, ("nobody", gettext_lazy("Change the recipients in step 1.")))
    words = {"reason": wording.reason(reason), "cure": cure}
    return code, _("Nobody would get this text. Most are left out for this reason: %(reason)s. %(cure)s") % words
