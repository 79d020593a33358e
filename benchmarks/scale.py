"""Whether a text costs the same in a small mailing, at the end of a large one, and beside the messages of years."""

from statistics import median

from django.db import connection

from benchmarks import stage
from benchmarks.dispatch import environment, launch, mailing_to, people
from benchmarks.result import Result
from campaigns.models import Mailing
from contacts.models import Group

SIZE = 1_000_000
SMALL = 50_000
EARLIER = 20  # messages of earlier mailings for each text of the large one
BLOCK = 1_000_000
ROUNDS = 3

HISTORY = """
    INSERT INTO campaigns_message (mailing_id, contact_id, provider_id, position, kind, status, number, sender, subject, text, encoding, segments,
                                   attempts, gateway_id, reason, detail, created_at, sent_at)
    SELECT %s, 1000000000 + i, %s, 0, 0, 11, '+336' || (70000000 + i), '36111', '', 'The meeting in Paris is on Tuesday at 18:00.', 0, 1,
           1, 'SM' || lpad(i::text, 32, '0'), '', '', now() - interval '1 year', now() - interval '1 year' FROM generate_series(1, %s) i"""
REACHED = "SELECT extract(epoch FROM sent_at) FROM campaigns_message WHERE mailing_id = %s ORDER BY sent_at"


def run(size: int = SIZE) -> Result:
    """Texts per second of one worker; ratios are of the cost per text, against a small mailing on an empty table. 1.15 is the most that is promised."""
    small = min(SMALL, size // 4)
    result = Result("scale", notes=[f"{small:,} and {size:,} texts, one worker; then {small:,} beside {size * EARLIER:,} messages of earlier mailings"])
    with stage.scratch_database(), stage.simulator() as url:
        few, many = people(small), people(size, small)
        with stage.celery_worker("bulk", "-c", "1", **environment(url)):
            launch(mailing_to(few, "Warm"), 1)
            before = [_rate(few, f"Small {number}") for number in range(ROUNDS)]
            begun, ended = _edges(many, size, small)
            _history(size * EARLIER)
            after = [_rate(few, f"Small, later {number}") for number in range(ROUNDS)]
    result.figures = {
        "small_texts_per_s": median(before),
        "large_first_texts_per_s": begun,
        "large_last_texts_per_s": ended,
        "later_texts_per_s": median(after),
    }
    result.ratios = {
        "cost_at_the_end_of_a_large_one": median(before) / ended,
        "end_vs_beginning": begun / ended,
        "cost_beside_history": median(before) / median(after),
    }
    return result


def _rate(group: Group, name: str) -> float:
    mailing = mailing_to(group, name)
    stage.checkpoint()
    texts, seconds = launch(mailing, 1)
    return texts / seconds


def _edges(group: Group, size: int, small: int) -> tuple[float, float]:
    """Texts per second of the first and of the last `small` texts of a large mailing."""
    mailing = mailing_to(group, "Large")
    stage.quiet_start()
    launch(mailing, 1)
    with connection.cursor() as cursor:
        cursor.execute(REACHED, [mailing.pk])
        moments = [row[0] for row in cursor.fetchall()]
    return tuple(small / float(part[-1] - part[0]) for part in (moments[:small], moments[-small:]))  # type: ignore[return-value] # of two parts


def _history(count: int) -> None:
    for start in range(0, count, BLOCK):
        mailing = Mailing.objects.create(name=f"Earlier {start}", status="finished")
        with connection.cursor() as cursor:
            cursor.execute(HISTORY, [mailing.pk, 1, min(BLOCK, count - start)])
    stage.quiet_start()
