"""Preparation by the batch: what goes by COPY and what by INSERT is the same in the end, and a batch costs the same however large it is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Chunk, Exclusion, Message
from campaigns.pipeline import message_rows, writing
from campaigns.pipeline import prepare as stage
from campaigns.services import figures, mailings
from campaigns.statuses import MailingStatus
from campaigns.tests.factories import fictional, make_mailing, make_people, make_provider, make_ready
from contacts.models import Contact
from contacts.services import smart_groups
from contacts.tests.factories import make_contact, make_group
from providers.models import Provider

pytestmark = pytest.mark.django_db


def left_out(mailing):
    return dict(Exclusion.objects.filter(mailing=mailing).values_list("contact_id", "reason"))


def texted(mailing):
    return list(Message.objects.filter(mailing=mailing).order_by("contact_id").values_list("contact_id", flat=True))


@pytest.mark.parametrize("first_name", ["two\nlines", "a\ttab", r"back\slash \n \. \N", "\\", "quote ' \" %s {0}", "Zoë 🎉", "a\u2028b", "a\rb"])
def test_any_text_arrives_as_it_is(first_name):
    mailing = make_ready(make_group(make_contact(fictional(1), first_name=first_name)), text="Hi {contact.first_name}|")
    assert Message.objects.get(mailing=mailing).text == f"Hi {first_name}|"


def test_a_sender_with_special_characters_arrives_as_it_is():
    provider = make_provider(senders=["A\\B\tC"])
    assert Message.objects.get(mailing=make_ready(make_people(1), provider=provider, sender="A\\B\tC")).sender == "A\\B\tC"


def test_rows_of_both_ways_are_alike():
    """One number is its contact's alone, the other is shared."""
    alone, first, second = make_contact(fictional(1)), make_contact(fictional(2)), make_contact(fictional(2))
    mailing = make_ready(make_group(alone, first, second))
    one, two = Message.objects.filter(mailing=mailing).order_by("contact_id").values()
    own = ("id", "contact_id", "number", "position", "created_at")
    assert {name: value for name, value in one.items() if name not in own} == {name: value for name, value in two.items() if name not in own}
    assert left_out(mailing) == {second.id: "duplicate_number"}


def test_a_shared_number_goes_to_the_first_whose_text_fits():
    long, short, third = [make_contact(fictional(1), first_name=name) for name in ("A" * 100, "Al", "Bo")]
    mailing = make_ready(make_group(long, short, third), text="x" * 100 + "{contact.first_name}")
    assert texted(mailing) == [short.id]
    assert left_out(mailing) == {long.id: "too_long", third.id: "duplicate_number"}
    assert figures.of(mailing).total == 1


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_a_shared_number_is_texted_once_however_the_batches_fall(monkeypatch, batch):
    monkeypatch.setattr(stage, "BATCH", batch)
    people = [make_contact(fictional(number)) for number in (1, 2, 1, 3, 2, 1)]
    mailing = make_ready(make_group(*people))
    assert texted(mailing) == [people[0].id, people[1].id, people[3].id]
    assert left_out(mailing) == {people[place].id: "duplicate_number" for place in (2, 4, 5)}
    assert (figures.of(mailing).total, mailing.targeted, mailing.audience_size) == (3, 6, 6)


def test_a_number_that_was_texted_before_the_crash_is_not_texted_after_it(monkeypatch):
    monkeypatch.setattr(stage, "BATCH", 1)
    people = [make_contact(fictional(number)) for number in (1, 1, 2)]
    mailing = mailings.prepare(make_mailing(make_group(*people)), None)
    real = stage._write

    def dies_after_the_first(*args):
        if Message.objects.exists():
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(stage, "_write", dies_after_the_first)
    with pytest.raises(KeyboardInterrupt):
        stage.prepare(mailing.id)
    monkeypatch.setattr(stage, "_write", real)
    assert stage.prepare(mailing.id) is True
    assert texted(mailing) == [people[0].id, people[2].id]
    assert left_out(mailing) == {people[1].id: "duplicate_number"}


