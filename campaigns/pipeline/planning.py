"""The send plan: one look at everything that a preparation wrote, so that its page reads one row."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db import transaction
from django.db.models import BigIntegerField, Case, Count, F, Func, Max, Min, Q, QuerySet, When
from django.db.models.functions import Left, Length
from django.utils import timezone

from campaigns import tokens
from campaigns.lacking import nothing_for
from campaigns.models import Exclusion, Kind, Mailing, Message
from campaigns.odd_letters import odd_in, paths_of
from campaigns.pipeline import rest
from campaigns.plans import Extreme, Lane, Place, Plan, Same, Share
from campaigns.routing import Via
from campaigns.services import figures
from campaigns.services.routes import Routes
from campaigns.statuses import LAUNCHED, NEVER_LEFT, MessageStatus
from campaigns.texts import Texts
from campaigns.vocabulary import Occasion, Vocabulary
from contacts.smart.patience import large_sets
from providers.charset import is_gsm, normalise
from providers.models import Provider
from providers.segments import measure
from smsapp.common import zones
from smsapp.common.models import Organisation

NAMED = 5  # people of a reason whom the plan names itself; the list has all
SAME_NAMED = 3  # other mailings with the same text
SAME_WITHIN = timedelta(hours=24)
GONE_OR_GOING = [status.value for status in MessageStatus if status not in NEVER_LEFT]


class Rows(NamedTuple):
    """Texts that are alike in segments, encoding, country and language of the contact."""

    segments: int
    encoding: int
    country: str
    language: str
    texts: int
    opted_out: int
    longest: list[int]  # length, then minus the message's id, so that the lowest wins
    shortest: list[int]  # length, id


class Survey(NamedTuple):
    """What a plan counts, of all texts or of some contacts': groups of texts that are alike, and who was texted not long before `at`."""

    at: datetime
    found: list[tuple[Any, ...]]  # the fields of Rows, then how many have nothing for each bare token, by its name
    recent: int
    heads: list[tuple[str, str, int]]  # country, beginning of the number, texts: where the country has several zones


def survey(mailing: Mailing, at: datetime, hours: int, *, after: int = 0, upto: int | None = None) -> Survey:
    """One pass over the texts to contacts behind one id, up to another; recent is who was texted within so many hours."""
    words = _words_of(mailing)
    nothing = [nothing_for(name, words, prefix="contact__") for name in _bare_names(Texts.of(mailing))]
    asked = {f"empty_{place}": Count("id", filter=condition) for place, condition in enumerate(nothing)}
    these = Q(contact_id__gt=after) if upto is None else Q(contact_id__gt=after, contact_id__lte=upto)
    recent = recently_texted(mailing, hours, until=at)
    return Survey(at, list(_groups(of(mailing).filter(these), asked)), recent.filter(these).count(), _heads(of(mailing).filter(these)))


def make(mailing: Mailing, provider: Provider, surveys: Sequence[Survey] = ()) -> Plan:
    """Of a mailing whose rows are all written, from `surveys` of all of them if there are any."""
    texts = Texts.of(mailing)
    hours = Organisation.current().recent_hours
    surveys = surveys or [survey(mailing, timezone.now(), hours)]
    found = [row for each in surveys for row in each.found]
    rows = [Rows(*row[: len(Rows._fields)]) for row in found]
    by_country = _shares(rows, lambda row: row.country or "")
    lanes = _lanes(mailing, provider, by_country)
    price, currency = _on_average(lanes) if lanes else (str(provider.price_per_segment), provider.currency)
    return Plan(
        made_at=surveys[0].at.isoformat(),
        excluded=figures.excluded(mailing),
        by_segments=_shares(rows, lambda row: str(row.segments)),
        by_encoding=_shares(rows, lambda row: Message.Encoding(row.encoding).label),
        by_country=by_country,
        by_language=_shares(rows, lambda row: _read_in(texts, row.language)),
        places=_places(head for each in surveys for head in each.heads),
        **_extremes(rows),
        empty=_empty(texts, _bare_names(texts), rows, [row[len(Rows._fields) :] for row in found]),
        empty_text=list(_left_out_for(mailing, "empty_text")[:NAMED]),
        too_long=list(_left_out_for(mailing, "too_long")[:NAMED]),
        unicode=_made_unicode(mailing, texts),
        opted_out=sum(row.opted_out for row in rows) if mailing.kind == Kind.SERVICE else 0,
        recent=sum(each.recent for each in surveys),
        recent_hours=hours,
        same=_same_text(mailing),
        rate=provider.pace,
        lanes=lanes,
        price=price,
        currency=currency,
    )


