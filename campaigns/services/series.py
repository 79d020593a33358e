"""Reminders that belong together: whoever answers a text of a series, or opts out, gets none of it that still waits.

The claim asks `SeriesStop` just before each text leaves (pipeline/heard.py), so that nothing need be found or locked for an answer to hold. What is
found at once, without waiting for a worker, is skipped at once, so that pages say so.
"""

from collections.abc import Iterable, Sequence

from django.db import connection, transaction
from django.utils import timezone

from campaigns.models import Mailing, SeriesStop, SmsTemplate
from campaigns.sent_to import SentText
from campaigns.services import transitions
from campaigns.services.transitions import Outcome
from campaigns.statuses import MessageStatus

REPLIED = "replied"
OFFERED = 50  # names beside the field
# Of mailings that were confirmed, by their index on mailing and number; of one-off texts, which only have a template, by number. What a worker holds at
# this moment is left to the claim.
WAITING = """
    WITH texts AS (
        SELECT m.id, m.chunk_id, m.position FROM campaigns_mailing AS g JOIN campaigns_message AS m ON m.mailing_id = g.id AND m.number = %(number)s
         WHERE g.series = ANY(%(series)s) AND g.status IN ('scheduled', 'sending', 'paused') AND m.status = 0
         UNION ALL
        SELECT m.id, m.chunk_id, m.position FROM campaigns_message AS m JOIN campaigns_smstemplate AS t ON t.id = m.template_id
         WHERE m.number = %(number)s AND m.mailing_id IS NULL AND m.status = 0 AND t.series = ANY(%(series)s)),
         held AS (SELECT c.id, c.started_up_to FROM campaigns_chunk AS c
                   WHERE c.id IN (SELECT chunk_id FROM texts) AND c.state IN (0, 1) ORDER BY c.id FOR UPDATE SKIP LOCKED)
    SELECT texts.id FROM texts JOIN held ON held.id = texts.chunk_id WHERE texts.position >= held.started_up_to ORDER BY texts.id"""


@transaction.atomic
def stop(number: str, sent: Sequence[SentText]) -> None:
    """The owner of a number answered, or opted out: every series of which they were `sent` something ends for them."""
    names = _names(sent)
    if not names:
        return
    now = timezone.now()
    stops = [SeriesStop(number=number, series=name, at=now) for name in sorted(names)]
    SeriesStop.objects.bulk_create(stops, update_conflicts=True, unique_fields=["number", "series"], update_fields=["at"])
    with connection.cursor() as cursor:
        cursor.execute(WAITING, {"number": number, "series": sorted(names)})
        waiting = [row[0] for row in cursor.fetchall()]
    transitions.move_messages([Outcome(pk, MessageStatus.SKIPPED, reason=REPLIED) for pk in waiting])


def _names(sent: Iterable[SentText]) -> set[str]:
    mailings = {text.mailing for text in sent if text.mailing}
    templates = {text.template for text in sent if text.template and not text.mailing}
    found = {*Mailing.objects.filter(pk__in=mailings).exclude(series="").values_list("series", flat=True)} if mailings else set()
    return found | {*SmsTemplate.objects.filter(pk__in=templates).exclude(series="").values_list("series", flat=True)} if templates else found


def known() -> list[str]:
    """Names in use, for suggestions: those of the newest mailings and of templates."""
    newest = Mailing.objects.exclude(series="").order_by("-id").values_list("series", flat=True)[: OFFERED * 4]
    templates = SmsTemplate.objects.exclude(series="").order_by("name").values_list("series", flat=True)
    return list(dict.fromkeys([*newest, *templates]))[:OFFERED]


def tidy(name: str) -> str:
    """A name as it is compared: without blanks around it and doubled ones."""
    return " ".join(name.split())
