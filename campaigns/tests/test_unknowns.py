"""Unknown texts: how they come into the list, the three answers, and who wins when several answer at once."""

import threading
from collections import Counter

import pytest
from auditlog.models import LogEntry
from django.db import connections

from campaigns.models import Chunk, Mailing, Message, UnknownText
from campaigns.pipeline import deliver, finish, sweep
from campaigns.services import again, figures, mailings, transitions, unknowns
from campaigns.services.transitions import Outcome
from campaigns.services.unknowns import Choice
from campaigns.statuses import ChunkState, MailingStatus, MessageStatus
from campaigns.tests.factories import make_message, make_people, make_provider, make_sending
from campaigns.tests.working import rows_equal_figures, send_all, settle
from contacts.models import Activity, Contact, Suppression
from providers.errors import Unknown

pytestmark = pytest.mark.django_db(transaction=True)
S = MessageStatus


@pytest.fixture
def lost(gateway, short_slices):
    """A finished mailing to three people of whose texts nobody knows."""
    gateway.error = Unknown("No answer in time.", reason="no_answer", detail="Timeout")
    mailing = make_sending(make_people(3))
    send_all(mailing, slices=2)
    gateway.error = None
    assert mailing.status == MailingStatus.FINISHED
    return mailing


def ids(mailing):
    return sorted(Message.objects.filter(mailing=mailing, again_of__isnull=True).values_list("id", flat=True))


def statuses(mailing):
    return Counter(S(status) for status in Message.objects.filter(mailing=mailing).values_list("status", flat=True))


def listed():
    return sorted(UnknownText.objects.values_list("message_id", flat=True))


def test_a_call_without_an_answer_waits_in_the_list_with_its_cause(lost):
    assert listed() == ids(lost)
    assert {(row.mailing_id, row.provider_id, row.reason) for row in UnknownText.objects.all()} == {(lost.pk, lost.provider_id, "no_answer")}


def test_a_lost_worker_leaves_its_texts_in_the_list():
    mailing = make_sending(make_people(2))
    Chunk.objects.update(state=ChunkState.CLAIMED, started_up_to=1, lease_until="2020-01-01T00:00Z", owner="9f1c1c0e-0000-4000-8000-000000000000")
    assert sweep.sweep() == 1
    assert (listed(), UnknownText.objects.get().reason) == (ids(mailing)[:1], "worker_lost")


def test_a_late_report_settles_it_and_takes_it_off_the_list(lost):
    first = ids(lost)[0]
    transitions.move_messages([Outcome(first, S.DELIVERED)], reported=True)
    assert listed() == ids(lost)[1:]
    assert unknowns.settle([first], Choice.GIVE_UP, None).meanwhile == {S.DELIVERED: 1}
    assert Message.objects.get(id=first).status == S.DELIVERED


def test_was_sent_counts_as_sent_and_stays_on_the_timeline(lost, user_for):
    marketer = user_for("marketer")
    assert unknowns.settle(ids(lost), Choice.SENT, marketer).done == 3
    assert (statuses(lost), listed()) == ({S.SENT: 3}, [])
    assert rows_equal_figures(lost)
    assert Activity.objects.filter(kind="sms_sent", source__in=ids(lost)).count() == 3
    message = Message.objects.filter(mailing=lost).first()
    (answer,) = unknowns.answers_to(message)
    assert (answer.choice, answer.by, message.reason) == (Choice.SENT, marketer, "")
    assert LogEntry.objects.get_for_object(message).get().changes_dict["cause"] == ["", "no_answer"]


def test_a_report_that_comes_after_was_sent_still_moves_it_on(lost):
    unknowns.settle(ids(lost), Choice.SENT, None)
    transitions.move_messages([Outcome(ids(lost)[0], S.DELIVERED)], reported=True)
    assert statuses(lost) == {S.SENT: 2, S.DELIVERED: 1}


def test_given_up_is_failed_with_its_reason_for_good(lost):
    unknowns.settle(ids(lost), Choice.GIVE_UP, None)
    transitions.move_messages([Outcome(ids(lost)[0], S.DELIVERED)], reported=True)
    assert (statuses(lost), set(Message.objects.values_list("reason", flat=True))) == ({S.FAILED: 3}, {"given_up"})
    assert rows_equal_figures(lost)


def test_sent_again_is_a_new_text_that_leaves_although_its_mailing_is_finished(lost, gateway):
    assert unknowns.settle(ids(lost), Choice.AGAIN, None).done == 3
    assert listed() == []
    gateway.calls.clear()
    deliver.run_slice(lost.provider_id, urgent_only=True)
    finish.finish()
    assert statuses(lost) == {S.UNKNOWN: 3, S.SENT: 3}
    assert set(Message.objects.filter(status=S.SENT).values_list("again_of", flat=True)) == set(ids(lost))
    assert set(gateway.calls.values()) == {1}
    assert rows_equal_figures(lost)
    lost.refresh_from_db()
    assert (lost.status, figures.of(lost).total) == (MailingStatus.FINISHED, 6)


def test_plan_and_actual_name_what_was_sent_again(lost, client_for):
    unknowns.settle(ids(lost)[:2], Choice.AGAIN, None)
    deliver.run_slice(lost.provider_id, urgent_only=True)
    page = client_for("viewer").get(f"/sms/mailings/{lost.pk}/").context["against"]
    assert [(line.label, line.people, line.more) for line in page.differences] == [("Sent again by somebody", 2, True)]
    shown = client_for("viewer").get(page.differences[0].url).context["page"]
    assert {message.again_of for message in shown} == set(ids(lost)[:2])