def _groups(messages: QuerySet[Message], asked: dict[str, Any]) -> QuerySet[Any, Any]:
    size = Length("text")
    key = Func(template="ARRAY[%(expressions)s]::bigint[]", output_field=ArrayField(BigIntegerField()))
    longest, shortest = key.copy(), key.copy()
    longest.set_source_expressions([size, F("id") * -1])
    shortest.set_source_expressions([size, F("id")])
    alike = messages.values_list("segments", "encoding", "contact__sms_country", "contact__language")
    return alike.annotate(
        texts=Count("id"), opted=Count("id", filter=Q(contact__opted_out=True)), longest=Max(longest), shortest=Min(shortest), **asked
    ).order_by()


def _heads(messages: QuerySet[Message]) -> list[tuple[str, str, int]]:
    """As few digits as tell the zone, so that a million numbers are some thousand rows at most."""
    split = Q(head__in=zones.split_heads())
    told = Case(When(split, then=Left("number", zones.LONG_HEAD + 1)), default=F("head"))
    there = messages.filter(contact__sms_country__in=zones.several()).annotate(head=Left("number", zones.HEAD + 1))
    return list(there.annotate(told=told).values_list("contact__sms_country", "told").annotate(texts=Count("id")).order_by())


def _places(heads: Iterable[tuple[str, str, int]]) -> list[Place]:
    """Most texts first."""
    found: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for country, head, texts in heads:
        found[country, zones.of_beginning(head) or zones.of_country(country)] += texts
    return [Place(country, list(names), texts) for (country, names), texts in sorted(found.items(), key=lambda item: (-item[1], item[0]))]


def of(mailing: Mailing) -> Any:
    """The texts of a mailing that a plan speaks of; those that somebody sent once more are others."""
    return Message.objects.filter(mailing=mailing, again_of__isnull=True)


def _shares(rows: Iterable[Rows], kind: Callable[[Rows], str]) -> dict[str, Share]:
    """Most texts first."""
    found: defaultdict[str, Share] = defaultdict(Share)
    for row in rows:
        found[kind(row)] += Share(row.texts, row.texts * row.segments)
    return dict(sorted(found.items(), key=lambda item: (-item[1].texts, item[0])))


def _read_in(texts: Texts, language: str | None) -> str:
    """The language of the text that somebody with this one reads."""
    return language if language and texts.translations.get(language) else texts.language


def _lanes(mailing: Mailing, provider: Provider, by_country: dict[str, Share]) -> list[Lane]:
    """Through whom rules lead it, most texts first: the way depends on the country."""
    if not (routes := Routes.of(Message.Kind.BULK)):
        return []
    chosen, found = Via(provider.pk, mailing.sender), defaultdict[int, dict[str, Share]](dict)
    for code, share in by_country.items():
        found[routes.way(code, chosen, segments=mailing.max_segments).provider][code] = share
    if set(found) <= {provider.pk}:
        return []
    rows = {provider.pk: provider, **routes.providers}
    lanes = [_lane(rows[pk], shares) for pk, shares in found.items()]
    return sorted(lanes, key=lambda lane: -lane.texts)


def _lane(row: Provider, shares: dict[str, Share]) -> Lane:
    total = sum(shares.values(), Share())
    return Lane(row.name, total.texts, total.segments, str(row.price_per_segment), row.currency, row.pace, list(shares))


def _on_average(lanes: list[Lane]) -> tuple[str, str]:
    """What a segment costs, with the currency; 0 where they ask in several currencies, or nobody said what one asks."""
    costs, segments = [lane.cost for lane in lanes], sum(lane.segments for lane in lanes)
    if len({lane.currency for lane in lanes}) > 1 or None in costs or not segments:
        return "0", lanes[0].currency
    return str(sum(filter(None, costs)) / segments), lanes[0].currency


def _extremes(rows: list[Rows]) -> dict[str, Any]:
    if not rows:
        return {}
    longest, shortest = max(row.longest for row in rows), min(row.shortest for row in rows)
    most = max(row.segments for row in rows)
    dearest = max(row.longest for row in rows if row.segments == most)
    ids = {"longest": -longest[1], "shortest": shortest[1], "dearest": -dearest[1]}
    found = {row.pk: row for row in Message.objects.filter(id__in=ids.values())}
    return {name: Extreme(found[id_].contact_id or 0, measure(found[id_].text).units, found[id_].segments) for name, id_ in ids.items()}


def _left_out_for(mailing: Mailing, reason: str) -> QuerySet[Any, int]:
    return Exclusion.objects.filter(mailing=mailing, reason=reason).order_by("contact_id").values_list("contact_id", flat=True)


