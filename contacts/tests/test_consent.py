"""The consent ledger: what is appended, what nobody overrules, what the contact's flags say afterwards."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from contacts import timeline
from contacts.models import Activity, ConsentEntry, Contact
from contacts.services import consent, contacts
from contacts.services.consent import Entry
from contacts.services.errors import ContactsError
from contacts.tests.factories import make_contact

pytestmark = pytest.mark.django_db
MARKETING, ALL = "marketing", "all"


def days_ago(days):
    return timezone.now() - timedelta(days=days)


def refusal(call, *args, **options):
    with pytest.raises(ContactsError) as refused, transaction.atomic():
        call(*args, **options)
    return refused.value


def acts(contact, text):
    """Entries from a line such as "out own marketing 5; in staff marketing 3": event, whose act, scope, days ago."""
    for act in filter(None, text.split(";")):
        event, who, scope, ago = act.split()
        consent.record(contact, event=f"opt_{event}", source="form", own_act=who == "own", scope=scope, at=days_ago(int(ago)))


def test_an_entry_says_all_and_stands_on_the_timeline(user_for):
    contact, author, at = make_contact(), user_for("staff"), days_ago(3)
    entry = consent.record(
        contact, event="opt_in", source="form", number="+33639980001", own_act=True, wording="Yes, text me.", details="stand, spring fair", author=author,
        message=7, at=at,
    )
    entry.refresh_from_db()
    assert (entry.contact, entry.number, entry.scope, entry.source, entry.own_act) == (contact, "+33639980001", MARKETING, "form", True)
    assert (entry.wording, entry.details, entry.author, entry.message, entry.at) == ("Yes, text me.", "stand, spring fair", author, 7, at)
    assert entry.recorded_at > at
    line = timeline.lines([contact.activities.get(kind=Activity.Kind.CONSENT)])[0]
    assert (str(line.view.title), line.view.text, line.activity.author) == ("Agreed to marketing texts", "Yes, text me.", author)
    assert line.view.meta == ["form or paper", "by the recipient", "stand, spring fair"]


def test_many_entries_take_one_statement_and_keep_their_order(django_assert_num_queries):
    people = [make_contact(None) for _ in range(30)]
    with django_assert_num_queries(1):
        ids = consent.record_many([Entry(person.pk, "opt_in", "import", details=f"list {n}.csv") for n, person in enumerate(people)])
    assert list(ConsentEntry.objects.order_by("id").values_list("id", "contact_id")) == list(zip(ids, [person.pk for person in people], strict=True))
    assert Activity.objects.filter(kind="consent").count() == 30
    assert consent.record_many([]) == []


def test_a_number_without_a_person_has_an_entry_and_no_timeline():
    consent.record(None, event="opt_out", source="reply", number="+33639980001", own_act=True, wording="STOP")
    assert ConsentEntry.objects.get().contact_id is None and not Activity.objects.exists()


@pytest.mark.parametrize("change", ["update", "delete"])
def test_entries_are_never_changed_or_deleted(change):
    entry = consent.record(make_contact(), event="opt_out", source="staff")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        ConsentEntry.objects.filter(id=entry.pk).update(source="form") if change == "update" else entry.delete()
    assert ConsentEntry.objects.get().source == "staff"


def test_deleting_a_contact_for_good_keeps_its_entries():
    contact = make_contact()
    consent.record(contact, event="opt_out", source="reply", own_act=True)
    Contact.objects.filter(pk=contact.pk).delete()
    assert ConsentEntry.objects.filter(own_act=True).count() == 1


@pytest.mark.parametrize(
    ("history", "standing"),
    [
        ("", set()),
        ("out own marketing 5", {MARKETING}),
        ("out own all 5", {ALL}),
        ("out staff marketing 5", set()),
        ("out own marketing 5; in staff marketing 3", {MARKETING}),
        ("out own marketing 5; in own marketing 3", set()),
        ("out own marketing 5; in own marketing 3; out own marketing 1", {MARKETING}),
        ("out own marketing 5; in own marketing 3; out staff marketing 1", set()),
        ("out own marketing 5; in own all 3", {MARKETING}),
        ("out own all 5; in own marketing 3", {ALL}),
        ("out own all 5; out own marketing 4; in own marketing 3", {ALL}),
        ("in own marketing 3; out own marketing 5", set()),  # recorded late: what was said last counts
        ("out own marketing 3; in own marketing 5", {MARKETING}),
    ],
)
def test_the_last_own_act_of_a_scope_counts(history, standing):
    contact = make_contact()
    acts(contact, history)
    assert set(consent.own_opt_outs(contact_ids=[contact.pk]).contacts.get(contact.pk, {})) == standing


def test_own_opt_outs_are_told_for_many_at_once(django_assert_num_queries):
    people = [make_contact() for _ in range(10)]
    for person in people[:4]:
        acts(person, "out own marketing 5")
    for number in ("+33639980001", "+33639980002"):
        consent.record(None, event="opt_out", source="reply", own_act=True, number=number, wording="STOP")
    with django_assert_num_queries(2):
        found = consent.own_opt_outs(contact_ids=[person.pk for person in people], numbers=["+33639980002", "+33639980003", ""])
    assert set(found.contacts) == {person.pk for person in people[:4]}
    assert set(found.numbers) == {"+33639980002"}
    assert found.contacts[people[0].pk][MARKETING].source == "form"


def test_entries_of_a_merged_contact_count_for_whom_it_became():
    winner, loser = make_contact(), make_contact("+33639980002")
    acts(loser, "out own marketing 5")
    Contact.objects.filter(pk=loser.pk).update(merged_into=winner, deleted_at=timezone.now())
    assert MARKETING in consent.own_opt_outs(contact_ids=[winner.pk]).contacts[winner.pk]
    acts(winner, "in own marketing 2")
    assert not consent.own_opt_outs(contact_ids=[winner.pk]).contacts


@pytest.mark.parametrize(("scope", "flag"), [(MARKETING, "opted_out"), (ALL, "do_not_sms")])
def test_opting_out_and_in_moves_the_flag_of_its_scope(user_for, scope, flag):
    contact = make_contact()
    consent.opt_out(contact, scope=scope, author=user_for("staff"))
    stored = Contact.objects.get()
    assert getattr(contact, flag) and getattr(stored, flag) and stored.opted_out + stored.do_not_sms == 1
    entry = consent.opt_in(contact, scope=scope, source="staff", wording="May we text you about events? Yes.", author=user_for("staff"))
    assert not getattr(Contact.objects.get(), flag)
    assert (entry.event, entry.number, entry.own_act) == ("opt_in", "+33639980001", False)


def test_an_opt_in_needs_words():
    contact = make_contact(opted_out=True)
    problem = refusal(consent.opt_in, contact, source="form", wording="  ")
    assert (problem.code, problem.field) == ("no_wording", "wording")
    assert Contact.objects.get().opted_out and not ConsentEntry.objects.exists()


@pytest.mark.parametrize("verb", [consent.opt_in, consent.opt_out])
def test_nobody_has_agreed_or_refused_in_the_future(verb):
    contact = make_contact()
    assert refusal(verb, contact, source="form", wording="Yes", at=days_ago(-1)).code == "date_in_future"
    assert not ConsentEntry.objects.exists()


@pytest.mark.parametrize(
    ("source", "ago", "seen", "code"),
    [
        ("staff", 1, True, "own_opt_out"),
        ("import", 1, True, "own_opt_out"),
        ("merge", 1, True, "own_opt_out"),
        ("form", 9, True, "older_evidence"),
        ("form", 1, False, "look_again"),
        ("form", 1, True, None),
        ("reply", 1, True, None),
    ],
)
def test_after_an_own_opt_out_staff_need_newer_evidence_and_a_second_look(user_for, source, ago, seen, code):
    contact = make_contact()
    stop = consent.opt_out(contact, source="reply", own_act=True, wording="STOP", at=days_ago(5))
    call = {"source": source, "wording": "I want your news again.", "at": days_ago(ago), "author": user_for("staff"), "seen": stop.pk if seen else None}
    if code:
        assert refusal(consent.opt_in, contact, **call).code == code
        assert Contact.objects.get().opted_out and ConsentEntry.objects.count() == 1
    else:
        consent.opt_in(contact, **call)
        assert not Contact.objects.get().opted_out
        assert not consent.own_opt_outs(contact_ids=[contact.pk]).contacts, "written by the recipient, so it is the recipient's own act"


def test_a_second_look_at_another_opt_out_is_none(user_for):
    contact = make_contact()
    seen = consent.opt_out(contact, source="reply", own_act=True, at=days_ago(5)).pk
    consent.opt_out(contact, source="reply", own_act=True, at=days_ago(3))
    call = {"source": "form", "wording": "Yes", "at": days_ago(1), "author": user_for("staff")}
    assert refusal(consent.opt_in, contact, **call, seen=seen).code == "look_again"


def test_the_person_itself_needs_no_second_look():
    contact = make_contact()
    consent.opt_out(contact, source="reply", own_act=True, wording="STOP", at=days_ago(5))
    consent.opt_in(contact, source="reply", own_act=True, wording="START")
    assert not Contact.objects.get().opted_out


def test_an_own_opt_out_of_the_number_holds_for_who_has_it_now(user_for):
    consent.record(None, event="opt_out", source="reply", number="+33639980001", own_act=True, wording="STOP")
    contact = make_contact("+33639980001", opted_out=True)
    assert refusal(consent.opt_in, contact, source="staff", wording="Yes", author=user_for("staff")).code == "own_opt_out"


def test_flags_on_the_contacts_form_go_through_the_ledger(user_for):
    author = user_for("staff")
    contact = contacts.save_contact(first_name="Léa", do_not_sms=True, opted_out=False, phones=[("+33639980001", "mobile", True)], author=author)
    contacts.save_contact(contact, do_not_sms=False, opted_out=True, author=author)
    contacts.save_contact(contact, do_not_sms=False, opted_out=True, author=author)
    contacts.save_contact(contact, last_name="Martin", author=author)
    told = ConsentEntry.objects.order_by("id").values_list("event", "scope", "source", "number", "own_act", "author_id")
    assert list(told) == [
        ("opt_out", ALL, "staff", "+33639980001", False, author.pk),
        ("opt_out", MARKETING, "staff", "+33639980001", False, author.pk),
        ("lifted", ALL, "staff", "+33639980001", False, author.pk),
    ]


def test_the_contacts_form_never_lifts_an_own_opt_out():
    contact = make_contact()
    consent.opt_out(contact, source="reply", own_act=True, wording="STOP")
    problem = refusal(contacts.save_contact, contact, first_name="New", opted_out=False)
    assert (problem.code, problem.field) == ("own_opt_out", "opted_out")
    assert Contact.objects.get().opted_out and Contact.objects.get().first_name == "Camille"
    contacts.save_contact(Contact.objects.get(), first_name="New", opted_out=True)


def test_an_opt_out_that_somebody_else_entered_meanwhile_holds(client_for):
    contact = make_contact(first_name="Léa")
    url = reverse("contacts:edit", args=[contact.pk])
    page = client_for("staff").get(url).content.decode()
    assert 'name="was_opted_out" value=""' in page
    consent.opt_out(contact, source="staff")
    data = {"first_name": "Léa", "last_name": "New", "was_opted_out": "", "was_do_not_sms": "", "was_deceased": ""}
    data |= {"numbers-TOTAL_FORMS": "1", "numbers-INITIAL_FORMS": "0", "numbers-0-number": contact.sms_number}
    assert client_for("staff").post(url, data).status_code == 302
    contact.refresh_from_db()
    assert (contact.last_name, contact.opted_out) == ("New", True)
    assert not ConsentEntry.objects.filter(event="opt_in").exists()


def test_the_birth_date_of_a_form_lies_in_living_memory(client_for):
    contact = make_contact()
    url = reverse("contacts:edit", args=[contact.pk])
    for day, words in (("3000-01-01", "still to come"), ("0001-01-01", "Before the year 1900")):
        assert words in client_for("staff").post(url, {"first_name": "Léa", "birth_date": day}).content.decode()


def test_an_entry_long_before_texts_is_a_slip():
    with pytest.raises(ContactsError, match="Before the year 1990"):
        consent.opt_out(make_contact(), source="staff", at=datetime(1, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(("before", "ago", "code"), [("staff", 5, "older_evidence"), ("import", 5, "older_evidence"), ("staff", 1, None), ("import", None, None)])
def test_an_opt_in_that_is_older_than_the_opt_out_is_refused_whoever_made_it(before, ago, code):
    contact = make_contact()
    consent.opt_out(contact, source=before, at=days_ago(3))
    told = {"source": "form", "wording": "Yes", "at": days_ago(ago) if ago else None}
    if code:
        problem = refusal(consent.opt_in, contact, **told)
        assert (problem.code, problem.field) == (code, "at") and "so the opt-out holds" in str(problem.message)
    else:
        consent.opt_in(contact, **told)
    contact.refresh_from_db()
    assert contact.opted_out == bool(code)
