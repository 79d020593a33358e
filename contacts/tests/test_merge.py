"""Merging contacts: what stays, what moves, what is refused, and that it happens once."""

from datetime import date, timedelta

import pytest
from auditlog.models import LogEntry
from django.utils import timezone

from contacts import group_sizes
from contacts.duplicates.choices import Choices
from contacts.models import Activity, ConsentEntry, Contact, Duplicate, Membership, NotDuplicate, Removal
from contacts.services import consent, contacts, duplicates, history, merge, numbers
from contacts.services.errors import ContactsError
from contacts.signals import contacts_merged
from contacts.tests.factories import add_number, make_contact, make_group

pytestmark = pytest.mark.django_db


def seen_of(*people):
    return {person.pk: Contact.objects.get(pk=person.pk).updated_at for person in people}


def merged(winner, *losers, author=None, primary="", seen=None, **values):
    people = [winner, *losers]
    values = {name.replace("custom_", "custom."): person.pk for name, person in values.items()}
    choices = Choices(winner.pk, values, primary)
    return merge.merge([person.pk for person in people], choices, seen=seen or seen_of(*people), author=author)


def fresh(person):
    return Contact.objects.get(pk=person.pk)


FULL = {
    "first_name": "Ann", "last_name": "Martin", "organisation": "Choir", "email": "ann@example.org", "language": "en", "birth_date": date(1980, 2, 3),
    "external_id": "A1",
}  # fmt: skip
OTHER = {
    "first_name": "Anne", "last_name": "Morel", "organisation": "Club", "email": "anne@example.org", "language": "fr", "birth_date": date(1981, 4, 5),
    "external_id": "B2",
}  # fmt: skip
EMPTY = {name: None if name == "birth_date" else "" for name in FULL}


@pytest.mark.parametrize("field", FULL)
@pytest.mark.parametrize(
    ("winner_has", "loser_has", "choice", "kept"),
    [
        (FULL, OTHER, None, FULL),
        (FULL, OTHER, "winner", FULL),
        (FULL, OTHER, "loser", OTHER),
        (EMPTY, OTHER, None, OTHER),
        (EMPTY, OTHER, "winner", EMPTY),
        (FULL, EMPTY, None, FULL),
        (FULL, EMPTY, "loser", EMPTY),
    ],
)
def test_each_field_keeps_the_chosen_value(field, winner_has, loser_has, choice, kept):
    base = {"first_name": "X", "last_name": "Y"}
    people = {"winner": make_contact(None, **(base | {field: winner_has[field]})), "loser": make_contact(None, **(base | {field: loser_has[field]}))}
    chosen = {field: people[choice]} if choice else {}
    assert getattr(merged(people["winner"], people["loser"], **chosen), field) == kept[field]
    assert getattr(fresh(people["winner"]), field) == kept[field]


def test_custom_fields_are_chosen_one_by_one_and_tags_are_united():
    ann = make_contact(None, tags=["choir", "vip"], custom={"level": "gold", "shoe": 42})
    ben = make_contact(None, tags=["vip", "new"], custom={"level": "silver", "since": "2020-01-02", "gone": False})
    merged(ann, ben, custom_level=ben)
    assert fresh(ann).custom == {"level": "silver", "shoe": 42, "since": "2020-01-02", "gone": False}
    assert fresh(ann).tags == ["choir", "vip", "new"]


def test_the_contact_is_known_since_the_older_one():
    ann, ben = make_contact(), make_contact()
    long_ago = timezone.now() - timedelta(days=900)
    Contact.objects.filter(pk=ben.pk).update(created_at=long_ago)
    assert merged(ann, ben).created_at == long_ago


def test_somebody_must_keep_a_name():
    ann, ben = make_contact(None, first_name="Ann", last_name=""), make_contact(None, first_name="", last_name="")
    with pytest.raises(ContactsError) as refused:
        merged(ann, ben, first_name=ben)
    assert refused.value.code == "no_name"
    assert fresh(ben).merged_into is None


