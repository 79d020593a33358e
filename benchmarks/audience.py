"""From an audience to message rows: 3 groups included, 2 excluded, all eligibility and shared numbers; beside a bare INSERT and an ORM loop."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from statistics import median
from uuid import uuid4

from django.db import connection
from django.utils import timezone

from benchmarks import memory, seed, stage
from benchmarks.result import Result
from campaigns import tokens
from campaigns.models import Exclusion, Mailing, Message
from campaigns.pipeline.prepare import prepare
from campaigns.services import mailings, transitions
from campaigns.statuses import MailingStatus
from campaigns.texts import Texts
from contacts.models import Contact, Group, Quarantine, Suppression
from providers.models import Provider
from providers.segments import measure

SIZE = 1_000_000
ROUNDS = 7
NAIVE = 5_000  # people for the ORM loop
TEXT = "Dear {contact.first_name|friend}, the meeting in Paris is on Tuesday at 18:00 in the town hall. Reply STOP to end."
INCLUDED, EXCLUDED = slice(4, 7), slice(7, 9)  # of the groups of the seed: 15 % of all people each


def run(size: int = SIZE) -> Result:
    """Seconds of each way, alternating, and their ratios."""
    result = Result("audience")
    with seeded(size) as world:
        seconds = rounds(partial(draft, world, INCLUDED, EXCLUDED), partial(draft, world, slice(-2, None), slice(0, 0)), result, plain=True)
        naive = _naive(world)
    ours, limit = median(seconds["ours"]), median(seconds["limit"])
    texts = result.figures["texts"]
    people = result.figures["audience"] / ours
    result.figures |= {"ours_texts_per_s": texts / ours, "limit_texts_per_s": texts / limit, "ours_people_per_s": people, "naive_people_per_s": naive}
    result.ratios = ratios(seconds) | {"no_tokens_vs_limit": ratio(seconds, "no_tokens"), "ours_vs_naive": people / naive}
    result.notes += [f"{name}: {', '.join(f'{each:.2f}' for each in sorted(values))} s" for name, values in seconds.items()]
    result.notes.append(f"{ROUNDS} rounds; ratios to the limit: of seconds, the median of each round's own; ratio to naive: of people per second")
    result.notes.append(f"{size:,} people; limit: INSERT … SELECT of the same rows into the same tables; naive: {NAIVE:,} people, one by one")
    return result


@contextmanager
def seeded(size: int) -> Iterator[seed.Seeded]:
    """A database of so many people, and a provider that may text most of their countries."""
    with stage.scratch_database():
        world = seed.fill(seed.Size(size))
        Provider.objects.filter(id=world.provider).update(allowed_countries=["FR", "GB", "US"])
        stage.quiet_start()
        yield world


def ratio(seconds: dict[str, list[float]], name: str, limit: str = "limit") -> float:
    """Round by round, for what else the machine does then weighs on both."""
    return median(way / least for way, least in zip(seconds[name], seconds[limit], strict=True))


def ratios(seconds: dict[str, list[float]]) -> dict[str, float]:
    """Ours to the limit of all rows that it writes, and to that of the messages among them."""
    return {"ours_vs_limit": ratio(seconds, "ours"), "ours_vs_limit_of_messages": ratio(seconds, "ours", "limit_of_messages")}


def rounds(make: Callable[..., Mailing], make_small: Callable[[], Mailing], result: Result, *, plain: bool = False) -> dict[str, list[float]]:
    """Seconds of each way, alternating; `plain` also with a text that says the same to everybody."""
    seconds: dict[str, list[float]] = {"ours": [], "limit": [], "limit_of_messages": [], **({"no_tokens": []} if plain else {})}
    small = make_small()
    with memory.growth() as little:
        prepare(small.pk)
    for _round in range(ROUNDS):
        mailing = make()
        with memory.growth() as much:
            seconds["ours"].append(_timed(partial(prepare, mailing.pk)))
        messages, exclusions = _limit(mailing)
        seconds["limit_of_messages"].append(messages)
        seconds["limit"].append(messages + exclusions)
        if plain:
            same = make(text=tokens.render(TEXT, {"contact.first_name": "Camille"}))
            seconds["no_tokens"].append(_timed(partial(prepare, same.pk)))
    mailing.refresh_from_db()
    texts, few = Message.objects.filter(mailing=mailing).count(), Message.objects.filter(mailing=small).count()
    result.figures |= {
        "audience": mailing.audience_size, "texts": texts, "left_out": Exclusion.objects.filter(mailing=mailing).count(),
        "memory_mb": much.peak / 2**20, "memory_mb_small_audience": little.peak / 2**20,
        "memory_bytes_per_more_text": max(0.0, (much.peak - little.peak) / (texts - few)) if texts > few else 0.0,
    }  # fmt: skip
    return seconds


def _timed(work: Callable[[], object]) -> float:
    stage.checkpoint()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def draft(world: seed.Seeded, included: slice, excluded: slice, *, text: str = TEXT) -> Mailing:
    """A mailing whose preparation is due, told to nobody."""
    groups = Group.objects.in_bulk(world.groups)
    sides = [[groups[pk] for pk in world.groups[side]] for side in (included, excluded)]
    mailing = mailings.create(None, f"Measured {timezone.now():%X}", include=sides[0], exclude=sides[1])
    provider = Provider.objects.get(id=world.provider)
    mailing = mailings.save_content(mailing, by=None, version=mailing.version, provider=provider, sender="36111", texts=Texts(text))
    transitions.move_mailing(mailing.pk, MailingStatus.PREPARING, preparation=uuid4())  # without the bell: its workers look at another database
    mailing.refresh_from_db()
    return mailing


COLUMNS = (
    "contact_id, provider_id, chunk_id, position, kind, status, number, sender, subject, text, encoding, segments, attempts, gateway_id,"
    " reason, detail, created_at"
)


def _limit(mailing: Mailing) -> tuple[float, float]:
    """Seconds to insert the same messages and exclusions for another mailing, a statement each, from tables that hold nothing else."""
    other = Mailing.objects.create(name="Limit")
    with connection.cursor() as cursor:

        def again(table: str, columns: str) -> float:
            cursor.execute("DROP TABLE IF EXISTS limit_rows")
            cursor.execute(f"CREATE TEMPORARY TABLE limit_rows AS SELECT {columns} FROM {table} WHERE mailing_id = %s ORDER BY contact_id", [mailing.pk])
            return _timed(lambda: cursor.execute(f"INSERT INTO {table} (mailing_id, {columns}) SELECT %s, * FROM limit_rows", [other.pk]))

        return again("campaigns_message", COLUMNS), again("campaigns_exclusion", "contact_id, number, reason")


def _naive(world: seed.Seeded) -> float:
    """People per second the way that most projects begin with: objects, a few questions for each, one save per row."""
    mailing, provider = Mailing.objects.create(name="Naive"), Provider.objects.get(id=world.provider)
    began = time.perf_counter()
    people = list(Contact.objects.filter(memberships__group_id__in=world.groups[INCLUDED]).distinct().order_by("id")[:NAIVE])
    for contact in people:
        _prepare_one(mailing, provider, contact, world.groups[EXCLUDED])
    return len(people) / (time.perf_counter() - began)


def _prepare_one(mailing: Mailing, provider: Provider, contact: Contact, excluded: list[int]) -> None:
    if contact.memberships.filter(group_id__in=excluded).exists():
        return
    number, reason = contact.sms_number or "", _why_not(mailing, contact)
    text = tokens.render(TEXT, tokens.values_of(contact))
    if reason or contact.sms_country not in provider.allowed_countries:
        Exclusion.objects.create(mailing=mailing, contact=contact, number=number, reason=reason or "country_not_allowed")
    else:
        Message.objects.create(mailing=mailing, contact=contact, provider=provider, number=number, text=text, segments=measure(text).segments)


def _why_not(mailing: Mailing, contact: Contact) -> str:
    if contact.deleted_at or contact.deceased or contact.do_not_sms or contact.opted_out or not contact.sms_number:
        return "no_number" if not contact.sms_number else "opted_out"
    if Suppression.objects.filter(number=contact.sms_number, ended_at=None).exists():
        return "suppressed"
    if Quarantine.objects.filter(number=contact.sms_number, ended_at=None).exists():
        return "quarantined"
    return "duplicate_number" if Message.objects.filter(mailing=mailing, number=contact.sms_number, again_of=None).exists() else ""
