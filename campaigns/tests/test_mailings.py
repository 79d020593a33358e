"""The life of a mailing: allowed moves, and clear refusals of the others."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Chunk, Mailing, MailingEvent, Message
from campaigns.pipeline import finish, sweep
from campaigns.services import copies, figures, mailings, putting_away, rounds
from campaigns.services.errors import CampaignError
from campaigns.statuses import ChunkState, MailingStatus, MessageStatus
from campaigns.tests.factories import make_mailing, make_people, make_ready, make_sending
from campaigns.texts import Texts
from contacts.tests.factories import make_group

pytestmark = pytest.mark.django_db


def status(mailing):
    return Mailing.objects.get(id=mailing.id).status


def test_confirming_twice_launches_once_and_says_who_was_first(user_for):
    mailing = make_ready(make_people(2))
    mailings.confirm(mailing, user_for("marketer"))
    with pytest.raises(CampaignError, match=r"already launched by Marketer"):
        mailings.confirm(mailing, None)
    assert MailingEvent.objects.filter(mailing=mailing, status=MailingStatus.SENDING).count() == 1


def test_a_draft_cannot_be_confirmed():
    with pytest.raises(CampaignError, match="plan is not ready"):
        mailings.confirm(make_mailing(make_people(1)), None)


def test_nobody_to_text_cannot_be_confirmed():
    with pytest.raises(CampaignError, match="Nobody would get this text"):
        mailings.confirm(make_ready(make_group()), None)


def test_a_time_that_is_over_is_refused():
    with pytest.raises(CampaignError, match="time is over"):
        mailings.confirm(make_ready(make_people(1)), None, at=timezone.now() - timedelta(minutes=1))


def test_a_scheduled_mailing_starts_at_its_time_and_only_once():
    mailing = mailings.confirm(make_ready(make_people(1)), None, at=timezone.now() + timedelta(hours=1))
    rounds.look_around()
    assert status(mailing) == MailingStatus.SCHEDULED
    Mailing.objects.update(scheduled_at=timezone.now() - timedelta(seconds=1))
    rounds.look_around()
    rounds.look_around()
    assert status(mailing) == MailingStatus.SENDING
    assert MailingEvent.objects.filter(mailing=mailing, status=MailingStatus.SENDING).count() == 1


def test_pause_holds_every_chunk_and_resume_lets_go():
    mailing = make_sending(make_people(3))
    mailings.pause(mailing, None)
    assert (status(mailing), Chunk.objects.get().state) == (MailingStatus.PAUSED, ChunkState.HELD)
    mailings.resume(mailing, None)
    assert (status(mailing), Chunk.objects.get().state) == (MailingStatus.SENDING, ChunkState.READY)


def test_a_paused_schedule_goes_back_to_scheduled():
    mailing = mailings.confirm(make_ready(make_people(1)), None, at=timezone.now() + timedelta(hours=1))
    mailings.pause(mailing, None)
    mailings.resume(mailing, None)
    assert (status(mailing), Chunk.objects.get().state) == (MailingStatus.SCHEDULED, ChunkState.HELD)


def test_cancel_settles_what_was_not_started():
    mailing = make_sending(make_people(3))
    mailings.cancel(mailing, None)
    finish.finish()
    finish.finish()
    found = figures.of(mailing)
    assert (found.cancelled, found.open) == (3, 0)
    assert set(Message.objects.values_list("status", flat=True)) == {MessageStatus.CANCELLED}


def test_the_lists_of_moves_hold():
    mailing = make_ready(make_people(1))
    mailings.cancel(mailing, None)
    for action in (mailings.confirm, mailings.pause, mailings.resume, mailings.cancel, mailings.take_back):
        with pytest.raises(CampaignError):
            action(mailing, None)


def test_a_second_editor_is_told():
    mailing = make_mailing(make_people(1))
    group = mailing.include_groups.get()
    mailings.save_recipients(mailing, by=None, version=0, name="First", include=[group])
    with pytest.raises(CampaignError, match="Somebody changed this meanwhile"):
        mailings.save_recipients(mailing, by=None, version=0, name="Second", include=[group])
    assert Mailing.objects.get().name == "First"


def test_the_same_group_on_both_sides_is_an_error():
    group = make_people(1)
    with pytest.raises(CampaignError, match="included and excluded"):
        mailings.create(None, "Name", include=[group], exclude=[group])


def test_an_unknown_token_is_kept_in_the_draft_and_stops_the_plan_with_a_suggestion():
    mailing = make_mailing(make_people(1))
    mailing = mailings.save_content(mailing, by=None, version=0, provider=mailing.provider, sender="36111", texts=Texts("{contact.frist_name}"))
    with pytest.raises(CampaignError, match=r"Did you mean \{contact.first_name\}"):
        mailings.prepare(mailing, None)


def test_a_plan_that_somebody_changed_is_not_launched():
    mailing = make_ready(make_people(1))
    with pytest.raises(CampaignError, match="Somebody else saved this draft meanwhile"):
        mailings.confirm(mailing, None, version=mailing.version + 1)
    assert status(mailing) == MailingStatus.READY


def test_only_drafts_can_be_deleted():
    putting_away.delete(make_ready(make_people(2)), None)
    assert not Message.objects.exists()
    with pytest.raises(CampaignError, match="Only drafts"):
        putting_away.delete(make_sending(make_people(1)), None)


def test_a_copy_has_the_audience_and_text_and_no_schedule():
    mailing = make_sending(make_people(2), name="News")
    new = copies.copy(mailing, None)
    assert (new.name, new.text, new.status, new.scheduled_at) == ("Copy of News", mailing.text, MailingStatus.DRAFT, None)
    assert list(new.include_groups.all()) == list(mailing.include_groups.all())


def claimed(mailing, *, started_up_to, seconds_ago):
    Chunk.objects.filter(mailing=mailing).update(
        state=ChunkState.CLAIMED, started_up_to=started_up_to, lease_until=timezone.now() - timedelta(seconds=seconds_ago)
    )


def test_sweep_makes_started_ones_unknown_and_gives_the_rest_back():
    mailing = make_sending(make_people(5))
    claimed(mailing, started_up_to=2, seconds_ago=60)
    assert [m.stage for m in Message.objects.with_stage().order_by("position")] == ["sending"] * 2 + ["queued"] * 3
    assert sweep.sweep() == 2
    assert sweep.sweep() == 0
    found = figures.of(mailing)
    assert (found.unknown, found.queued) == (2, 3)
    assert Chunk.objects.get().state == ChunkState.READY
    assert Message.objects.filter(status=MessageStatus.UNKNOWN).count() == 2


def test_sweep_leaves_a_live_lease_alone():
    claimed(make_sending(make_people(2)), started_up_to=1, seconds_ago=-60)
    assert sweep.sweep() == 0
    assert Chunk.objects.get().state == ChunkState.CLAIMED


def test_a_mailing_without_open_chunks_is_finished_once():
    mailing = make_sending(make_people(1))
    finish.finish()
    assert status(mailing) == MailingStatus.SENDING
    Chunk.objects.update(state=ChunkState.DONE)
    finish.finish()
    finish.finish()
    assert status(mailing) == MailingStatus.FINISHED
    assert MailingEvent.objects.filter(status=MailingStatus.FINISHED).count() == 1


def test_folding_the_counters_changes_no_sum(monkeypatch):
    mailing = make_sending(make_people(4))
    claimed(mailing, started_up_to=1, seconds_ago=60)
    sweep.sweep()
    before = figures.of(mailing)
    monkeypatch.setattr(finish, "FOLD_FROM", 1)
    finish.fold_tallies()
    assert figures.of(mailing) == before
