"""Failed texts sent once more: from a mailing's causes, from its lists, from one message; asked about, judged, and never two at a time."""

import threading
from collections import Counter
from zoneinfo import ZoneInfo

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from campaigns.models import Mailing, Message
from campaigns.pipeline import deliver, finish
from campaigns.services import retries, transitions
from campaigns.services.transitions import Outcome
from campaigns.statuses import MailingStatus, MessageStatus
from campaigns.tests.factories import make_hours, make_message, make_people, make_provider, make_sending
from campaigns.tests.working import rows_equal_figures, send_all
from contacts.models import Contact

pytestmark = pytest.mark.django_db(transaction=True)
S = MessageStatus
CAUSES = ("unreachable", "unreachable", "filtered", "")  # the last one arrived


@pytest.fixture
def failed(gateway, short_slices):
    """A finished mailing to four people: two were out of reach, one text was held back, one arrived."""
    mailing = make_sending(make_people(4), provider=make_provider(price_per_segment="0.05"))
    send_all(mailing, slices=2)
    for pk, cause in zip(ids(mailing), CAUSES, strict=True):
        transitions.move_messages([Outcome(pk, S.UNDELIVERED if cause else S.DELIVERED, reason=cause, detail="30003 undelivered" if cause else "")], reported=True)
    gateway.calls.clear()
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.FINISHED
    return mailing


def ids(mailing):
    return sorted(Message.objects.filter(mailing=mailing, again_of__isnull=True).values_list("id", flat=True))


def statuses(mailing):
    return Counter(S(status) for status in Message.objects.filter(mailing=mailing).values_list("status", flat=True))


def ask(client, **posted):
    return client.post("/sms/retry/", posted)


def test_the_mailing_offers_each_cause_with_what_to_do_and_what_it_costs(failed, client_for):
    page = client_for("marketer").get(f"/sms/mailings/{failed.pk}/").content.decode()
    assert "Sending it again may help. Usually charged." in page
    assert "Sending it again hardly helps before that is mended." in page
    assert page.count('name="reason"') == 2
    assert 'name="reason"' not in client_for("author").get(f"/sms/mailings/{failed.pk}/").content.decode()


def test_asked_first_with_number_and_cost_then_sent_once_more(failed, client_for, gateway):
    marketer = client_for("marketer")
    asked = {"mailing": failed.pk, "stage": "undelivered", "reason": "unreachable"}
    question = ask(marketer, **asked).content.decode()
    assert "Send 2 texts again?" in question
    assert "segments are charged (€0.10)" in question
    assert Message.objects.filter(again_of__isnull=False).count() == 0
    page = marketer.post("/sms/retry/", {**asked, "sure": "1"}, follow=True).content.decode()
    assert "2 texts are queued once more." in page
    page = marketer.get(f"/sms/mailings/{failed.pk}/").content.decode()
    assert "Sending again: 2 to go" in page and "still to go" not in page and "progress/?was=again" in page
    assert all("Sending again" in marketer.get(place).content.decode() for place in ("/sms/mailings/", "/"))
    deliver.run_slice(failed.provider_id, urgent_only=True)
    finish.finish()
    assert marketer.get(f"/sms/mailings/{failed.pk}/progress/?was=again").headers["HX-Refresh"] == "true"
    assert statuses(failed) == {S.UNDELIVERED: 3, S.DELIVERED: 1, S.SENT: 2}
    assert set(Message.objects.filter(status=S.SENT).values_list("again_of", flat=True)) == set(ids(failed)[:2])
    assert rows_equal_figures(failed)


def test_where_a_retry_hardly_helps_it_asks_with_the_reason(failed, client_for):
    marketer = client_for("marketer")
    everything = {"mailing": failed.pk}
    question = ask(marketer, **everything)
    assert "Send 2 texts again?" in question.content.decode()
    assert "Held back as unwanted by an operator" in question.content.decode()
    assert "Send 3 texts again?" in ask(marketer, **everything, also="filtered").content.decode()
    ask(marketer, **everything, sure="1")
    assert Message.objects.filter(again_of__isnull=False).count() == 2
    alone = {"mailing": failed.pk, "stage": "undelivered", "reason": "filtered"}
    assert "hardly helps" in ask(marketer, **alone).content.decode()
    ask(marketer, **alone, sure="1")
    assert Message.objects.filter(again_of__isnull=False).count() == 3


