"""Numbers follow what administrators choose: in batches, after any fault, and whoever writes meanwhile."""

import threading

import pytest
from django.db import connection, connections, transaction
from django.urls import reverse

from contacts import tasks
from contacts.models import AllowedRange, Contact, NumberPolicy, PhoneNumber
from contacts.services import number_policy, numbers
from contacts.tests.factories import add_number, make_contact
from smsapp.common.locks import alone
from smsapp.common.models import Organisation

SATELLITE, LANDLINE, MOBILE = "+881631555123", "+33142685300", "+33639980001"


def choose(*kinds):
    Organisation.current()
    Organisation.objects.update(textable_kinds=list(kinds))


def copies():
    return {contact.pk: (contact.sms_number, contact.sms_country, contact.reach) for contact in Contact.objects.all()}


def settled():
    """What the numbers and contacts would say if each were written anew."""
    with transaction.atomic():
        numbers.refresh(list(Contact.objects.values_list("id", flat=True)))
        expected = copies(), dict(PhoneNumber.objects.values_list("id", "textable"))
        transaction.set_rollback(True)
    return expected


def stored():
    return copies(), dict(PhoneNumber.objects.values_list("id", "textable"))


@pytest.fixture
def people(db):
    both = make_contact(MOBILE)
    add_number(both, LANDLINE, kind="landline")
    return [both, make_contact(LANDLINE, kind="landline"), make_contact(SATELLITE), make_contact(None), make_contact("+447700900142")]


def test_another_choice_of_types_reaches_every_number(people):
    choose("landline")
    number_policy.apply()
    assert stored() == settled()
    assert copies()[people[0].pk] == (LANDLINE, "FR", 3) and copies()[people[4].pk] == (None, "", 1)
    choose("mobile", "landline")
    number_policy.apply()
    assert stored() == settled() and copies()[people[0].pk] == (MOBILE, "FR", 3)


def test_a_range_allows_dear_numbers_and_nothing_else(people):
    AllowedRange.objects.create(beginning="+8816")
    AllowedRange.objects.create(beginning="+331")  # wide: landlines stay landlines
    number_policy.apply()
    assert copies()[people[2].pk] == (SATELLITE, "", 3)
    assert copies()[people[1].pk] == (None, "", 1)
    AllowedRange.objects.all().delete()
    number_policy.apply()
    assert copies()[people[2].pk] == (None, "", 1) and stored() == settled()


def test_the_state_says_how_far_it_is(people, monkeypatch):
    number_policy.apply()
    assert number_policy.state().in_force and "All numbers follow this choice since" in number_policy.words()
    choose("landline")
    assert not number_policy.state().in_force and "is being applied in the background: 0%" in number_policy.words()
    monkeypatch.setattr(number_policy, "BATCH", 2)
    monkeypatch.setattr(number_policy, "SLICE", 0.0)
    number_policy._batch(number_policy._begin())
    assert 0 < number_policy.state().percent < 100 and not number_policy.state().in_force


def test_a_second_look_changes_nothing(people):
    number_policy.apply()
    row = NumberPolicy.objects.values().get()
    number_policy.apply()
    assert NumberPolicy.objects.values().get() == row


def test_the_look_after_a_change_counts_whom_it_changed(people):
    number_policy.apply()
    choose("landline")
    number_policy.apply()
    assert NumberPolicy.objects.get().changed == 3  # both had a landline and a mobile, one a landline, one a mobile


def test_a_worker_that_died_is_followed_by_one_that_goes_on(people, monkeypatch):
    monkeypatch.setattr(number_policy, "BATCH", 1)
    number_policy.apply()
    choose("landline")
    real, calls = numbers.refresh, []

    def dies(ids):
        calls.append(ids)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(ids)

    monkeypatch.setattr(number_policy.numbers, "refresh", dies)
    with pytest.raises(KeyboardInterrupt):
        number_policy.apply()
    row = NumberPolicy.objects.get()
    assert row.finished_at is None and row.up_to == people[0].pk
    tasks.apply_number_policy()  # the tick: nobody was told
    assert NumberPolicy.objects.get().finished_at and stored() == settled()


def test_a_choice_that_changes_on_the_way_begins_anew(people, monkeypatch):
    monkeypatch.setattr(number_policy, "BATCH", 1)
    choose("landline")
    row = number_policy._begin()
    number_policy._batch(row)
    choose("mobile", "other")
    row.refresh_from_db()
    assert number_policy._batch(row) is False
    number_policy.apply()
    assert NumberPolicy.objects.get().kinds == ["mobile", "other"] and stored() == settled()


def test_a_slice_that_is_over_rings_for_the_next(people, monkeypatch):
    rung = []
    monkeypatch.setattr(number_policy, "SLICE", -1.0)
    monkeypatch.setattr(number_policy, "ring", rung.append)
    choose("landline")
    number_policy.apply()
    assert rung == [tasks.apply_number_policy]


def test_an_impossible_number_has_its_own_reason_once_its_type_is_chosen(db):
    contact = make_contact("+331234567", kind="landline")
    assert contact.reach == Contact.Reach.NOT_MOBILE
    choose("mobile", "landline")
    number_policy.apply()
    contact.refresh_from_db()
    assert contact.reach == Contact.Reach.INVALID