# --- tokens without a value ---


def _empty(texts: Texts, names: list[str], rows: list[Rows], counts: list[tuple[int, ...]]) -> dict[str, int]:
    """Recipients without a value for each token of the text that they read."""
    found: Counter[str] = Counter()
    asked = {text: _bare(text) for text in texts.all.values()}
    for row, numbers in zip(rows, counts, strict=True):
        mine = asked[texts.said_to(row.language or "")]
        found.update({name: count for name, count in zip(names, numbers, strict=True) if name in mine and count})
    return dict(found.most_common())


def _bare_names(texts: Texts) -> list[str]:
    """Of all languages."""
    return sorted(set().union(*map(_bare, texts.all.values())))


def _bare(text: str) -> set[str]:
    """Names of the tokens that stand somewhere in a text without a fallback."""
    return set(tokens.empty_in(text, {}))


def _words_of(mailing: Mailing) -> Vocabulary:
    """What fills the tokens of all its texts."""
    return Vocabulary.of("".join(Texts.of(mailing).all.values()), Occasion.of(mailing))


def _made_unicode(mailing: Mailing, texts: Texts) -> dict[str, int]:
    """Of those whose text is too long, how many a token makes Unicode, where what is written would not."""
    asked: dict[str, Q] = {}
    words = _words_of(mailing)
    for language, text in _read(texts).items():
        if is_gsm(normalise(tokens.render(text, dict.fromkeys(tokens.find(text), "") | words.same))):
            for name in set(tokens.find(text)):
                odd = _readers(texts, language) & odd_in(paths_of(words.stands_for.get(name, name), prefix="contact__"))
                asked[name] = asked.get(name, Q(pk__in=[])) | odd
    if not asked:
        return {}
    names = sorted(asked)
    people = Exclusion.objects.filter(mailing=mailing, reason="too_long")
    found = people.aggregate(**{f"odd_{place}": Count("id", filter=asked[name]) for place, name in enumerate(names)})
    counted = Counter({name: found[f"odd_{place}"] for place, name in enumerate(names) if found[f"odd_{place}"]})
    return dict(counted.most_common())


def _read(texts: Texts) -> dict[str, str]:
    """The texts that somebody reads; "" is that of everybody else."""
    return {"": texts.text, **{language: text for language, text in texts.translations.items() if text}}


def _readers(texts: Texts, language: str) -> Q:
    """True of rows whose contact reads the text of this language."""
    if language:
        return Q(contact__language=language)
    others = [code for code in _read(texts) if code]
    return ~Q(contact__language__in=others) if others else Q(pk__isnull=False)


def without(mailing: Mailing, name: str) -> QuerySet[Message]:
    """Messages to people who have nothing for a token of the text that they read."""
    texts = Texts.of(mailing)
    readers = Q(pk__in=[])
    for language, text in _read(texts).items():
        if name in _bare(text):
            readers |= _readers(texts, language)
    return of(mailing).filter(readers, nothing_for(name, _words_of(mailing), prefix="contact__"))


# --- guards ---


def recently_texted(mailing: Mailing, hours: int, *, until: datetime | None = None) -> QuerySet[Message]:
    """Recipients who were texted within so many hours before `until` (now), by whatever way."""
    until = until or timezone.now()
    return of(mailing).filter(contact_id__in=rest.people_texted_since(until - timedelta(hours=hours)).filter(at__lte=until))


def same_text(mailing: Mailing) -> QuerySet[Mailing]:
    """Other mailings that were launched within a day with the same text in all languages."""
    lately = Mailing.objects.filter(status__in=LAUNCHED, confirmed_at__gte=timezone.now() - SAME_WITHIN).exclude(id=mailing.pk)
    return lately.filter(text=mailing.text, translations=mailing.translations).order_by("-confirmed_at")


def also_of(mailing: Mailing, other: int) -> QuerySet[Message]:
    """Recipients whose number gets, or got, the text of another mailing too."""
    theirs = Message.objects.filter(mailing_id=other, again_of__isnull=True, status__in=GONE_OR_GOING)
    return of(mailing).filter(number__in=theirs.values("number"))


def _same_text(mailing: Mailing) -> list[Same]:
    """Of a mailing whose rows were written a moment ago: the planner knows nothing of them yet, and would go through the other's for each."""
    with transaction.atomic(), large_sets():
        found = [Same(other.pk, also_of(mailing, other.pk).count()) for other in same_text(mailing)[:SAME_NAMED]]
    return [same for same in found if same.people]