def test_twice_the_answer_is_once_the_text(failed, client_for):
    marketer = client_for("marketer")
    asked = {"mailing": failed.pk, "stage": "undelivered", "reason": "unreachable", "sure": "1"}
    ask(marketer, **asked)
    page = marketer.post("/sms/retry/", asked, follow=True).content.decode()
    assert "There is nothing to send again" in page
    assert Message.objects.filter(again_of__isnull=False).count() == 2


def test_ten_at_once_send_each_text_again_once(failed):
    found = []

    def press():
        found.append(retries.send(ids(failed)[:2], None))
        connections.close_all()

    crowd = [threading.Thread(target=press) for _click in range(10)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert (sum(each.done for each in found), sum(each.late for each in found)) == (2, 18)
    assert Message.objects.filter(again_of__isnull=False).count() == 2


def test_a_retry_that_fails_can_be_retried_and_the_first_one_not_again(failed):
    first = ids(failed)[0]
    retries.send([first], None)
    second = Message.objects.get(again_of=first)
    transitions.move_messages([Outcome(second.pk, S.FAILED, reason="not_reached")])
    assert (retries.send([first], None).done, retries.send([second.pk], None).done) == (0, 1)
    assert Message.objects.get(again_of=second.pk).contact_id == second.contact_id


def test_what_cannot_be_sent_again_is_not_offered_for_ever(failed, client_for):
    marketer, asked = client_for("marketer"), {"mailing": failed.pk, "stage": "undelivered"}
    ask(marketer, **asked, reason="unreachable", sure="1")
    left = [(S.UNDELIVERED, "unreachable", 2), (S.UNDELIVERED, "filtered", 1)]
    assert retries.left_of(failed, left) == {(S.UNDELIVERED, "unreachable"): 0, (S.UNDELIVERED, "filtered"): 1}
    Contact.objects.filter(pk=Message.objects.get(pk=ids(failed)[2]).contact_id).update(do_not_sms=True)
    assert retries.left_of(failed, left)[S.UNDELIVERED, "filtered"] == 0
    assert 'name="reason"' not in marketer.get(f"/sms/mailings/{failed.pk}/").content.decode()


def test_who_waits_for_quiet_hours_is_told_before_and_on_the_page_of_the_text(failed, client_for):
    hour = (timezone.now().astimezone(ZoneInfo("Europe/Paris")).hour + 6) % 23
    make_hours("FR", **dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), f"{hour}-{hour + 1}"))
    marketer, asked = client_for("marketer"), {"mailing": failed.pk, "stage": "undelivered", "reason": "unreachable"}
    assert "wait for the end of quiet hours, until" in ask(marketer, **asked).content.decode()
    ask(marketer, **asked, sure="1")
    deliver.run_slice(failed.provider_id, urgent_only=True)
    held = Message.objects.filter(again_of__isnull=False).first()
    assert held.status == S.OPEN
    assert "It waits until" in (page := marketer.get(f"/sms/messages/{held.pk}/").content.decode()) and f"{hour}:00" in page
    assert "It waits until" not in marketer.get(f"/sms/messages/{ids(failed)[3]}/").content.decode()


def test_who_may_not_be_texted_any_more_is_left_out_and_named(failed, client_for):
    first = Message.objects.get(id=ids(failed)[0])
    Contact.objects.filter(id=first.contact_id).update(opted_out=True)
    question = ask(client_for("marketer"), mailing=failed.pk, reason="unreachable").content.decode()
    assert "Send 1 text again?" in question
    assert "cannot be sent again: No marketing" in question or "cannot be sent again" in question
    assert retries.send(ids(failed)[:2], None).refused == {"opted_out": 1}


