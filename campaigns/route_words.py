"""Why a text takes its way, in words: of a rule as it stands, of a text as its message keeps it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import routing, wording
from smsapp.common import countries

KINDS: dict[str, Any] = {
    routing.MAILING: gettext_lazy("Mailings"), routing.ONE_OFF: gettext_lazy("One-off texts"),
    routing.TEST: gettext_lazy("Tests"), routing.AUTOMATIC: gettext_lazy("Automatic texts"),
}  # fmt: skip
NAMED = 6  # countries in a sentence


def kinds(codes: Iterable[str]) -> str:
    """Which kinds of text a rule is about."""
    found = [str(KINDS[code]) for code in routing.KINDS if code in set(codes)]
    return ", ".join(found) if found and len(found) < len(KINDS) else _("All texts")


def places(codes: Sequence[str]) -> str:
    """Which countries a rule is about."""
    names = sorted(countries.name_of(code) for code in codes)
    return ", ".join(names[:NAMED]) + (" …" if len(names) > NAMED else "") if names else _("all countries")


def why(facts: Mapping[str, Any] | None) -> list[str]:
    """Sentences about the way of a text; without a rule it is the way that was chosen with the text."""
    if not facts:
        return [_("As chosen with the text.")]
    if facts == routing.ONLY_HERE:
        return [_("It tries this provider, so it follows no rule.")]
    found = [_passed_on(each) for each in facts.get("earlier", [])]
    if facts.get("rule"):
        said = {"n": facts["rule"], "kinds": kinds(facts.get("kinds", [])), "places": places(facts.get("countries", []))}
        found.append(_("Because of rule %(n)s (%(kinds)s, %(places)s).") % said)
    if facts.get("kept"):
        found.append(_("The sender is the one that last texted this contact."))
    found += [_("%(provider)s, which an earlier rule names, was paused.") % {"provider": name} for name in facts.get("passed_by", [])]
    return found


def _passed_on(each: Mapping[str, Any]) -> str:
    facts = {"provider": each.get("provider", "–"), "why": wording.reason(each.get("reason", ""), "failed")}
    return _("First tried through %(provider)s, which did not send it: %(why)s.") % facts
