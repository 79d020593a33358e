"""Preparation: who gets a message, who is left out and why; safe to run twice, to kill and to stop."""

import pytest

from campaigns.models import Chunk, Exclusion, Mailing, MailingTally, Message
from campaigns.pipeline import prepare as stage
from campaigns.services import figures, mailings
from campaigns.statuses import ChunkState, MailingStatus
from campaigns.tests.factories import fictional, make_mailing, make_people, make_provider, make_ready
from campaigns.texts import Texts
from contacts.models import Suppression
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db


def left_out(mailing):
    return {row.contact_id: row.reason for row in Exclusion.objects.filter(mailing=mailing)}


def test_each_person_gets_one_message_with_the_text_as_rendered():
    ana = make_contact(fictional(1), first_name="Ana")
    mailing = make_ready(make_group(ana), make_group(ana))
    (message,) = Message.objects.filter(mailing=mailing)
    assert (message.text, message.number, message.segments, message.contact_id) == ("Hello Ana", fictional(1), 1, ana.id)
    assert mailing.status == MailingStatus.READY


def test_contact_in_both_groups_is_excluded():
    ana, ben = make_contact(fictional(1)), make_contact(fictional(2))
    mailing = make_ready(make_group(ana, ben), exclude=[make_group(ben)])
    assert [m.contact_id for m in Message.objects.filter(mailing=mailing)] == [ana.id]
    assert left_out(mailing) == {}


def test_everybody_left_out_has_a_reason():
    people = [
        make_contact(fictional(1), deceased=True),
        make_contact(None),
        make_contact("+33142685300", kind="landline"),
        make_contact(fictional(2), do_not_sms=True),
        make_contact(fictional(3), opted_out=True),
        make_contact(fictional(4)),
    ]
    Suppression.objects.create(number=fictional(4), reason="stop")
    mailing = make_ready(make_group(*people))
    reasons = ["deceased", "no_number", "not_mobile", "do_not_sms", "opted_out", "suppressed"]
    assert left_out(mailing) == dict(zip([p.id for p in people], reasons, strict=True))
    assert figures.of(mailing).total == 0


def test_the_lowest_contact_keeps_a_shared_number_among_those_who_may_be_texted():
    dead, first, second = make_contact(fictional(1), deceased=True), make_contact(fictional(1)), make_contact(fictional(1))
    mailing = make_ready(make_group(second, first, dead))
    assert [m.contact_id for m in Message.objects.filter(mailing=mailing)] == [first.id]
    assert left_out(mailing) == {dead.id: "deceased", second.id: "duplicate_number"}


def test_a_text_that_is_too_long_for_some_people_leaves_only_them_out():
    short, long = make_contact(fictional(1), first_name="Al"), make_contact(fictional(2), first_name="A" * 100)
    mailing = make_ready(make_group(short, long), text="x" * 100 + "{contact.first_name}")
    assert left_out(mailing) == {long.id: "too_long"}


def test_a_country_that_the_provider_does_not_allow():
    ana, ben = make_contact(fictional(1)), make_contact("+447700900142")
    mailing = make_ready(make_group(ana, ben), provider=make_provider(allowed_countries=["GB"]))
    assert left_out(mailing) == {ana.id: "country_not_allowed"}


def test_figures_equal_rows_after_preparation():
    mailing = make_ready(make_people(7))
    found = figures.of(mailing)
    assert (found.prepared, found.total, found.segments) == (7, 7, 7)
    assert mailing.targeted == mailing.audience_size == 7


def test_a_hostile_name_stays_text():
    mailing = make_ready(make_group(make_contact(fictional(1), first_name="{contact.last_name} {0} %s")))
    assert Message.objects.get(mailing=mailing).text == "Hello {contact.last_name} {0} %s"


def test_running_it_again_changes_nothing():
    mailing = make_ready(make_people(5))
    before = list(Message.objects.order_by("id").values())
    assert stage.prepare(mailing.id) is False
    assert list(Message.objects.order_by("id").values()) == before


def test_a_killed_preparation_goes_on_where_it_was(monkeypatch):
    group = make_people(10)
    make_contact(fictional(3))
    monkeypatch.setattr(stage, "BATCH", 3)
    real, calls = stage._write, []

    def dies_at_the_third(*args, **kwargs):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    monkeypatch.setattr(stage, "_write", dies_at_the_third)
    mailing = mailings.prepare(make_mailing(group), None)
    with pytest.raises(KeyboardInterrupt):
        stage.prepare(mailing.id)
    assert Message.objects.count() == 6
    assert stage.prepare(mailing.id) is True
    assert Message.objects.count() == 10
    assert sum(MailingTally.objects.values_list("messages", flat=True)) == 10


def test_a_stopped_preparation_stops_at_the_next_batch(monkeypatch):
    monkeypatch.setattr(stage, "BATCH", 3)
    mailing = mailings.prepare(make_mailing(make_people(10)), None)
    real = stage._write

    def stopped_meanwhile(*args, **kwargs):
        done = real(*args, **kwargs)
        mailings.take_back(mailing, None)
        return done

    monkeypatch.setattr(stage, "_write", stopped_meanwhile)
    assert stage.prepare(mailing.id) is False
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.DRAFT
    assert Message.objects.count() == 3


def test_a_changed_text_is_prepared_anew():
    mailing = make_ready(make_people(3))
    facts = {"provider": mailing.provider, "sender": mailing.sender, "texts": Texts("Other {contact.first_name}")}
    mailing = mailings.save_content(mailing, by=None, version=mailing.version, **facts)
    assert mailing.status == MailingStatus.DRAFT
    mailings.prepare(mailing, None)
    stage.prepare(mailing.id)
    assert {m.text for m in Message.objects.filter(mailing=mailing)} == {"Other Camille"}
    assert figures.of(Mailing.objects.get(id=mailing.id)).total == 3


def test_chunks_hold_about_two_seconds_of_work_and_wait_for_a_person():
    mailing = make_ready(make_people(10), provider=make_provider(rate=2))
    assert list(Chunk.objects.order_by("id").values_list("size", "state")) == [(4, ChunkState.HELD), (4, ChunkState.HELD), (2, ChunkState.HELD)]
    assert [m.stage for m in Message.objects.with_stage().filter(mailing=mailing)] == ["prepared"] * 10


def test_an_older_preparation_writes_nothing_more_once_a_newer_one_began(monkeypatch):
    monkeypatch.setattr(stage, "BATCH", 3)
    mailing = mailings.prepare(make_mailing(make_people(10)), None)
    real = stage._write

    def edited_meanwhile(*args, **kwargs):
        done = real(*args, **kwargs)
        draft = mailings.take_back(mailing, None)
        facts = {"provider": draft.provider, "sender": draft.sender, "texts": Texts("New text")}
        mailings.prepare(mailings.save_content(draft, by=None, version=draft.version, **facts), None)
        return done

    monkeypatch.setattr(stage, "_write", edited_meanwhile)
    assert stage.prepare(mailing.id) is False
    assert Message.objects.count() == 3
    monkeypatch.setattr(stage, "_write", real)
    assert stage.prepare(mailing.id) is True
    assert list(Message.objects.values_list("text", flat=True)) == ["New text"] * 10
    assert Mailing.objects.get().targeted == 10
