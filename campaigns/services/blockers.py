"""What keeps a mailing from being prepared, and from being sent: a code and a sentence each, that says what to do."""

from django.utils.translation import gettext as _

from campaigns import vocabulary, wording
from campaigns.audience import Choice
from campaigns.models import Mailing
from campaigns.plans import Plan
from campaigns.texts import Texts
from providers.models import Provider

Blocker = tuple[str, str]


def missing(mailing: Mailing) -> list[Blocker]:
    """Everything that keeps a mailing from being prepared."""
    found = []
    if not Choice.of(mailing):
        found.append(("no_group", _("Nobody is chosen yet. Include at least one group or earlier mailing in step 1.")))
    return [*found, *_origin(mailing), *_text(mailing)]


def _origin(mailing: Mailing) -> list[Blocker]:
    if mailing.provider is None or not mailing.provider.active:
        return [("no_provider", _("Choose an active provider in step 2."))]
    if mailing.sender not in mailing.provider.senders and (mailing.sender or mailing.provider.senders):
        return [("no_sender", _("Choose one of the provider's senders in step 2."))]
    return []


def _text(mailing: Mailing) -> list[Blocker]:
    if not mailing.text.strip():
        return [("no_text", _("Write the text in step 2."))]
    return [("unknown_token", problem.message) for text in Texts.of(mailing).all.values() for problem in vocabulary.check(text)]


def before_sending(mailing: Mailing, plan: Plan | None) -> list[Blocker]:
    """Everything that keeps a prepared mailing from being sent as it is."""
    return [*_origin(mailing), *_lane(mailing.provider), *_text(mailing), *_nobody(plan)]


def _lane(provider: Provider | None) -> list[Blocker]:
    if provider is None or not provider.active or provider.lane != Provider.Lane.PAUSED:
        return []
    why = provider.lane_reason or _("Somebody paused it.")
    return [("paused", _("%(provider)s is paused: %(why)s Let it run again, or choose another provider in step 2.") % {"provider": provider.name, "why": why})]


def _nobody(plan: Plan | None) -> list[Blocker]:
    if plan is None:
        return [("no_plan", _("This plan was made by an earlier version of the console. Make it anew."))]
    if plan.recipients:
        return []
    if set(plan.excluded) == {"too_long"}:
        return [("all_too_long", _("The text is too long for everybody. Shorten it, or allow more segments in step 2."))]
    if set(plan.excluded) == {"country_not_allowed"}:
        return [("no_country", _("The provider may not text the country of anybody here. Choose another provider, or let an administrator allow it."))]
    if not plan.excluded:
        return [("nobody", _("Nobody would get this text: the groups are empty. Change the recipients in step 1."))]
    most = max(plan.excluded, key=lambda reason: plan.excluded[reason])
    words = {"reason": wording.reason(most)}
    if most == "texted_recently":
        sentence = _("Nobody would get this text. Most are left out for this reason: %(reason)s. Text them too, or change the recipients in step 1.")
        return [("nobody_rested", sentence % words)]
    return [("nobody", _("Nobody would get this text. Most are left out for this reason: %(reason)s. Change the recipients in step 1.") % words)]
