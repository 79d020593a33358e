"""Routing rules in their order, and a trial: through whom would a text to this number go, and why."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from campaigns import route_words, routing, wording
from campaigns.forms.route import TryRouteForm
from campaigns.models import Route
from campaigns.pipeline.number_rules import NumberRules
from campaigns.routing import Via
from campaigns.services import routes
from contacts.models import PhoneNumber
from providers.models import Provider
from smsapp.common import countries, phone


@dataclass(frozen=True, slots=True)
class Line:
    """A rule as the list shows it; `number` is its place among those in use."""

    rule: Route
    number: int | None
    kinds: str
    places: str
    trouble: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the rules say of one number."""

    number: str
    country: str
    provider: Provider
    sender: str
    why: list[str]
    refusal: str


@require_GET
@permission_required("campaigns.view_route", raise_exception=True)
def rules(request: HttpRequest) -> HttpResponse:
    """The list; with a number in the address also the answer."""
    form = TryRouteForm(request.GET if "number" in request.GET else None)
    answer = _answer(form.cleaned_data) if form.is_bound and form.is_valid() else None
    return render(request, "campaigns/routing.html", {"lines": _lines(), "form": form, "answer": answer})


def _lines() -> list[Line]:
    found, number = [], 0
    for rule in Route.objects.select_related("provider"):
        number += rule.active
        found.append(Line(rule, number if rule.active else None, route_words.kinds(rule.kinds), route_words.places(rule.countries), _trouble(rule)))
    return found


def _trouble(rule: Route) -> str:
    """Why a rule cannot be followed as it is written; empty when it can."""
    provider = rule.provider
    if not rule.active or provider is None:
        return ""
    if not provider.active:
        return _("Its provider is switched off: the rule is passed over.")
    if rule.sender and rule.sender not in provider.senders:
        return _("The provider no longer has this sender: its first one is taken.")
    if provider.lane == Provider.Lane.PAUSED:
        return _("Its provider is paused: new texts go by a later rule, if one fits.")
    if rule.countries and provider.allowed_countries and not set(rule.countries) & set(provider.allowed_countries):
        return _("The provider may text none of these countries.")
    return ""


def _answer(asked: dict[str, Any]) -> Answer:
    number, chosen = asked["number"], asked["provider"]
    found = routes.Routes.of(routing.KINDS.index(asked["kind"]))
    last = _last(number) if found.keeps_senders else None
    way = found.way_to(number, Via(chosen.pk, chosen.senders[0] if chosen.senders else ""), last=last)
    provider = found.provider(way, chosen)
    reason = NumberRules.of(provider).refusal(number)
    why = route_words.why(routing.facts_of(way) if way.rule else None)
    return Answer(number, countries.name_of(phone.country_of(number)), provider, way.sender, why, str(wording.reason(reason)) if reason else "")


def _last(number: str) -> Via | None:
    """Who last texted somebody with this number."""
    people = list(PhoneNumber.objects.filter(number=number).order_by("contact_id").values_list("contact_id", flat=True)[:1])
    return next(iter(routes.last_senders(people).values()), None)
