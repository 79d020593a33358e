"""A block that staff set and take back: no consent, and no word against the recipient's own."""

import pytest
from django.urls import reverse

from contacts.models import Activity, ConsentEntry, Contact
from contacts.services import consent
from contacts.tests.factories import make_contact

pytestmark = pytest.mark.django_db


def post(client, contact, **changes):
    data = {
        "first_name": contact.first_name, "last_name": contact.last_name, "tags": "", "numbers-TOTAL_FORMS": "1", "numbers-INITIAL_FORMS": "0",
        "numbers-0-number": contact.sms_number, "primary": "0", "was_opted_out": "1" if contact.opted_out else "", "was_do_not_sms": "", "was_deceased": "",
    } | changes  # fmt: skip
    return client.post(reverse("contacts:edit", args=[contact.pk]), data, follow=True)


def test_unticking_a_block_is_no_opt_in(client_for):
    client, contact = client_for("staff"), make_contact()
    post(client, contact, opted_out="on", ours="on")
    contact.refresh_from_db()
    assert contact.opted_out
    post(client, contact)
    contact.refresh_from_db()
    assert not contact.opted_out
    assert list(ConsentEntry.objects.order_by("id").values_list("event", "source", "own_act", "wording")) == [
        ("opt_out", "staff", False, ""), ("lifted", "staff", False, ""),
    ]  # fmt: skip
    for name in ("consent", "activities"):
        page = client.get(reverse(f"contacts:{name}", args=[contact.pk])).content.decode()
        assert "Block of marketing texts taken back" in page and "Agreed to marketing texts" not in page
    assert "Not opted out" in client.get(reverse("contacts:consent", args=[contact.pk])).content.decode()


def test_an_opt_out_ticked_in_the_form_is_the_persons_own_act(client_for):
    client, contact = client_for("staff"), make_contact()
    assert "Our own decision" in client.get(reverse("contacts:edit", args=[contact.pk])).content.decode()
    post(client, contact, opted_out="on")
    assert ConsentEntry.objects.get().own_act
    contact.refresh_from_db()
    assert "Record an opt-in with its evidence" in post(client, contact).content.decode()


def test_the_ledger_finds_blocks_taken_back(client_for):
    contact = make_contact()
    consent.record(contact, event="lifted", source="staff")
    client = client_for("marketer")
    assert "taken back" in client.get(reverse("contacts:ledger"), {"event": "lifted"}).content.decode()
    assert not client.get(reverse("contacts:ledger"), {"event": "opt_in"}).context["page"]


def test_an_own_stop_is_not_lifted_by_hand(client_for):
    contact = make_contact()
    consent.opt_out(contact, source="reply", own_act=True, wording="STOP")
    contact.refresh_from_db()
    page = post(client_for("staff"), contact).content.decode()
    assert "Record an opt-in with its evidence" in page
    assert Contact.objects.get().opted_out and ConsentEntry.objects.count() == 1


def test_an_entry_and_its_line_have_one_date():
    contact = make_contact()
    entry = consent.record(contact, event="opt_in", source="form", at=contact.created_at.replace(year=2020), wording="Yes")
    assert Activity.objects.get(kind="consent").at == entry.at
