"""Two people become one while a mailing is being prepared: one text, and nobody is forgotten."""

import time
from threading import Thread

import pytest
from django.db import connections

from campaigns.models import Exclusion, Mailing
from campaigns.pipeline import prepare
from campaigns.services import figures, mailings, merged
from campaigns.tests.factories import make_mailing, make_ready, make_sending
from campaigns.tests.working import OPEN, SENT, A, B, C, rows_equal_figures, send_all, told, two_people, unite
from contacts.models import Contact
from contacts.tests.factories import make_contact, make_group
from providers.services import sending

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("short_slices")]


def preparing_with(monkeypatch, mailing, number_of_batch, act):
    """Prepare in batches of one; `act` happens after so many of them."""
    monkeypatch.setattr(prepare, "BATCH", 1)
    real, calls = prepare._write, []

    def write(*args, **kwargs):
        done = real(*args, **kwargs)
        calls.append(1)
        if len(calls) == number_of_batch:
            act()
        return done

    monkeypatch.setattr(prepare, "_write", write)
    mailings.prepare(mailing, None)


@pytest.mark.parametrize("winner", [0, 1])
@pytest.mark.parametrize("after", [1, 2])
def test_a_merge_during_the_preparation(gateway, monkeypatch, winner, after):
    people, group = [make_contact(A), make_contact(B)], None
    group = make_group(*people)
    mailing = make_mailing(group)
    preparing_with(monkeypatch, mailing, after, lambda: unite(people[winner], people[1 - winner]))
    assert prepare.prepare(mailing.pk)
    mailing.refresh_from_db()
    assert (figures.of(mailing).total, figures.of(mailing).excluded_total) == (1, 1)
    mailings.confirm(mailing, None)
    send_all(mailing)
    assert gateway.calls == {(A, B)[winner]: 1}
    assert rows_equal_figures(mailing)


class Killed(BaseException):
    pass


def killed():
    raise Killed


@pytest.mark.parametrize("loser_in_group", [True, False])
def test_a_preparation_that_goes_on_forgets_nobody(gateway, monkeypatch, loser_in_group):
    """The winner's id lies before the watermark, the loser's behind it; the worker dies between."""
    winner, between, loser = make_contact(A), make_contact(C), make_contact(B)
    group = make_group(between, *([loser] if loser_in_group else [winner]))
    mailing = make_mailing(group)
    preparing_with(monkeypatch, mailing, 1, lambda: (unite(winner, loser), killed()))
    with pytest.raises(Killed):
        prepare.prepare(mailing.pk)
    monkeypatch.undo()
    monkeypatch.setattr(sending, "send", gateway.send)
    assert prepare.prepare(mailing.pk)
    mailings.confirm(Mailing.objects.get(), None)
    send_all(mailing)
    assert gateway.calls == {A: 1, C: 1}
    assert Mailing.objects.get().targeted == 2


def test_a_merge_waits_for_the_last_step_of_a_preparation(monkeypatch):
    """The mailing becomes ready without having seen the merge, which then sees the ready mailing."""
    ana, ben = make_contact(A), make_contact(B)
    mailing = make_mailing(make_group(ana, ben))
    mailings.prepare(mailing, None)
    real, threads = merged.keep_one_text_each, []

    def begin_a_merge(mailing_id):
        real(mailing_id)
        threads.append(Thread(target=lambda: (unite(ana, ben), connections.close_all())))
        threads[0].start()
        time.sleep(0.4)
        assert Contact.objects.active().count() == 2

    monkeypatch.setattr(merged, "keep_one_text_each", begin_a_merge)
    prepare.prepare(mailing.pk)
    threads[0].join()
    assert told(mailing) == {ana.pk: (OPEN, "")}
    assert dict(Exclusion.objects.values_list("contact", "reason")) == {ben.pk: "merged"}


def test_one_number_of_both_was_one_text_already(gateway):
    ana, ben = make_contact(A), make_contact(A)
    mailing = make_sending(make_group(ana, ben))
    unite(ben, ana)
    send_all(mailing)
    assert (gateway.calls, told(mailing)) == ({A: 1}, {ana.pk: (SENT, "")})


def test_a_mailing_after_the_merge_knows_one_person():
    ana, ben, group, provider = two_people()
    unite(ana, ben)
    mailing = make_ready(group, provider=provider)
    assert (told(mailing), mailing.targeted) == ({ana.pk: (OPEN, "")}, 1)


def test_an_excluded_group_of_the_loser_excludes_the_winner():
    ana, ben, group, provider = two_people()
    out = make_group(ben)
    unite(ana, ben)
    assert told(make_ready(group, provider=provider, exclude=[out])) == {}
