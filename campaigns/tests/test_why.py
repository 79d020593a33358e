"""Why / why not: the one decision about a contact and a mailing, in words."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import decisions
from campaigns.models import Mailing, Message
from campaigns.services import mailings
from campaigns.statuses import MailingStatus, MessageStatus
from campaigns.tests.factories import fictional, make_mailing, make_people, make_provider, make_ready
from contacts.models import Contact, Membership, Suppression
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode().split("<main", 1)[1])).replace("&#x27;", "'").replace(" ", " ")


def asked(client, mailing, contact=None, **query):
    return text(client.get(reverse("campaigns:why", args=[mailing.pk]), {"contact": contact.pk, **query} if contact else query))


@pytest.fixture
def viewer(client_for):
    return client_for("viewer")


def test_who_may_ask(client_for, client, viewer):
    ana = make_contact(fictional(1))
    mailing = make_ready(make_group(ana))
    pages = [(reverse("campaigns:why", args=[mailing.pk]), {}), (reverse("campaigns:why_contact"), {"contact": ana.pk})]
    for url, query in pages:
        assert [client_for(role).get(url, query).status_code for role in ("viewer", "staff", "author", "marketer", "administrator")] == [200] * 5
        assert client.get(url, query).status_code == 302
        assert viewer.post(url).status_code == 405
    assert viewer.get(reverse("campaigns:why", args=[10**9])).status_code == 404


# --- recipients ---


def test_a_recipient_with_state_and_number(viewer):
    ana = make_contact(fictional(1))
    mailing = make_ready(make_group(ana))
    html = asked(viewer, mailing, ana)
    assert "Is a recipient: Prepared" in html and "+33 6 39 98 00 01" in html and "It leaves once the mailing is confirmed" in html
    mailings.confirm(mailing, None)
    assert "Is a recipient: Queued" in asked(viewer, mailing, ana)


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        (MessageStatus.DELIVERED, "", "The gateway reported that the text arrived."),
        (MessageStatus.SKIPPED, "suppressed", "held back when eligibility was asked again just before it would have left. Suppressed: The number gets no text"),
        (MessageStatus.FAILED, "invalid_number", "The text did not leave: the gateway refused it, or could not be reached. Not a valid number"),
        (MessageStatus.UNKNOWN, "worker_lost", "The text may have been sent."),
        (MessageStatus.CANCELLED, "", "The mailing was cancelled before the text left."),
        (MessageStatus.SKIPPED, "merged", "Merged with somebody who gets this text"),
    ],
)
def test_every_outcome_in_words(viewer, status, reason, words):
    ana = make_contact(fictional(1))
    mailing = make_ready(make_group(ana))
    Message.objects.update(status=status, reason=reason, sent_at=timezone.now())
    assert words in asked(viewer, mailing, ana)


def test_every_stage_has_a_sentence():
    from campaigns import wording

    assert set(decisions.STAGES) == set(wording.STAGES)


# --- left out ---


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"opted_out": True}, "Was left out: Opted out"),
        ({"deceased": True}, "Was left out: Deceased"),
        ({"number": None}, "Was left out: No number"),
        ({"number": "+33142685300", "kind": "landline"}, "Was left out: Not a mobile"),
    ],
)
def test_somebody_left_out_reads_the_stored_reason(viewer, changes, words):
    ana = make_contact(**{"number": fictional(1)} | changes)
    mailing = make_ready(make_group(ana))
    Contact.objects.filter(pk=ana.pk).update(opted_out=False, deceased=False)  # what holds now is another matter
    html = asked(viewer, mailing, ana)
    assert words in html and "Decided when the mailing was prepared." in html and "What to do" in html


def test_today_may_differ_from_the_day_of_the_decision(viewer):
    ana = make_contact(fictional(1), opted_out=True)
    mailing = make_ready(make_group(ana))
    Contact.objects.filter(pk=ana.pk).update(opted_out=False)
    assert "Today Can be texted" in asked(viewer, mailing, ana)
    Suppression.objects.create(number=fictional(1), reason="stop")
    assert "Today Suppressed" in asked(viewer, mailing, ana)


def test_a_shared_number_names_who_got_the_text(viewer):
    ana, eve = make_contact(fictional(1), first_name="Ana", last_name="First"), make_contact(fictional(1), last_name="Second")
    mailing = make_ready(make_group(ana, eve))
    Message.objects.update(status=MessageStatus.DELIVERED)
    html = asked(viewer, mailing, eve)
    assert "Was left out: Number already in this mailing" in html and "Ana First has the same number and is the recipient: Delivered" in html


def test_a_country_that_the_provider_does_not_allow(viewer):
    ana = make_contact(fictional(1))
    mailing = make_ready(make_group(ana), provider=make_provider(allowed_countries=["GB"]))
    html = asked(viewer, mailing, ana)
    assert "Was left out: Country not allowed" in html and "Today Country not allowed" in html


# --- in no row ---


def test_taken_out_by_the_excluded_group(viewer):
    ana, ben = make_contact(fictional(1)), make_contact(fictional(2))
    mailing = make_ready(make_group(ana, ben), exclude=[make_group(ben, name="Staff & friends")])
    html = asked(viewer, mailing, ben)
    assert "Was taken out by the excluded group “Staff &amp; friends”" in html


def test_taken_out_by_an_earlier_mailing(viewer):
    ana, ben = make_contact(fictional(1)), make_contact(fictional(2))
    earlier = make_ready(make_group(ben), name="The earlier one")
    Message.objects.filter(mailing=earlier).update(status=MessageStatus.SENT, sent_at=timezone.now())
    Mailing.objects.filter(pk=earlier.pk).update(status=MailingStatus.FINISHED)
    draft = make_mailing(make_group(ana, ben))
    draft.exclude_mailings.add(earlier)
    html = asked(viewer, draft, ben)
    assert "The mailing is not prepared yet." in html and "Was taken out by the excluded mailing “The earlier one”" in html


def test_never_chosen_names_the_groups_that_were(viewer):
    ana, eve = make_contact(fictional(1)), make_contact(fictional(2))
    mailing = make_ready(make_group(ana, name="Newsletter"))
    html = asked(viewer, mailing, eve)
    assert "Was never chosen" in html and "Newsletter" in html


def test_who_joins_later_reads_so(viewer):
    group = make_group(make_contact(fictional(1)))
    mailing = make_ready(group)
    late = make_contact(fictional(2))
    Membership.objects.create(group=group, contact=late)
    assert "Joined after the audience was made" in asked(viewer, mailing, late)
    Membership.objects.filter(contact=late).update(added_at=timezone.now() - timedelta(days=1))
    assert "Was not in the audience when it was made" in asked(viewer, mailing, late)


def test_a_preparation_under_way_has_not_come_to_everybody(viewer):
    ana = make_contact(fictional(1))
    mailing = mailings.prepare(make_mailing(make_group(ana)), None)
    assert "The preparation has not come to this contact yet" in asked(viewer, mailing, ana)


# --- drafts ---


def test_a_draft_says_how_it_would_be(viewer):
    ana, eve, ben, other = make_contact(fictional(1)), make_contact(fictional(1)), make_contact(fictional(2), opted_out=True), make_contact(fictional(3))
    draft = make_mailing(make_group(ana, eve, ben))
    assert "Would be texted" in asked(viewer, draft, ana)
    assert "Would be left out: Number already in this mailing" in asked(viewer, draft, eve)
    assert "Would be left out: Opted out" in asked(viewer, draft, ben)
    assert "Is not chosen" in asked(viewer, draft, other)


def test_a_draft_again_forgets_what_was_prepared(viewer):
    ana = make_contact(fictional(1))
    mailing = make_ready(make_group(ana))
    Mailing.objects.filter(pk=mailing.pk).update(status=MailingStatus.DRAFT)
    assert "Would be texted" in asked(viewer, mailing, ana)


# --- merged people ---


def test_a_decision_about_a_merged_person_is_read_through(viewer):
    loser, winner = make_contact(fictional(1), first_name="Old", last_name="Name"), make_contact(fictional(2))
    mailing = make_ready(make_group(loser))
    Contact.objects.filter(pk=loser.pk).update(merged_into=winner, deleted_at=timezone.now())
    html = asked(viewer, mailing, winner)
    assert "Is a recipient: Prepared" in html and "Decided for Old Name, who was merged into this contact." in html
    assert winner.name in asked(viewer, mailing, loser)  # the old address leads to whom they became


# --- finding somebody ---


def test_somebody_is_found_by_name_and_by_number_in_any_format(viewer):
    ana = make_contact(fictional(1), first_name="Ana", last_name="Durand")
    make_contact(fictional(2), first_name="Anaïs", last_name="Petit")
    mailing = make_ready(make_group(ana))
    assert "Is a recipient" in asked(viewer, mailing, q="durand")
    assert "Is a recipient" in asked(viewer, mailing, q="06 39 98 00 01")
    many = asked(viewer, mailing, q="ana")
    assert "Durand, Ana" in many and "Petit, Anaïs" in many and "Is a recipient" not in many


@pytest.mark.parametrize("query", [{"q": "nobody here"}, {"contact": "x"}, {"contact": "9" * 30}, {"q": "\0"}, {"q": "x" * 500}, {"contact": str(10**9)}])
def test_nonsense_finds_nobody_and_says_what_to_do(viewer, query):
    response = viewer.get(reverse("campaigns:why", args=[make_mailing().pk]), query)
    assert response.status_code == 200 and any(words in text(response) for words in ("Nobody matches.", "Write a name or a number", "who does not exist"))


def test_the_text_to_a_number_that_nobody_has_any_more(viewer):
    ana = make_contact(fictional(1))
    mailing = make_ready(make_group(ana))
    ana.delete()
    assert "No contact has this number now, yet a text of this mailing is for it: Prepared" in asked(viewer, mailing, q="06 39 98 00 01")


def test_deleted_people_are_not_shown(viewer):
    gone = make_contact(fictional(1), last_name="Gone")
    mailing = make_ready(make_group(gone))
    Contact.objects.filter(pk=gone.pk).update(deleted_at=timezone.now())
    assert "Gone" not in asked(viewer, mailing, gone) and "Gone" not in asked(viewer, mailing, q="Gone").replace('value="Gone"', "")


# --- all mailings of a contact ---


def test_a_contact_and_all_mailings(viewer, django_assert_num_queries):
    ana = make_contact(fictional(1))
    group = make_group(ana)
    ready = make_ready(group, name="Got it")
    mailings.confirm(ready, None)
    Contact.objects.filter(pk=ana.pk).update(opted_out=True)
    for place in range(3):
        mailings.confirm(make_ready(group, make_people(1), name=f"Left out {place}"), None)
    mailings.confirm(make_ready(make_group(make_contact(fictional(9))), name="Other"), None)
    url = reverse("campaigns:why_contact")
    html = text(viewer.get(url, {"contact": ana.pk}))
    assert re.search(r"Got it\s+Queued", html) and re.search(r"Left out 2\s+Opted out", html) and re.search(r"Other\s+Not in its audience", html)
    assert "Other" not in text(viewer.get(url, {"contact": ana.pk, "q": "left"}))
    with django_assert_num_queries(12):
        viewer.get(url, {"contact": ana.pk})


def test_both_pages_are_reached_from_where_one_asks(viewer):
    ana, ben = make_contact(fictional(1)), make_contact(fictional(2), opted_out=True)
    mailing = make_ready(make_group(ana, ben))
    why, everything = reverse("campaigns:why", args=[mailing.pk]), f"{reverse('campaigns:why_contact')}?contact={ana.pk}"
    for url in (reverse("contacts:detail", args=[ana.pk]), reverse("contacts:why", args=[ana.pk])):
        assert everything in viewer.get(url).content.decode()
    assert f"{why}?contact={ben.pk}" in viewer.get(reverse("campaigns:left_out", args=[mailing.pk])).content.decode()
    assert f'href="{why}"' in viewer.get(reverse("campaigns:messages", args=[mailing.pk])).content.decode()
    assert "The person wants no marketing." in text(viewer.get(reverse("campaigns:left_out", args=[mailing.pk]), {"reason": "opted_out"}))


def test_an_unknown_contact_is_said_in_words(viewer):
    mailing = make_mailing()
    assert "asks for a contact who does not exist" in text(viewer.get(reverse("campaigns:why", args=[mailing.pk]), {"contact": "123456789"}))
    assert "does not exist" not in asked(viewer, mailing, make_contact())


def test_all_mailings_of_a_merged_contact_are_those_of_the_winner(viewer):
    ana, double = make_contact(fictional(1), first_name="Ana"), make_contact(fictional(2), first_name="Anna")
    Contact.objects.filter(pk=double.pk).update(merged_into=ana, deleted_at=timezone.now())
    response = viewer.get(reverse("campaigns:why_contact"), {"contact": double.pk, "q": "May"}, follow=True)
    assert response.redirect_chain == [(f"{reverse('campaigns:why_contact')}?contact={ana.pk}&q=May", 302)]
    assert "Mailings and Ana" in text(response) and "was merged into" in text(response)
    assert viewer.get(reverse("campaigns:why_contact"), {"contact": "123456789"}).status_code == 404