def test_numbers_of_all_are_kept_once_with_one_primary():
    ann, ben, carl = make_contact("+33639980001"), make_contact("+33639980002"), make_contact("+33639980001", kind="other")
    add_number(ben, "+33465712210", kind="landline")
    merged(ann, ben, carl)
    rows = {row.number: (row.kind, row.is_primary) for row in fresh(ann).numbers.all()}
    assert rows == {"+33639980001": ("mobile", True), "+33639980002": ("mobile", False), "+33465712210": ("landline", False)}
    assert (fresh(ann).sms_number, fresh(ben).sms_number, fresh(ben).reach) == ("+33639980001", None, Contact.Reach.NO_NUMBER)


def test_the_chosen_number_becomes_primary():
    ann, ben = make_contact("+33639980001"), make_contact("+33639980002")
    merged(ann, ben, primary="+33639980002")
    assert fresh(ann).sms_number == "+33639980002"
    assert fresh(ann).numbers.get(is_primary=True).number == "+33639980002"


def test_a_winner_without_number_gets_the_others_primary():
    ann, ben = make_contact(None), make_contact("+33639980002")
    add_number(ben, "+33639980003")
    merged(ann, ben)
    assert (fresh(ann).sms_number, fresh(ann).reach) == ("+33639980002", Contact.Reach.MOBILE)


def test_a_number_that_nobody_has_cannot_be_primary():
    ann, ben = make_contact("+33639980001"), make_contact("+33639980002")
    with pytest.raises(ContactsError) as refused:
        merged(ann, ben, primary="+33639980003")
    assert refused.value.code == "no_such_number"
    assert fresh(ben).numbers.count() == 1


def test_more_numbers_than_a_contact_holds_are_refused():
    people = [make_contact(None), make_contact(None)]
    for n in range(numbers.MOST + 1):
        add_number(people[n % 2], f"+3363998{n:04}")
    with pytest.raises(ContactsError) as refused:
        merged(*people)
    assert refused.value.code == "too_many_numbers" and "21" in str(refused.value.message)
    assert fresh(people[1]).deleted_at is None


def test_groups_are_united():
    ann, ben = make_contact(), make_contact()
    both, his, smart = make_group(ann, ben), make_group(ben), make_group(kind="smart")
    Membership.objects.create(group=smart, contact=ben, by_hand=False)
    Membership.objects.filter(group=both, contact=ann).update(by_hand=False)
    merged(ann, ben)
    rows = dict(fresh(ann).memberships.values_list("group", "by_hand"))
    assert rows == {both.pk: True, his.pk: True, smart.pk: False}
    assert not Membership.objects.filter(contact=ben).exists()
    assert {pk: size.n for pk, size in group_sizes.of([both.pk, his.pk]).items()} == {both.pk: 1, his.pk: 1}


@pytest.mark.parametrize("who", ["winner", "loser"])
def test_staying_out_of_a_smart_group_wins(who):
    people = {"winner": make_contact(), "loser": make_contact()}
    smart = make_group(*[person for name, person in people.items() if name != who], kind="smart")
    Removal.objects.create(group=smart, contact=people[who])
    merged(people["winner"], people["loser"])
    assert not smart.memberships.exists()
    assert list(Removal.objects.values_list("contact", flat=True)) == [people["winner"].pk]


def test_the_history_moves_along_and_says_who_was_merged(user_for):
    ann, ben = make_contact(first_name="Ann", last_name="M", external_id="A1"), make_contact(first_name="Ben", last_name="N", external_id="B2")
    note = history.record(ben, Activity.Kind.NOTE, "Called")
    merged(ann, ben, author=user_for("marketer"), external_id=ben)
    assert Activity.objects.get(pk=note.pk).contact_id == ann.pk
    lines = list(fresh(ann).activities.filter(kind="change").order_by("id").values_list("subject", "details", "author__username"))
    assert lines[-2:] == [("merged_known", "Ben N\nB2", "marketer"), ("former_id", "A1", "marketer")]
    assert not ben.activities.exists()
    entry = LogEntry.objects.get_for_object(ann).first()
    assert entry.actor == user_for("marketer") and entry.changes_dict["contacts"][1] == f"{ben.pk}: Ben N (B2)"