@pytest.mark.django_db(transaction=True)
def test_who_saves_by_the_former_choice_is_waited_for():
    contact, read, go_on = make_contact(MOBILE), threading.Event(), threading.Event()
    number_policy.apply()

    def editor():
        with transaction.atomic():
            policy = numbers.Policy.current()
            read.set()
            go_on.wait(10)
            row = numbers.new_row(contact, LANDLINE, "landline", primary=False)
            row.textable = policy.allows(row.number, row.kind, row.line)
            row.save()
        connections.close_all()

    def worker():
        number_policy.apply()
        connections.close_all()

    first = threading.Thread(target=editor)
    first.start()
    read.wait(10)
    choose("mobile", "landline")
    second = threading.Thread(target=worker)
    second.start()
    second.join(0.3)
    assert second.is_alive()
    go_on.set()
    first.join(10), second.join(10)
    assert PhoneNumber.objects.get(number=LANDLINE).textable


@pytest.mark.django_db(transaction=True)
def test_a_look_that_finds_nothing_new_keeps_nobody_waiting():
    """An import holds the choice for as long as a batch takes; the tick comes every few seconds."""
    number_policy.apply()
    done = threading.Event()

    def worker():
        number_policy.apply()
        done.set()
        connections.close_all()

    with transaction.atomic():
        numbers.Policy.current()
        thread = threading.Thread(target=worker)
        thread.start()
        assert done.wait(10)
    thread.join(10)


@pytest.mark.django_db(transaction=True)
def test_one_worker_at_a_time():
    make_contact(LANDLINE, kind="landline")
    choose("landline")

    def other():
        with alone(number_policy.LOCK) as free:
            assert free
            held.set()
            done.wait(10)
        connections.close_all()

    held, done = threading.Event(), threading.Event()
    thread = threading.Thread(target=other)
    thread.start()
    held.wait(10)
    number_policy.apply()
    assert not PhoneNumber.objects.get().textable
    done.set()
    thread.join(10)
    number_policy.apply()
    assert PhoneNumber.objects.get().textable


def test_a_batch_costs_a_fixed_number_of_queries(people, django_assert_max_num_queries):
    choose("landline")
    row = number_policy._begin()
    for place in range(30):
        make_contact(f"+3363998{place:04d}")
    with django_assert_max_num_queries(18):
        number_policy._batch(row)
    assert connection.in_atomic_block


# --- the administration ---


def add(client, **data):
    return client.post(reverse("admin:contacts_allowedrange_add"), {"beginning": "+8816", "note": "Field team", **data}, follow=True)


@pytest.mark.parametrize("role", ["viewer", "staff", "author", "marketer"])
def test_only_administrators_allow_ranges(client_for, role):
    assert client_for(role).get(reverse("admin:contacts_allowedrange_add")).status_code in (302, 403)


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["+8816", " +881 6 ", "008816", "+(88)-1.6"])
def test_a_range_in_any_spelling(client_for, typed):
    make_contact(SATELLITE)
    response = add(client_for("administrator"), beginning=typed)
    assert AllowedRange.objects.get().beginning == "+8816"
    assert "This concerns 1 number. It is applied in the background." in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Write how the numbers begin"),
        ("8816", "Write + and the country code first"),
        ("+8", "Use + and 3 to 15 digits"),
        ("+88x6", "Use + and 3 to 15 digits"),
        ("+8816" + "1" * 20, "Use + and 3 to 15 digits"),
        ("+٨٨١٦", "Use + and 3 to 15 digits"),
        ("+999123", "No country has this code."),
        ("+88161", "+8816 allows these numbers already."),
        ("+8816", "Another one has this already"),
    ],
)
def test_what_is_no_range_is_refused_in_words(client_for, typed, sentence):
    AllowedRange.objects.create(beginning="+8816")
    assert sentence in add(client_for("administrator"), beginning=typed).content.decode()
    assert AllowedRange.objects.count() == 1


@pytest.mark.django_db
def test_the_list_says_how_many_numbers_and_how_far_it_is(client_for):
    make_contact(SATELLITE)
    client = client_for("administrator")
    add(client)
    html = client.get(reverse("admin:contacts_allowedrange_changelist")).content.decode()
    assert '<td class="field-numbers">1</td>' in html and "is being applied in the background" in html
    number_policy.apply()
    html = client.get(reverse("admin:contacts_allowedrange_changelist")).content.decode()
    assert "it changed 1 contact." in html


@pytest.mark.django_db
def test_types_are_chosen_in_the_administration(client_for):
    make_contact(LANDLINE, kind="landline")
    client, url = client_for("administrator"), reverse("admin:common_organisation_change", args=[Organisation.current().pk])
    data = {"name": "Opera", "default_region": "FR", "time_zone": "Europe/Paris", "language": "en", "textable_kinds": ["mobile", "landline"], "recent_hours": 24}
    html = client.post(url, data, follow=True).content.decode()
    assert "The types of numbers are applied in the background." in html
    number_policy.apply()
    assert "it changed 1 contact." in client.get(url).content.decode()
    assert "Tick at least one type." in client.post(url, data | {"textable_kinds": []}).content.decode()
