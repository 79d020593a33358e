"""What to look at before a mailing is sent: red blocks, yellow warns, green is in order; each leads to its people or its cure."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import stop_wording, tokens, wording
from campaigns.models import Kind, Mailing
from campaigns.pipeline.drift import since_plan
from campaigns.plans import STALE_AFTER, Plan
from campaigns.services import blockers, figures
from campaigns.services.quiet_hours import Book
from campaigns.statuses import MailingStatus
from campaigns.texts import Texts
from campaigns.wizard import moment_checks
from campaigns.wizard.check import Check
from campaigns.wizard.moment_checks import Start
from providers.models import Provider
from smsapp.common.bidi import isolated
from smsapp.common.readable import number

ORDER = {"red": 0, "yellow": 1, "green": 2}


def of(mailing: Mailing, plan: Plan | None, start: Start, *, look: bool = False, rules: Book | None = None) -> list[Check]:
    """The worst first, with `look` also what takes counting: who was texted until now, whether the audience has changed.

    `plan` is None where an earlier version of the console left none.
    """
    found = [*_blockers(mailing, plan), *_stop(mailing), *_settings(mailing, plan)]
    if plan:
        found += [*moment_checks.of(mailing, plan, start, look=look, rules=rules), *_people(mailing, plan), *_plan_itself(mailing, plan)]
    if look and mailing.status == MailingStatus.READY and not start.recount:
        found += _drift(mailing)
    return sorted(found, key=lambda check: ORDER[check.tone])


# --- blockers, with their cures ---


def _blockers(mailing: Mailing, plan: Plan | None) -> Iterator[Check]:
    for code, sentence in blockers.before_sending(mailing, plan):
        url, link = cure(mailing, code)
        yield Check("red", sentence, "", url, link, *_button(code))


def _button(code: str) -> tuple[str, str]:
    """What mends a blocker on the page of the plan itself."""
    if code == "nobody_rested":
        return "no-rest", _("Text them too")
    return ("anew", _("Make the plan anew")) if code == "no_plan" else ("", "")


def cure(mailing: Mailing, code: str) -> tuple[str, str]:
    """Where a blocker is mended, and what that place is called."""
    if code in ("no_group", "nobody", "nobody_rested"):
        return reverse("campaigns:recipients", args=[mailing.pk]), _("Recipients")
    if code == "paused":
        return reverse("providers:health"), _("Providers")
    return ("", "") if code == "no_plan" else (reverse("campaigns:content", args=[mailing.pk]), _("Content"))


# --- the text, the gateway, the template ---


def _stop(mailing: Mailing) -> Iterator[Check]:
    if mailing.kind == Kind.SERVICE:
        return
    silent = [language for language, text in Texts.of(mailing).all.items() if text.strip() and not stop_wording.says_how(text)]
    if not silent:
        yield Check("green", _("The text says how to stop"))
        return
    title = _("The text does not say how to stop")
    if mailing.translations and all(silent):
        names = ", ".join(str(wording.language(language)) for language in silent)
        title = _("The text does not say how to stop in this language: %(languages)s") % {"languages": names}
    url = reverse("campaigns:content", args=[mailing.pk])
    yield Check("yellow", title, _("A text that advertises must say so, for example “STOP to opt out”."), url, _("Content"))


def _settings(mailing: Mailing, plan: Plan | None) -> Iterator[Check]:
    provider = mailing.provider
    if provider and provider.lane == Provider.Lane.SLOWED:
        title = _("%(provider)s: %(state)s") % {"provider": provider.name, "state": provider.get_lane_display()}
        yield Check("yellow", title, provider.lane_words or _("Texts leave more slowly than planned."), reverse("providers:health"), _("Providers"))
    if provider and plan and provider.daily_limit and plan.recipients > provider.daily_limit:
        facts = {"provider": provider.name, "n": number(provider.daily_limit), "days": number(-(-plan.recipients // provider.daily_limit))}
        title = _("%(provider)s takes at most %(n)s texts a day") % facts
        text = _("This mailing needs %(days)s days or more, for other texts count too. What is left of a day waits until midnight.") % facts
        yield Check("yellow", title, text)
    if provider and not provider.price_per_segment:
        text = _("An administrator enters the price of a segment of %(provider)s. Until then there is no cost.") % {"provider": provider.name}
        yield Check("yellow", _("What this costs is not known"), text)
    if mailing.template and not mailing.template.active:
        text = _("The text stays as it is. Choose another template if it is out of date.")
        yield Check("yellow", _("The template “%(name)s” is in the archive") % {"name": isolated(mailing.template.name)}, text, *cure(mailing, "template"))


# --- the people ---


def _people(mailing: Mailing, plan: Plan) -> Iterator[Check]:
    def behind(**narrowed: Any) -> dict[str, str]:
        return {"url": f"{reverse('campaigns:messages', args=[mailing.pk])}?{urlencode(narrowed)}", "link": _("Show")}

    if empty := plan.excluded.get("empty_text"):
        names = sorted({name for text in Texts.of(mailing).all.values() for name in tokens.alone(text)})
        title = ngettext("The text would be empty for %(n)s person", "The text would be empty for %(n)s people", empty) % {"n": number(empty)}
        text = _("They are left out, for there is nothing for %(tokens)s.") % {"tokens": wording.in_braces(names)}
        where = f"{reverse('campaigns:left_out', args=[mailing.pk])}?reason=empty_text"
        yield Check("yellow", title, f"{text} {wording.cure_of_nothing(names)}", where, _("Show"))
    if too_long := plan.excluded.get("too_long"):
        title = ngettext("The text is too long for %(n)s person", "The text is too long for %(n)s people", too_long) % {"n": number(too_long)}
        where = f"{reverse('campaigns:left_out', args=[mailing.pk])}?reason=too_long"
        yield Check("yellow", title, _why_too_long(plan, too_long), where, _("Show"))
    yield from _same(plan, behind)
    for name, people in plan.empty.items():
        words = {"n": number(people), "token": f"{{{name}}}"}
        title = ngettext("%(n)s person has nothing for %(token)s", "%(n)s people have nothing for %(token)s", people) % words
        yield Check("yellow", title, _cure_of_gap(name), **behind(empty=name))
    if mailing.kind == Kind.SERVICE and plan.opted_out:
        n = plan.opted_out
        title = ngettext("%(n)s person who wants no marketing gets this text", "%(n)s people who want no marketing get this text", n) % {"n": number(n)}
        yield Check("yellow", title, _("That is right for a text about their own affairs only, such as a reminder or a delay."), **behind(opted_out=1))


def _why_too_long(plan: Plan, people: int) -> str:
    """The accents of a name cost every text half of its room: then it is the token that helps, not the length."""
    if not plan.unicode:
        return _("They are left out, the others get it. Shorten the text, or allow more segments.")
    words = _("%(n)s of %(people)s because %(token)s holds letters outside GSM-7, which make the text Unicode.")
    causes = [words % {"n": number(n), "people": number(people), "token": f"{{{name}}}"} for name, n in Counter(plan.unicode).most_common()]
    return " ".join([_("They are left out, the others get it."), *causes, _("Leave the token out, or allow more segments.")])


def _cure_of_gap(name: str) -> str:
    if example := tokens.with_fallback(name):
        return _("They read nothing in its place. Write behind a bar what they read instead, for example %(example)s.") % {"example": example}
    return _("They read nothing in its place. Write behind a bar what they read instead, or leave the token out.")


def _same(plan: Plan, behind: Callable[..., dict[str, str]]) -> Iterator[Check]:
    """The same text to the same people, launched within a day."""
    names = dict(Mailing.objects.filter(id__in=[same.mailing for same in plan.same]).values_list("id", "name")) if plan.same else {}
    for same in plan.same:
        if same.mailing in names:
            words = {"n": number(same.people), "name": names[same.mailing]}
            title = ngettext("%(n)s person gets the same text from “%(name)s”", "%(n)s people get the same text from “%(name)s”", same.people) % words
            yield Check("yellow", title, _("It was launched within the last 24 hours. Exclude it in step 1 if once is enough."), **behind(also=same.mailing))


def _drift(mailing: Mailing) -> Iterator[Check]:
    """The groups are not any more what they were."""
    if not (drift := since_plan(mailing)):
        return
    words = []
    if n := drift.came:
        words.append(ngettext("%(n)s person came, and gets no text by this plan.", "%(n)s people came, and get no text by this plan.", n) % {"n": number(n)})
    if n := drift.went:
        words.append(ngettext("%(n)s left, and gets the text all the same.", "%(n)s left, and get the text all the same.", n) % {"n": number(n)})
    text = " ".join([*words, _("Make the plan anew, or recalculate recipients at send time.")])
    yield Check("yellow", _("Who is chosen has changed since this plan was made"), text, do="anew", button=_("Make the plan anew"))


def _plan_itself(mailing: Mailing, plan: Plan) -> Iterator[Check]:
    if (gone := plan.recipients - figures.texts(mailing)) > 0:
        title = ngettext("%(n)s recipient was merged with another since", "%(n)s recipients were merged with others since", gone) % {"n": number(gone)}
        yield Check("yellow", title, _("They get one text together. The figures of this plan still count them."), do="anew", button=_("Make the plan anew"))
    if mailing.status == MailingStatus.READY and (timezone.now() - plan.made).total_seconds() > STALE_AFTER:
        text = _("People may have joined or left since. Whoever opted out is left out in any case, just before the text would leave.")
        yield Check("yellow", _("This plan is more than an hour old"), text, do="anew", button=_("Make the plan anew"))
