"""Pages of consent: the tab, a yes and a no written down, the second look, the proof, the whole ledger."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contacts.models import ConsentEntry, Contact, Suppression
from contacts.services import consent, contacts
from contacts.tests.factories import make_contact

pytestmark = pytest.mark.django_db


def url(name, contact):
    return reverse(f"contacts:{name}", args=[contact.pk])


def html(response):
    return response.content.decode()


def answers(**changes):
    return {"how": "written", "scope": "marketing", "wording": "Yes, text me.", "details": "Folder B", "day": "", "hour": ""} | changes


@pytest.mark.parametrize("name", ["consent", "consent_proof"])
def test_whoever_sees_the_contact_sees_its_consent(client_for, name):
    contact = make_contact()
    assert client_for("viewer").get(url(name, contact)).status_code == 200
    assert Client().get(url(name, contact)).status_code == 302
    contacts.delete(contact)
    assert client_for("viewer").get(url(name, contact)).status_code == 404


@pytest.mark.parametrize("name", ["opt_in", "opt_out"])
def test_staff_write_down_what_people_say(client_for, name):
    contact = make_contact()
    assert client_for("viewer").get(url(name, contact)).status_code == 403
    assert client_for("viewer").post(url(name, contact), answers()).status_code == 403
    page = html(client_for("staff").get(url(name, contact)))
    assert ("Record the opt-in" in page) == (name == "opt_in")
    assert not ConsentEntry.objects.exists()


def test_an_opt_out_holds_at_once_and_stands_everywhere(client_for, user_for):
    contact, client = make_contact(), client_for("staff")
    response = client.post(url("opt_out", contact), answers(how="told", wording="No more <b>ads</b>"), follow=True)
    page = html(response)
    assert "The opt-out is in the ledger." in page and "No more &lt;b&gt;ads&lt;/b&gt;" in page and "Folder B" in page
    entry = ConsentEntry.objects.get()
    assert (entry.event, entry.scope, entry.source, entry.own_act, entry.author, entry.number) == (
        "opt_out", "marketing", "staff", True, user_for("staff"), "+33639980001",
    )  # fmt: skip
    assert Contact.objects.get().opted_out
    for name in ("detail", "activities", "consent_proof"):
        assert "Opted out" in html(client.get(url(name, contact)))


@pytest.mark.parametrize(("how", "source", "own"), [("told", "staff", True), ("written", "form", True), ("reply", "reply", True), ("ours", "staff", False)])
def test_who_decided_is_kept(client_for, how, source, own):
    client_for("staff").post(url("opt_out", make_contact()), answers(how=how, scope="all"))
    entry = ConsentEntry.objects.get()
    assert (entry.source, entry.own_act, entry.scope) == (source, own, "all")
    assert Contact.objects.get().do_not_sms and not Contact.objects.get().opted_out


def test_an_opt_in_says_since_when_and_from_where(client_for):
    contact = make_contact(opted_out=True)
    client_for("staff").post(url("opt_in", contact), answers(day="2026-03-01", hour="09:30"))
    entry = ConsentEntry.objects.get()
    assert timezone.localtime(entry.at).isoformat() == "2026-03-01T09:30:00+01:00"
    assert not Contact.objects.get().opted_out
    page = html(client_for("viewer").get(url("detail", contact)))
    assert "Opted in" in page and "form or paper, by the recipient" in page and url("consent", contact) in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"wording": " "}, "word for word"),
        ({"day": "2199-01-01"}, "still to come"),
        ({"hour": "10:00"}, "Write the day as well"),
        ({"day": "soon"}, "Write it like 2026-04-17"),
        ({"how": "ours"}, "not among the choices"),
        ({"scope": "everything"}, "not among the choices"),
        ({"details": "x" * 301}, "at most 300"),
        ({"wording": "a\0b"}, "sign in it that cannot be kept"),
    ],
)
def test_bad_input_of_an_opt_in_is_refused_in_words(client_for, changes, sentence):
    contact = make_contact(opted_out=True)
    response = client_for("staff").post(url("opt_in", contact), answers(**changes))
    assert response.status_code == 200 and sentence in html(response)
    assert Contact.objects.get().opted_out and not ConsentEntry.objects.exists()


def test_after_an_own_opt_out_both_are_looked_at_before_it_counts(client_for, user_for):
    contact, client = make_contact(), client_for("staff")
    stop = consent.opt_out(contact, source="reply", own_act=True, wording="STOP IT", at=timezone.now() - timedelta(days=5))
    assert "STOP IT" in html(client.get(url("opt_in", contact)))
    first = client.post(url("opt_in", contact), answers())
    assert "Does this undo the opt-out" in html(first) and "STOP IT" in html(first) and "Yes, text me." in html(first)
    assert f'name="seen" value="{stop.pk}"' in html(first) and "The person wrote or signed it" in html(first)
    unconfirmed = client.post(url("opt_in", contact), answers(seen=str(stop.pk)))
    assert "Does this undo the opt-out" in html(unconfirmed)
    back = client.post(url("opt_in", contact), answers(seen=str(stop.pk), confirmed="1", change="1"))
    assert "Record the opt-in" in html(back) and "Yes, text me." in html(back)
    assert Contact.objects.get().opted_out and ConsentEntry.objects.count() == 1
    client.post(url("opt_in", contact), answers(seen=str(stop.pk), confirmed="1"))
    entry = ConsentEntry.objects.latest("id")
    assert (entry.event, entry.own_act, entry.author) == ("opt_in", True, user_for("staff"))
    assert not Contact.objects.get().opted_out


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"how": "told"}, "Only something that the person wrote or signed"), ({"day": "2020-01-01"}, "older than the person")],
)
def test_weak_evidence_does_not_undo_an_own_opt_out(client_for, changes, sentence):
    contact = make_contact()
    stop = consent.opt_out(contact, source="reply", own_act=True)
    response = client_for("staff").post(url("opt_in", contact), answers(seen=str(stop.pk), confirmed="1", **changes))
    assert sentence in html(response)
    assert Contact.objects.get().opted_out


def test_a_stop_of_the_number_holds_and_is_said(client_for):
    contact, client = make_contact(opted_out=True), client_for("staff")
    Suppression.objects.create(number="+33639980001", reason="stop")
    assert "stays blocked" in html(client.get(url("opt_in", contact)))
    assert "stay blocked all the same" in html(client.post(url("opt_in", contact), answers(), follow=True))
    assert Suppression.objects.filter(ended_at=None).exists()


def test_the_contact_form_sends_to_the_ledger_instead_of_lifting(client_for):
    contact = make_contact()
    consent.opt_out(contact, source="reply", own_act=True)
    data = {"first_name": "Camille", "last_name": "A", "numbers-TOTAL_FORMS": "1", "numbers-INITIAL_FORMS": "0", "numbers-0-number": "+33639980001"}
    response = client_for("staff").post(url("edit", contact), data)
    assert response.status_code == 200 and "Record an opt-in with its evidence" in html(response)
    assert Contact.objects.get().opted_out


def test_entries_of_merged_people_and_of_the_numbers_are_shown_with_whose_they_are(client_for):
    winner, loser, other = make_contact("+33639980001"), make_contact(None, last_name="Loser"), make_contact(None, last_name="Neighbour")
    consent.record(loser, event="opt_in", source="form", wording="from the loser")
    consent.record(other, event="opt_out", source="reply", number="+33639980001", wording="from the neighbour")
    consent.record(None, event="opt_out", source="reply", number="+33639980001", wording="from nobody")
    consent.record(other, event="opt_out", source="reply", number="+33639980009", wording="of another number")
    Contact.objects.filter(pk=loser.pk).update(merged_into=winner, deleted_at=timezone.now())
    for name in ("consent", "consent_proof"):
        page = html(client_for("viewer").get(url(name, winner)))
        assert all(words in page for words in ("from the loser", "from the neighbour", "from nobody", "who was merged into this contact", "Neighbour"))
        assert "of another number" not in page


def test_the_tab_pages_and_costs_a_fixed_number_of_queries(client_for):
    contact, client = make_contact(), client_for("viewer")
    for n in range(5):
        consent.record(contact, event="opt_in", source="form", number="+33639980001", wording=f"entry {n}.")
    with CaptureQueriesContext(connection, ) as few:
        client.get(url("consent", contact))
    for n in range(5, 60):
        consent.record(make_contact(None), event="opt_in", source="form", number="+33639980001", wording=f"entry {n}.")
    with CaptureQueriesContext(connection) as many:
        page = html(client.get(url("consent", contact)))
    assert len(many) == len(few)
    assert "entry 59." in page and "entry 34." not in page
    older = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert "entry 34." in html(client.get(url("consent", contact) + older))


def test_the_timeline_says_what_the_ledger_says(client_for, django_assert_max_num_queries):
    contact = make_contact()
    for n in range(3):
        consent.record(contact, event="opt_in", source="form", own_act=True, wording=f"words {n}", details="web form")
    with CaptureQueriesContext(connection) as queries:
        page = html(client_for("viewer").get(url("activities", contact)))
    assert "words 2" in page and "web form" in page and "by the recipient" in page
    assert sum("contacts_consententry" in query["sql"] for query in queries) <= 3


def ledger(client, **filters):
    return html(client.get(reverse("contacts:ledger"), filters))


def test_the_whole_ledger_is_for_marketers_and_administrators(client_for):
    for role, status in (("viewer", 403), ("staff", 403), ("author", 403), ("marketer", 200), ("administrator", 200)):
        assert client_for(role).get(reverse("contacts:ledger")).status_code == status
    assert "No entry yet" in ledger(client_for("marketer"))


def test_the_ledger_is_narrowed(client_for):
    client, contact = client_for("marketer"), make_contact()
    consent.record(contact, event="opt_in", source="import", number="+33639980001", wording="of the import")
    consent.record(contact, event="opt_out", source="reply", number="+33639980002", own_act=True, wording="of the reply")
    for filters, shown in [
        ({"number": "06 39 98 00 01"}, {"import"}),
        ({"event": "opt_out"}, {"reply"}),
        ({"source": "import"}, {"import"}),
        ({"own_act": "on"}, {"reply"}),
        ({"since": "2199-01-01"}, set()),
        ({"until": timezone.localdate().isoformat()}, {"import", "reply"}),
        ({"until": "2020-01-01"}, set()),
        ({"event": "nonsense"}, set()),
        ({"source": "import", "since": "soon"}, set()),
        ({"number": "06 39"}, set()),
        ({"since": "2026-05-02", "until": "2026-05-01"}, set()),
        ({"since": "0001-01-01", "until": "9999-12-31"}, set()),
    ]:
        page = ledger(client, **filters)
        assert {word for word in ("import", "reply") if f"of the {word}" in page} == shown, filters
    assert "No entry matches" in ledger(client, until="2020-01-01")
    assert "No entry is shown while a filter cannot be read" in ledger(client, event="nonsense")
    assert "No history reaches that far" in ledger(client, until="9999-12-31")
    assert client.get(reverse("contacts:ledger"), {"number": "12\0", "after": "x"}).status_code == 200


def test_the_ledger_shows_deleted_people_and_costs_a_fixed_number_of_queries(client_for):
    client, gone = client_for("marketer"), make_contact(last_name="Gone")
    consent.record(gone, event="opt_in", source="form")
    contacts.delete(gone)
    erased = make_contact(None)
    consent.record(erased, event="opt_in", source="form")
    Contact.objects.filter(pk=erased.pk).delete()
    with CaptureQueriesContext(connection) as few:
        page = ledger(client)
    assert "Gone" in page and "(deleted)" in page and "a deleted contact" in page
    for _ in range(30):
        consent.record(make_contact(None), event="opt_in", source="form")
    with CaptureQueriesContext(connection) as many:
        ledger(client)
    assert len(few) == len(many)


def test_nobody_is_said_to_have_opted_out_before_somebody_chooses(client_for):
    client, contact = client_for("staff"), make_contact()
    assert client.get(url("opt_out", contact)).context["form"]["how"].value() is None
    assert "Choose how it came about." in client.post(url("opt_out", contact), {"scope": "marketing"}).content.decode()