def test_a_late_report_keeps_the_second_text_from_leaving(failed, gateway):
    first = ids(failed)[0]
    retries.send([first], None)
    transitions.move_messages([Outcome(first, S.DELIVERED)], reported=True)
    deliver.run_slice(failed.provider_id, urgent_only=True)
    second = Message.objects.get(again_of=first)
    assert (second.status, second.reason, sum(gateway.calls.values())) == (S.SKIPPED, "arrived_meanwhile", 0)


def test_one_message_says_why_and_is_sent_again_from_its_page(failed, client_for):
    first, marketer = ids(failed)[0], client_for("marketer")
    page = marketer.get(f"/sms/messages/{first}/").content.decode()
    assert "Phone off or out of reach" in page
    assert "30003 undelivered" in page
    assert "Send 1 text again?" in ask(marketer, text=first).content.decode()
    page = marketer.post("/sms/retry/", {"text": first, "sure": "1"}, follow=True).content.decode()
    assert "It was sent again: open the second one" in page
    second = Message.objects.get(again_of=first)
    assert f"/sms/messages/{first}/" in marketer.get(f"/sms/messages/{second.pk}/").content.decode()


def test_staff_send_their_own_one_offs_again_and_no_mailing(failed, client_for):
    one_off = make_message(failed.provider, status=S.FAILED, reason="not_reached")
    staff = client_for("staff")
    assert ask(staff, text=one_off.pk, sure="1").status_code == 302
    assert Message.objects.filter(again_of=one_off.pk).count() == 1
    for asked in ({"mailing": failed.pk}, {"text": ids(failed)[0]}):
        assert ask(staff, **asked).status_code == 403
        assert ask(client_for("viewer"), **asked).status_code == 403
        assert ask(Client(), **asked).status_code == 302
    assert client_for("marketer").get("/sms/retry/").status_code == 405


def test_the_list_of_failures_offers_all_it_shows(failed, client_for):
    marketer = client_for("marketer")
    for address, offered in (("stage=arrived-not", 2), ("stage=undelivered&reason=filtered", 1), ("stage=undelivered&reason=unreachable", 2), ("stage=delivered", 0)):
        assert marketer.get(f"/sms/mailings/{failed.pk}/messages/?{address}").context.get("retryable", 0) == offered
    retries.send(ids(failed)[:2], None)
    assert marketer.get(f"/sms/mailings/{failed.pk}/messages/?stage=arrived-not").context["retryable"] == 1
    assert "retryable" not in client_for("viewer").get(f"/sms/mailings/{failed.pk}/messages/?stage=arrived-not").context


def test_a_cancelled_mailing_and_a_test_are_not_sent_again(failed):
    Mailing.objects.update(status=MailingStatus.CANCELLED)
    test = make_message(failed.provider, status=S.FAILED, kind=Message.Kind.TEST, reason="not_reached")
    assert retries.send([*ids(failed)[:1], test.pk], None).refused == {"mailing_over": 1, "not_repeated": 1}


@pytest.mark.parametrize("asked", [{}, {"mailing": "x"}, {"mailing": "9" * 30}, {"text": "99999999"}, {"mailing": "1\0"}])
def test_nonsense_is_not_found(client_for, asked):
    assert ask(client_for("marketer"), **asked).status_code == 404


@pytest.mark.parametrize("asked", [{"stage": "sent"}, {"stage": "<b>"}, {"reason": "a\0b"}])
def test_states_that_are_no_failures_are_not_found(failed, client_for, asked):
    assert ask(client_for("marketer"), mailing=failed.pk, **asked).status_code == 404


def test_a_reason_of_which_nothing_failed_changes_nothing(failed, client_for):
    page = client_for("marketer").post("/sms/retry/", {"mailing": failed.pk, "reason": "'; drop", "sure": "1"}, follow=True)
    assert page.status_code == 404  # of the list: such a reason has no words
    assert Message.objects.filter(again_of__isnull=False).count() == 0
