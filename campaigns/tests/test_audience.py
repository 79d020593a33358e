"""Whom a mailing chooses: groups and recipients of earlier mailings on both sides, exclude wins, and everybody passes all checks."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from campaigns.audience import Choice, recipients
from campaigns.models import Exclusion, Mailing, Message
from campaigns.pipeline.prepare import prepare
from campaigns.services import blockers, copies, mailings
from campaigns.services.errors import CampaignError
from campaigns.statuses import MailingStatus, MessageStatus
from campaigns.tests.factories import fictional, make_mailing, make_sending
from campaigns.texts import Texts
from contacts.models import Contact, Group, Suppression
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db


def make_finished(*people, statuses=None, status=MailingStatus.FINISHED, **changes):
    """A mailing that went to these people; `statuses` of their messages, delivered by default."""
    mailing = make_sending(make_group(*people), **changes)
    for person, stored in zip(people, statuses or [MessageStatus.DELIVERED] * len(people), strict=True):
        Message.objects.filter(mailing=mailing, contact=person).update(status=stored)
    Mailing.objects.filter(id=mailing.id).update(status=status)
    mailing.refresh_from_db()
    return mailing


def four():
    return [make_contact(fictional(index), first_name=name) for index, name in enumerate(("Ana", "Ben", "Cleo", "Dan"))]


def chosen(include=(), exclude=()):
    draft = mailings.create(None, "Draft", include=include, exclude=exclude)
    return list(Choice.of(draft).audience().contacts().order_by("id"))


def prepared(include=(), exclude=()):
    """(contacts who get a text, {contact: reason} of the others)"""
    draft = mailings.create(None, "Draft", include=include, exclude=exclude)
    provider = make_mailing(make_group()).provider
    draft = mailings.save_content(draft, by=None, version=draft.version, provider=provider, sender="36111", texts=Texts("Hello"))
    prepare(mailings.prepare(draft, None).id)
    texts = Message.objects.filter(mailing=draft).order_by("contact_id").values_list("contact_id", flat=True)
    return list(texts), dict(Exclusion.objects.filter(mailing=draft).values_list("contact_id", "reason"))


def test_groups_and_recipients_join_and_exclude_wins():
    ana, ben, cleo, dan = four()
    earlier, staff = make_finished(ben, cleo), make_group(cleo, dan)
    assert chosen([make_group(ana, ben), earlier]) == [ana, ben, cleo]
    assert chosen([make_group(ana, ben), earlier], [staff]) == [ana, ben]
    assert chosen([make_group(ana, ben, dan)], [earlier, staff]) == [ana]
    assert chosen([earlier]) == [ben, cleo]
    assert chosen([earlier], [earlier_twin := make_finished(ben)]) == [cleo]
    assert chosen([earlier, earlier_twin], [make_group()]) == [ben, cleo]
    assert chosen([], [staff]) == []


def test_only_those_who_were_really_texted_are_recipients():
    people = [make_contact(fictional(index)) for index in range(7)]
    S = MessageStatus
    earlier = make_finished(*people, statuses=[S.SENT, S.DELIVERED, S.UNDELIVERED, S.UNKNOWN, S.FAILED, S.SKIPPED, S.CANCELLED])
    assert chosen([earlier]) == people[:4]
    assert chosen([make_group(*people)], [earlier]) == people[4:]


def test_somebody_who_was_texted_at_the_second_attempt_only_is_a_recipient():
    ana, ben, *_ = four()
    earlier = make_finished(ana, ben, statuses=[MessageStatus.FAILED, MessageStatus.FAILED])
    first = Message.objects.get(mailing=earlier, contact=ana)
    Message.objects.create(mailing=earlier, contact=ana, number=first.number, status=MessageStatus.SENT, again_of=first.id)
    assert chosen([earlier]) == [ana]
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(mailing=earlier, contact=ana, number=first.number, again_of=first.id)


def test_a_recipient_who_was_merged_counts_as_who_they_became():
    ana, ben, cleo, _dan = four()
    earlier = make_finished(ana, ben)
    Contact.objects.filter(id=ana.id).update(merged_into=cleo, deleted_at=timezone.now())
    assert chosen([earlier]) == [ben, cleo]
    assert chosen([make_group(ben, cleo)], [earlier]) == []
    assert prepared([earlier]) == ([ben.id, cleo.id], {})


def test_recipients_of_an_earlier_mailing_pass_all_checks_like_anybody():
    out, blocked, dead, gone, fine = people = [make_contact(fictional(index)) for index in range(5)]
    earlier = make_finished(*people)
    Contact.objects.filter(id=out.id).update(opted_out=True)
    Contact.objects.filter(id=dead.id).update(deceased=True)
    Contact.objects.filter(id=gone.id).update(deleted_at=timezone.now())
    Suppression.objects.create(number=fictional(1), reason="stop")
    assert prepared([earlier]) == ([fine.id], {out.id: "opted_out", blocked.id: "suppressed", dead.id: "deceased", gone.id: "deleted"})


def test_an_erased_recipient_is_nobody():
    ana, ben, *_ = four()
    earlier = make_finished(ana, ben)
    ana.delete()
    assert chosen([earlier]) == [ben]


def test_smart_and_static_groups_are_members_alike():
    ana, ben, *_ = four()
    smart = make_group(ana, ben, kind=Group.Kind.SMART)
    assert chosen([smart], [make_group(ben)]) == [ana]


def test_taken_out_are_included_people_whom_the_other_side_takes_out():
    ana, ben, cleo, dan = four()
    group, staff, earlier = make_group(ana, ben, cleo), make_group(ben, dan), make_finished(cleo, dan)
    choice = Choice(include_groups=[group.id], exclude_groups=[staff.id], exclude_mailings=[earlier.id])
    assert list(choice.audience().taken_out().order_by("id")) == [ben, cleo]
    assert list(Choice(include_groups=[group.id], exclude_mailings=[earlier.id]).audience().taken_out()) == [cleo]
    assert list(Choice(include_groups=[group.id]).audience().taken_out()) == []


@pytest.mark.parametrize("status", [status for status in MailingStatus if status not in (MailingStatus.FINISHED, MailingStatus.CANCELLED)])
def test_only_mailings_whose_recipients_are_final_can_be_chosen(status):
    ana, *_ = four()
    for side in ({"include": [make_finished(ana, status=status, name="News")]}, {"include": [make_group(ana)], "exclude": [Mailing.objects.get(name="News")]}):
        with pytest.raises(CampaignError, match="“News” has not finished yet"):
            mailings.create(None, "Draft", **side)


def test_of_a_cancelled_mailing_those_count_who_got_it_before():
    ana, ben, *_ = four()
    earlier = make_finished(ana, ben, statuses=[MessageStatus.DELIVERED, MessageStatus.CANCELLED], status=MailingStatus.CANCELLED)
    assert chosen([make_group(ana, ben)], [earlier]) == [ben]


def test_the_same_mailing_on_both_sides_is_an_error():
    earlier = make_finished(*four(), name="News")
    with pytest.raises(CampaignError, match="“News” is included and excluded"):
        mailings.create(None, "Draft", include=[earlier], exclude=[earlier])


def test_a_group_and_a_mailing_with_the_same_id_are_two_things():
    ana, ben, *_ = four()
    group, earlier = make_group(ana, ben, id=77_000), Mailing.objects.create(id=77_000, name="News", status=MailingStatus.FINISHED)
    Message.objects.create(mailing=earlier, contact=ben, number=fictional(1), status=MessageStatus.SENT)
    assert chosen([group], [earlier]) == [ana]


def test_nobody_included_keeps_the_plan_from_being_made():
    draft = mailings.create(None, "Draft", exclude=[make_finished(*four())])
    assert ("no_group", "Nobody is chosen yet. Include at least one group or earlier mailing in step 1.") in blockers.missing(draft)
    draft = mailings.create(None, "Draft", include=[make_finished(*four())])
    assert "no_group" not in dict(blockers.missing(draft))


def test_a_copy_keeps_both_sides():
    earlier, other, group = make_finished(*four()), make_finished(*four()), make_group()
    mailing = mailings.create(None, "Draft", include=[earlier, group], exclude=[other])
    assert Choice.of(copies.copy(mailing, None)) == Choice.of(mailing)


def test_recipients_cost_nothing_without_mailings(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert recipients([]) == []


def test_the_page_of_a_mailing_names_its_audience(client_for):
    earlier, group = make_finished(*four(), name="<b>News</b>"), make_group(name="Choir")
    mailing = mailings.create(None, "Draft", include=[group], exclude=[earlier])
    page = client_for("viewer").get(f"/sms/mailings/{mailing.pk}/").content.decode()
    assert f'<a href="/contacts/groups/{group.pk}/">Choir</a>' in page
    assert f'<a href="/sms/mailings/{earlier.pk}/">&lt;b&gt;News&lt;/b&gt;</a>' in page
