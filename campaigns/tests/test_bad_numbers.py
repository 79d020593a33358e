"""Hard failures quarantine the number, with the text that caused it; others do not, and a rehearsal blocks nobody real."""

import pytest

from campaigns.models import Message
from campaigns.pipeline import report
from campaigns.services import transitions
from campaigns.services.transitions import Outcome
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import fictional, make_message, make_people, make_provider, make_sending
from campaigns.tests.working import send_all
from contacts.models import Activity, Quarantine
from contacts.tests.factories import make_contact
from providers import failures
from providers.errors import Refused
from providers.types import DeliveryReport, ReportStatus
from smsapp.common.secrets import sign_reference

pytestmark = pytest.mark.django_db(transaction=True)
REAL = "+33612345678"


def told(message, reason, status=ReportStatus.UNDELIVERED):
    return DeliveryReport(message.provider_id, "SM1", status, sign_reference(message.pk), reason, "undelivered", "30005")


def sent(provider=None, **changes):
    message = make_message(provider or make_provider(), **changes)
    transitions.move_messages([Outcome(message.pk, MessageStatus.SENT)])
    return message


@pytest.mark.parametrize("code", list(failures.FAILURES))
def test_only_hard_failures_do(code):
    message = sent()
    report.apply([told(message, code)])
    assert Quarantine.objects.filter(number=message.number).exists() == failures.FAILURES[code].hard


def test_a_refusal_at_the_call_does_too_and_the_next_text_is_left_out(gateway, short_slices):
    gateway.error = Refused("Not a mobile.", reason="not_mobile", detail="21614")
    mailing = make_sending(make_people(2))
    send_all(mailing, slices=2)
    entries = Quarantine.objects.order_by("number")
    assert [(each.number, each.reason) for each in entries] == [(fictional(0), "not_mobile"), (fictional(1), "not_mobile")]
    assert [each.message for each in entries] == list(Message.objects.order_by("number").values_list("id", flat=True))


def test_it_stands_on_everybodys_timeline_and_on_the_numbers_page(client_for):
    people = [make_contact(fictional(7)), make_contact(fictional(7))]
    message = sent(number=fictional(7), contact_id=people[0].pk)
    report.apply([told(message, "unknown_number")])
    lines = Activity.objects.filter(kind="change", subject="number_quarantined")
    assert sorted(lines.values_list("contact_id", flat=True)) == sorted(person.pk for person in people)
    entry = Quarantine.objects.get()
    administrator = client_for("administrator")
    for page in ("/contacts/quarantine/", f"/contacts/quarantine/{entry.pk}/", f"/contacts/{people[0].pk}/why/"):
        shown = administrator.get(page).content.decode()
        assert "The number is not in service" in shown, page
        assert f"/sms/messages/{message.pk}/" in shown, page


def test_a_repeat_changes_nothing_and_one_let_out_comes_back():
    provider = make_provider()
    first, second = sent(provider), sent(provider)
    report.apply([told(first, "unknown_number")])
    report.apply([told(first, "unknown_number")])
    assert Quarantine.objects.count() == 1
    Quarantine.objects.update(ended_at="2026-01-01T00:00Z")
    report.apply([told(second, "unknown_number")])
    assert Quarantine.objects.get(ended_at=None).message == second.pk


def test_a_simulator_blocks_no_real_number_and_a_real_gateway_does():
    rehearsed = sent(number=REAL)
    report.apply([told(rehearsed, "unknown_number")])
    assert not Quarantine.objects.exists()
    real = sent(make_provider(kind="twilio", options={"account_sid": "AC" + "0" * 32}, secrets={"auth_token": "x"}), number=REAL)
    report.apply([told(real, "unknown_number")])
    assert Quarantine.objects.get().number == REAL


def test_a_text_that_was_delivered_before_quarantines_nothing():
    message = sent()
    transitions.move_messages([Outcome(message.pk, MessageStatus.DELIVERED)], reported=True)
    report.apply([told(message, "unknown_number")])
    assert not Quarantine.objects.exists()