def test_a_text_without_tokens_is_measured_once(monkeypatch):
    measured = []
    monkeypatch.setattr(writing, "price", lambda text: measured.append(text) or real(text))
    from providers.segments import price as real

    mailing = make_ready(make_people(5), text="The same for all {1}")
    assert measured == ["The same for all {1}"]
    assert set(Message.objects.filter(mailing=mailing).values_list("text", flat=True)) == {"The same for all {1}"}


def test_only_the_fields_of_the_text_are_read():
    mailing = mailings.prepare(make_mailing(make_people(2), text="{contact.last_name}"), None)
    with CaptureQueriesContext(connection) as queries:
        stage.prepare(mailing.id)
    (choice,) = [query["sql"] for query in queries if query["sql"].startswith("CREATE TEMPORARY TABLE preparing AS")]
    assert '"last_name"' in choice and '"first_name"' not in choice and '"custom"' not in choice


def test_a_batch_costs_the_same_number_of_statements_however_large():
    def statements(people):
        group = make_group(*people)
        mailing = mailings.prepare(make_mailing(group), None)
        with CaptureQueriesContext(connection) as queries:
            stage.prepare(mailing.id)
        return len(queries)

    assert statements([make_contact(fictional(n)) for n in range(2)]) == statements([make_contact(fictional(n)) for n in range(50)])


def test_chunks_are_filled_without_those_who_get_nothing():
    people = [make_contact(fictional(n), opted_out=n % 2 == 0) for n in range(10)]
    make_ready(make_group(*people), provider=make_provider(rate=2))
    assert list(Chunk.objects.order_by("id").values_list("size", flat=True)) == [4, 1]
    assert list(Message.objects.order_by("contact_id").values_list("position", flat=True)) == [0, 1, 2, 3, 0]


def test_nothing_is_left_of_the_temporary_tables():
    make_ready(make_people(1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'preparing%' AND relpersistence = 't'")
        assert cursor.fetchone() == (0,)


def test_nobody_chosen_leaves_a_plan_that_says_so():
    mailing = make_ready(make_group())
    assert (mailing.status, mailing.audience_size, figures.of(mailing).total) == (MailingStatus.READY, 0, 0)


# --- smart groups ---

FRENCH = {"all": [{"q": "language", "test": "is", "value": ["fr"]}]}


def test_smart_groups_are_brought_up_to_date_first():
    ana, ben = make_contact(fictional(1), language="fr"), make_contact(fictional(2), language="en")
    french = smart_groups.save(None, tree=FRENCH, name="French")
    assert texted(make_ready(french)) == [ana.id]
    Contact.objects.filter(id=ben.id).update(language="fr")
    assert texted(make_ready(french)) == [ana.id, ben.id]
    assert texted(make_ready(make_group(ana, ben, make_contact(fictional(3))), exclude=[french])) == [ben.id + 1]


def test_a_smart_group_that_cannot_be_refreshed_stops_the_preparation_in_words():
    french = smart_groups.save(None, tree=FRENCH, name="French")
    type(french).objects.filter(id=french.id).update(rules={"all": [{"q": "no such question"}]})
    mailing = make_ready(french)
    assert mailing.status == MailingStatus.ERROR
    assert "The smart group “French” could not be refreshed." in mailing.problem
    assert not Message.objects.exists()


# --- what a provider may text ---


def test_rules_of_the_provider_come_after_those_of_the_person():
    out, abroad = make_contact("+447700900142", opted_out=True), make_contact("+447700900143")
    mailing = make_ready(make_group(out, abroad), provider=make_provider(allowed_countries=["FR"]))
    assert left_out(mailing) == {out.id: "opted_out", abroad.id: "country_not_allowed"}


def test_rows_of_an_earlier_preparation_go():
    mailing = make_ready(make_people(3))
    Provider.objects.update(allowed_countries=["GB"])
    mailings.take_back(mailing, None)
    stage.prepare(mailings.prepare(mailing, None).id)
    assert texted(mailing) == [] and len(left_out(mailing)) == 3


def test_chunk_sizes_follow_the_rate():
    assert [message_rows.chunk_size(rate) for rate in (1, 2, 250, 1000)] == [2, 4, 500, 500]
