"""One-off texts while a large mailing is under way on the same provider: how long each waits until the gateway has it."""

import time
from uuid import uuid4

from benchmarks import stage
from benchmarks.dispatch import environment, mailing_to, people, send
from benchmarks.result import Result
from campaigns.models import Mailing, Message
from campaigns.services import mailings, quick_send
from campaigns.statuses import MessageStatus
from campaigns.texts import Texts
from contacts.models import Contact
from contacts.services import numbers

SIZE = 100_000
RATE = 50  # texts per second that the provider takes
ONE_OFFS = 50
PAUSE = 0.7  # seconds between two
PROMISED = 2.0  # seconds
NUMBER = "+33670000000"


def run(size: int = SIZE) -> Result:
    """Seconds from the click to the gateway's answer; the ratio is that of the slowest but one in a hundred to the promise."""
    result = Result("urgent", notes=[f"{ONE_OFFS} one-off texts while {size:,} texts of a mailing wait on the same provider, at {RATE} texts a second"])
    with stage.scratch_database(), stage.simulator() as url:
        mailing = mailing_to(people(size), "Large", rate=RATE)
        person = Contact.objects.create(first_name="Ana")
        numbers.replace(person, [(NUMBER, "mobile", True)])
        stage.quiet_start()
        with stage.celery_worker("bulk", "-c", "1", **environment(url)), stage.celery_worker("urgent", "-c", "1", **environment(url)):
            mailings.confirm(mailing, None)
            send("campaigns.tasks.dispatch_bulk", "bulk", [mailing.provider_id])
            under_way = Message.objects.filter(mailing=mailing, status=MessageStatus.SENT)
            stage.wait_until(lambda: under_way.count() > 2 * RATE, "the mailing", 60)
            keys = [_one_off(mailing, person) for _text in range(ONE_OFFS)]
            sent = Message.objects.filter(kind=Message.Kind.ONE_OFF, sent_at__isnull=False)
            stage.wait_until(lambda: sent.count() == len(keys), "the last one-off", 60)
            waits = sorted((row.sent_at - row.created_at).total_seconds() for row in sent if row.sent_at)
            still = Message.objects.filter(mailing=mailing, status=MessageStatus.OPEN).count()
    result.figures = {"median_seconds": waits[len(waits) // 2], "slowest_seconds": waits[-1], "texts_of_the_mailing_that_wait": still}
    result.ratios = {"slowest_vs_promised": waits[-1] / PROMISED}
    return result


def _one_off(mailing: Mailing, person: Contact) -> str:
    assert mailing.provider
    time.sleep(PAUSE)
    key = str(uuid4())
    recipients, texts = [(person.pk, NUMBER)], Texts("We expect you at 10.")
    quick_send.queue(author=None, provider=mailing.provider, sender="36111", subject="Appointment", texts=texts, recipients=recipients, key=key)
    send("campaigns.tasks.dispatch_urgent", "urgent", [mailing.provider_id])  # the bell itself rings for the workers of another database
    return key
