"""Two people of one mailing become one before their texts leave: one is sent."""

import pytest
from django.utils import timezone

from campaigns.models import Exclusion, MailingTally, Message
from campaigns.services import figures, mailings
from campaigns.statuses import MailingStatus
from campaigns.tests.factories import fictional, make_provider, make_ready, make_sending
from campaigns.tests.working import OPEN, SENT, SKIPPED, A, B, C, rows_equal_figures, send_all, told, two_people, unite
from contacts.models import Contact
from contacts.tests.factories import make_contact, make_group

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("short_slices")]


@pytest.mark.parametrize("winner", [0, 1])
@pytest.mark.parametrize("rate", [1, 1000], ids=["in one chunk, small", "in one chunk"])
def test_of_two_waiting_texts_the_winners_stays(gateway, winner, rate):
    *people, group, provider = two_people(rate=rate)
    mailing = make_sending(group, provider=provider)
    unite(people[winner], people[1 - winner])
    assert told(mailing) == {people[winner].pk: (OPEN, ""), people[1 - winner].pk: (SKIPPED, "merged")}
    send_all(mailing)
    assert gateway.calls == {(A, B)[winner]: 1}
    assert (mailing.status, rows_equal_figures(mailing)) == (MailingStatus.FINISHED, True)


def test_texts_in_two_chunks(gateway):
    ana, carl, ben = make_contact(A), make_contact(C), make_contact(B)
    dora = make_contact(fictional(7))
    mailing = make_sending(make_group(ana, carl, ben, dora), provider=make_provider(rate=1))
    assert len(set(Message.objects.values_list("chunk", flat=True))) == 2
    unite(ben, ana)
    assert told(mailing)[ana.pk] == (SKIPPED, "merged")
    send_all(mailing, slices=20)
    assert set(gateway.calls.values()) == {1} and A not in gateway.calls and B in gateway.calls
    assert rows_equal_figures(mailing)


def test_of_two_losers_one_is_texted_for_the_winner(gateway):
    ana, ben, group, provider = two_people()
    carl = make_contact(C)
    mailing = make_sending(group, provider=provider)
    unite(carl, ana, ben)
    send_all(mailing)
    assert gateway.calls == {A: 1}
    assert told(mailing) == {ana.pk: (SENT, ""), ben.pk: (SKIPPED, "merged")}


def test_a_losers_own_text_goes_on_judged_by_the_winner(gateway):
    ana, ben, _group, provider = two_people()
    mailing = make_sending(make_group(ben), provider=provider)
    unite(ana, ben)
    send_all(mailing)
    assert (gateway.calls, told(mailing)) == ({B: 1}, {ben.pk: (SENT, "")})


def test_the_winners_opt_out_holds_for_the_losers_text(gateway):
    ana, ben, _group, provider = two_people()
    Contact.objects.filter(pk=ana.pk).update(opted_out=True)
    mailing = make_sending(make_group(ben), provider=provider)
    unite(ana, ben)
    send_all(mailing)
    assert (gateway.calls, told(mailing)) == ({}, {ben.pk: (SKIPPED, "opted_out")})


def test_who_was_merged_before_counts_too(gateway):
    ana, ben, group, provider = two_people()
    carl = make_contact(C)
    mailing = make_sending(group, provider=provider)
    unite(carl, ana)
    unite(carl, ben)
    send_all(mailing)
    assert gateway.calls == {A: 1}


def test_somebody_elses_texts_stay(gateway):
    ana, ben, group, provider = two_people()
    carl, dora = make_contact(C), make_contact(None)
    mailing = make_sending(make_group(carl, dora, ana), group, provider=provider)
    other = make_sending(make_group(carl, ben), provider=provider)
    unite(carl, dora)
    assert all(status == (OPEN, "") for status in told(mailing).values()) and len(told(other)) == 2


@pytest.mark.parametrize(
    ("steps", "keeps"),
    [
        ([], "left out"),
        (["schedule"], SKIPPED),
        (["confirm"], SKIPPED),
        (["confirm", "pause"], SKIPPED),
        (["confirm", "cancel"], OPEN),
        (["draft"], OPEN),
    ],
)
def test_what_waits_is_dropped_wherever_the_mailing_waits(steps, keeps):
    ana, ben, group, provider = two_people()
    mailing = make_ready(group, provider=provider)
    moves = {
        "schedule": lambda: mailings.confirm(mailing, None, timezone.now() + timezone.timedelta(hours=1)),
        "confirm": lambda: mailings.confirm(mailing, None),
        "pause": lambda: mailings.pause(mailing, None),
        "cancel": lambda: mailings.cancel(mailing, None),
        "draft": lambda: mailings.take_back(mailing, None),
    }
    for step in steps:
        moves[step]()
    unite(ana, ben)
    assert told(mailing).get(ben.pk, ("left out",))[0] == keeps
    left_out = dict(Exclusion.objects.values_list("contact", "reason"))
    assert left_out == ({ben.pk: "merged"} if keeps == "left out" else {})
    mailing.refresh_from_db()
    open_texts = Message.objects.filter(status=OPEN).count()
    assert sum(MailingTally.objects.filter(status=OPEN).values_list("messages", flat=True)) == open_texts
    if not steps:
        assert (figures.of(mailing).total, figures.of(mailing).segments, figures.of(mailing).excluded) == (1, 1, {"merged": 1})