@pytest.mark.parametrize("flag", ["do_not_sms", "opted_out", "deceased"])
@pytest.mark.parametrize(("of_winner", "of_loser"), [(False, False), (True, False), (False, True), (True, True)])
def test_the_stricter_word_holds_and_the_ledger_says_so(flag, of_winner, of_loser, user_for):
    ann = make_contact("+33639980001", **{flag: of_winner})
    ben, carl = make_contact("+33639980002", first_name="Ben", last_name="", **{flag: of_loser}), make_contact(None, first_name="C", last_name="")
    merged(ann, ben, carl, author=user_for("marketer"))
    assert getattr(fresh(ann), flag) is (of_winner or of_loser)
    entries = ConsentEntry.objects.values_list("contact", "event", "scope", "source", "own_act", "details", "author__username", "number")
    scope = {"opted_out": "marketing", "do_not_sms": "all"}.get(flag)
    wanted = [(ann.pk, "opt_out", scope, "merge", False, "Ben, C", "marketer", "+33639980001")] if scope and (of_winner or of_loser) else []
    assert list(entries) == wanted


def test_the_losers_own_opt_out_is_the_winners():
    ann, ben = make_contact("+33639980001"), make_contact("+33639980002")
    consent.opt_out(ben, source="reply", own_act=True)
    merged(ann, ben)
    assert fresh(ann).opted_out
    with pytest.raises(ContactsError) as refused:
        contacts.save_contact(fresh(ann), opted_out=False)
    assert refused.value.code == "own_opt_out"


def test_a_chain_of_merges_has_one_link():
    ann, ben, carl = make_contact(), make_contact(), make_contact()
    merged(ben, ann)
    merged(carl, ben)
    assert fresh(ann).merged_into_id == fresh(ben).merged_into_id == carl.pk
    assert fresh(carl).numbers.count() == 1
    told = fresh(carl).activities.filter(subject="merged").count()
    assert told == 2


def test_finds_and_told_apart_pairs_follow():
    ann, ben, carl, dora = make_contact(), make_contact(), make_contact(), make_contact(None)
    duplicates.tell_apart([ben.pk, dora.pk])
    pair = Duplicate.objects.create(kind="email", key="X", contacts=[ann.pk, ben.pk], found_at=timezone.now())
    trio = Duplicate.objects.create(kind="number", key="Y", contacts=[ann.pk, ben.pk, carl.pk], size=3, found_at=timezone.now())
    other = Duplicate.objects.create(kind="name", key="Z", contacts=[ben.pk, dora.pk], found_at=timezone.now())
    merged(ann, ben)
    assert not Duplicate.objects.filter(pk=pair.pk).exists()
    trio.refresh_from_db(), other.refresh_from_db()
    assert (trio.contacts, trio.size, other.contacts) == ([ann.pk, carl.pk], 2, [ann.pk, dora.pk])
    assert list(NotDuplicate.objects.values_list("first", "second")) == [(ann.pk, dora.pk)]


def test_upper_apps_hear_of_it_inside_the_transaction():
    ann, ben, carl = make_contact(), make_contact(), make_contact()

    def refuse(sender, winner, loser_ids, **kwargs):
        assert (winner.pk, sorted(loser_ids)) == (ann.pk, [ben.pk, carl.pk])
        assert fresh(ben).merged_into_id == ann.pk
        raise RuntimeError

    contacts_merged.connect(refuse)
    try:
        with pytest.raises(RuntimeError):
            merged(ann, ben, carl)
    finally:
        contacts_merged.disconnect(refuse)
    assert fresh(ben).merged_into is None and fresh(ben).numbers.exists()


def test_the_cost_does_not_grow_with_what_moves(django_assert_max_num_queries):
    ann, ben = make_contact("+33639980001"), make_contact("+33639980002")
    Activity.objects.bulk_create(Activity(contact=ben, kind="note", subject="x", at=timezone.now()) for _n in range(300))
    for _n in range(10):
        make_group(ben)
    seen = seen_of(ann, ben)
    with django_assert_max_num_queries(40):
        merged(ann, ben, seen=seen)


