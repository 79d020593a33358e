"""Who opted out at the gateway is suppressed here, too, with an entry in the ledger; a rehearsal suppresses nobody real."""

import pytest

from campaigns.models import Message
from campaigns.pipeline import report
from campaigns.services import transitions
from campaigns.services.transitions import Outcome
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import fictional, make_message, make_people, make_provider, make_sending
from campaigns.tests.working import send_all
from campaigns.tests.working import told as fates
from contacts.models import Activity, ConsentEntry, Quarantine, Suppression
from contacts.services import suppressions
from contacts.tests.factories import make_contact
from providers.errors import Refused
from providers.types import DeliveryReport, ReportStatus
from smsapp.common.secrets import sign_reference

pytestmark = pytest.mark.django_db(transaction=True)
REAL = "+33612345678"
OPTED_OUT = Refused("The gateway refused the text.", reason="opted_out", detail="HTTP 400 21610")


def reported(number, provider=None, **changes):
    """A text to this number that the gateway took and then failed, for the recipient opted out."""
    message = make_message(provider or make_provider(), number=number, **changes)
    transitions.move_messages([Outcome(message.pk, MessageStatus.SENT)])
    report.apply([DeliveryReport(message.provider_id, "SM1", ReportStatus.FAILED, sign_reference(message.pk), "opted_out", "failed", "21610")])
    return message


def test_a_refusal_at_the_call_suppresses_the_number_and_the_next_mailing_leaves_it_out(gateway, short_slices):
    people = make_people(2)
    gateway.errors[fictional(0)] = OPTED_OUT
    send_all(make_sending(people), slices=2)
    assert list(Suppression.objects.values_list("number", "reason")) == [(fictional(0), "gateway")]
    assert not Quarantine.objects.exists()
    following = make_sending(people, provider=make_provider())
    send_all(following, slices=2)
    assert gateway.calls == {fictional(0): 1, fictional(1): 2}
    assert [status for status, _reason in fates(following).values()].count(MessageStatus.SENT) == 1


def test_a_report_does_so_too_and_the_ledger_keeps_it_as_an_act_of_the_recipient():
    person = make_contact(fictional(7))
    message = reported(fictional(7), contact_id=person.pk)
    entry = ConsentEntry.objects.get()
    assert (entry.contact_id, entry.number, entry.event, entry.source, entry.message) == (person.pk, fictional(7), "opt_out", "gateway", message.pk)
    assert entry.own_act
    assert entry.details == message.provider.name


def test_it_stands_on_everybodys_timeline_and_on_the_numbers_page(client_for):
    people = [make_contact(fictional(7)), make_contact(fictional(7))]
    reported(fictional(7), contact_id=people[0].pk)
    assert Activity.objects.filter(kind="change", subject="number_suppressed").count() == 2
    administrator = client_for("administrator")
    for page in (f"/contacts/{people[1].pk}/why/", "/contacts/suppressions/", f"/contacts/suppressions/{Suppression.objects.get().pk}/"):
        assert "opted out at the gateway" in administrator.get(page).content.decode(), page


def test_a_repeat_adds_nothing_and_a_block_by_staff_stays_as_it_is():
    suppressions.suppress(fictional(1), note="asked for it", author=None)
    for number in (fictional(1), fictional(2), fictional(2)):
        reported(number)
    assert list(Suppression.objects.order_by("number").values_list("number", "reason")) == [(fictional(1), "staff"), (fictional(2), "gateway")]
    assert ConsentEntry.objects.get().number == fictional(2)


def test_a_simulator_suppresses_no_real_number_and_a_real_gateway_does():
    reported(REAL)
    assert not Suppression.objects.exists()
    reported(REAL, make_provider(kind="twilio", options={"account_sid": "AC" + "0" * 32}, secrets={"auth_token": "x"}))
    assert Suppression.objects.get().number == REAL


def test_pages_say_whose_word_it_is_and_offer_no_second_try(client_for, gateway, short_slices):
    gateway.errors = {fictional(0): OPTED_OUT, fictional(1): OPTED_OUT}
    mailing = make_sending(make_people(2))
    send_all(mailing, slices=2)
    marketer, text = client_for("marketer"), Message.objects.first()
    why = f"/sms/mailings/{mailing.pk}/why/?contact={text.contact_id}"
    for page in (f"/sms/mailings/{mailing.pk}/", f"/sms/mailings/{mailing.pk}/messages/?stage=failed", f"/sms/messages/{text.pk}/", why):
        shown = marketer.get(page).content.decode()
        assert "The recipient opted out at the gateway" in shown, page
        assert "Opted out" not in shown and "wants no marketing" not in shown, page
        assert 'action="/sms/retry/"' not in shown, page
    Suppression.objects.update(ended_at="2026-01-01T00:00Z")
    assert 'action="/sms/retry/"' in marketer.get(f"/sms/messages/{text.pk}/").content.decode()
    assert "texts again" not in marketer.get(f"/sms/mailings/{mailing.pk}/messages/?stage=failed").content.decode()