def test_a_report_about_the_first_try_still_settles_it(lost):
    unknowns.settle(ids(lost), Choice.AGAIN, None)
    transitions.move_messages([Outcome(ids(lost)[0], S.DELIVERED)], reported=True)
    assert statuses(lost) == {S.UNKNOWN: 2, S.DELIVERED: 1, S.OPEN: 3}


def test_who_may_not_be_texted_any_more_is_not_sent_again_and_goes_on_waiting(lost):
    first, second, third = Message.objects.filter(mailing=lost).order_by("id")
    Contact.objects.filter(id=first.contact_id).update(opted_out=True)
    Suppression.objects.create(number=second.number, reason="stop")
    found = unknowns.settle(ids(lost), Choice.AGAIN, None)
    assert (found.done, found.refused) == (1, {"opted_out": 1, "suppressed": 1})
    assert listed() == [first.pk, second.pk]
    assert Message.objects.get(again_of__isnull=False).again_of == third.pk


def test_an_opt_out_between_the_answer_and_the_call_is_obeyed(lost, gateway):
    unknowns.settle(ids(lost), Choice.AGAIN, None)
    Contact.objects.update(opted_out=True)
    gateway.calls.clear()
    deliver.run_slice(lost.provider_id, urgent_only=True)
    assert (statuses(lost), sum(gateway.calls.values())) == ({S.UNKNOWN: 3, S.SKIPPED: 3}, 0)


@pytest.mark.parametrize(
    ("changes", "reason"), [({"provider": "off"}, "provider_off"), ({"mailing": "cancelled"}, "mailing_over"), ({"kind": Message.Kind.TEST}, "not_repeated")]
)
def test_some_texts_cannot_be_sent_again_at_all(lost, changes, reason):
    if "provider" in changes:
        type(lost.provider).objects.update(active=False)
    if "mailing" in changes:
        Mailing.objects.update(status=MailingStatus.CANCELLED)
    if "kind" in changes:
        Message.objects.update(kind=changes["kind"])
    assert unknowns.settle(ids(lost), Choice.AGAIN, None).refused == {reason: 3}
    assert listed() == ids(lost)


def test_sent_again_while_the_mailing_is_paused_waits_with_it(gateway, short_slices):
    gateway.error = Unknown("No answer in time.", reason="no_answer")
    mailing = make_sending(make_people(1))
    deliver.run_slice(mailing.provider_id, urgent_only=False)
    gateway.error = None
    mailings.pause(mailing, None)
    unknowns.settle(ids(mailing), Choice.AGAIN, None)
    gateway.calls.clear()
    deliver.run_slice(mailing.provider_id, urgent_only=False)
    assert not gateway.calls
    mailings.resume(mailing, None)
    deliver.run_slice(mailing.provider_id, urgent_only=False)
    assert sum(gateway.calls.values()) == 1


def test_a_one_off_text_is_sent_again_with_a_line_of_its_own(gateway, short_slices):
    (group,) = [make_people(1)]
    contact = group.memberships.get().contact
    provider = make_provider()
    gateway.error = Unknown("No answer in time.", reason="no_answer")
    message = make_message(provider, contact.sms_number, contact=contact, subject="Your appointment")
    deliver.run_slice(provider.pk, urgent_only=True)
    gateway.error = None
    unknowns.settle([message.pk], Choice.AGAIN, None)
    copy = again.copy_of(message)
    assert (copy.subject, copy.kind, copy.again_of) == ("Your appointment", Message.Kind.ONE_OFF, message.pk)
    assert Activity.objects.filter(source=copy.pk).exists()
    deliver.run_slice(provider.pk, urgent_only=True)
    assert Message.objects.get(id=copy.pk).status == S.SENT


def test_eight_people_who_send_one_text_again_send_it_once(lost):
    target = ids(lost)[:1]
    found = []

    def answer():
        found.append(unknowns.settle(target, Choice.AGAIN, None))
        connections.close_all()

    threads = [threading.Thread(target=answer) for _person in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Message.objects.filter(again_of=target[0]).count() == 1
    assert Counter((each.done, each.sent_again) for each in found) == {(1, 0): 1, (0, 1): 7}


def test_two_who_disagree_one_wins_and_the_other_is_told(lost):
    target = ids(lost)[:1]
    assert unknowns.settle(target, Choice.SENT, None).done == 1
    later = unknowns.settle(target, Choice.GIVE_UP, None)
    assert (later.done, later.late, later.meanwhile) == (0, 1, {S.SENT: 1})


def test_many_are_settled_in_batches(lost, monkeypatch):
    monkeypatch.setattr(unknowns, "BATCH", 2)
    assert unknowns.settle(ids(lost), Choice.SENT, None).done == 3


def test_an_answer_to_very_many_stops_after_some_seconds_and_can_be_given_again(lost, monkeypatch):
    monkeypatch.setattr(unknowns, "BATCH", 2)
    monkeypatch.setattr(unknowns, "SECONDS", -1.0)
    assert unknowns.settle(ids(lost), Choice.SENT, None).done == 0
    monkeypatch.setattr(unknowns, "SECONDS", 5.0)
    assert unknowns.settle(ids(lost), Choice.SENT, None).done == 3


def test_an_ordinary_outcome_costs_the_list_nothing(django_assert_num_queries):
    mailing = make_sending(make_people(1))
    with django_assert_num_queries(5):  # who it is, a savepoint's two, and a statement for each of the two statuses from which it may come
        settle(mailing, S.SENT)
    assert not listed()
