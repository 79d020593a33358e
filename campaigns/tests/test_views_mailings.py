"""Lists of mailings, a mailing's page, and what can be done from both."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import Campaign, Mailing, Message
from campaigns.services import mailings, transitions
from campaigns.services.transitions import Outcome
from campaigns.statuses import MailingStatus, MessageStatus
from campaigns.tests.factories import fictional, make_mailing, make_people, make_ready, make_sending
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db
LISTS = ("/sms/mailings/", "/sms/mailings/drafts/", "/sms/mailings/archived/")


def page_of(mailing, part=""):
    return f"/sms/mailings/{mailing.pk}/{part}"


def body(response):
    return response.content.decode()


def settle(mailing, *statuses, reason=""):
    ids = list(Message.objects.filter(mailing=mailing).order_by("id").values_list("id", flat=True))
    transitions.move_messages([Outcome(pk, status, reason=reason) for pk, status in zip(ids, statuses, strict=False)])


def status(mailing):
    return Mailing.objects.get(pk=mailing.pk).status


# --- rights ---


@pytest.mark.parametrize("role", ["viewer", "staff", "author", "marketer", "administrator"])
def test_everybody_with_a_role_may_look(client_for, role):
    mailing = make_sending(make_people(2))
    urls = [*LISTS, *(page_of(mailing, part) for part in ("", "progress/", "messages/", "left-out/")), f"/sms/messages/{Message.objects.first().pk}/"]
    assert [client_for(role).get(url).status_code for url in urls] == [200] * len(urls)


def test_without_a_role_nobody_may_look(client_for, user_for):
    user_for("viewer").groups.clear()
    mailing = make_sending(make_people(1))
    for url in (*LISTS, page_of(mailing), page_of(mailing, "progress/"), page_of(mailing, "messages/"), page_of(mailing, "left-out/"), "/sms/messages/1/"):
        assert client_for("viewer").get(url).status_code == 403


def test_nobody_logged_in_is_asked_to_log_in():
    mailing = make_sending(make_people(1))
    for url in (*LISTS, *(page_of(mailing, part) for part in ("", "progress/", "messages/", "left-out/", "cancel/", "delete/")), "/sms/messages/1/"):
        assert "/account/login/" in Client().get(url)["Location"]


@pytest.mark.parametrize("action", ["pause", "cancel", "take-back", "resume"])
@pytest.mark.parametrize("role", ["viewer", "staff", "author"])
def test_only_those_who_launch_may_steer(client_for, role, action):
    mailing = make_sending(make_people(1))
    assert client_for(role).post(page_of(mailing, f"{action}/")).status_code == 403
    assert client_for(role).get(page_of(mailing, f"{action}/")).status_code == 403
    assert status(mailing) == MailingStatus.SENDING


@pytest.mark.parametrize("action", ["delete", "copy", "archive", "stop", "restore"])
def test_viewers_and_staff_change_nothing(client_for, action):
    mailing = make_mailing(make_people(1))
    for role in ("viewer", "staff"):
        assert client_for(role).post(page_of(mailing, f"{action}/")).status_code == 403
    assert Mailing.objects.filter(archived=False).count() == 1


# --- lists ---


def test_each_mailing_is_in_one_list(client_for):
    people = make_people(2)
    draft, ready, sending = make_mailing(people, name="A draft"), make_ready(people, name="A plan"), make_sending(people, name="On its way")
    gone = make_mailing(people, name="Put away")
    mailings.archive(gone, None)
    client = client_for("marketer")
    launched, drafts, archived = (body(client.get(url)) for url in LISTS)
    assert "On its way" in launched and draft.name not in launched
    assert "A draft" in drafts and "A plan" in drafts and sending.name not in drafts and gone.name not in drafts
    assert "Put away" in archived and ready.name not in archived


def test_a_list_costs_a_fixed_number_of_queries(client_for, django_assert_max_num_queries):
    people = make_people(2)
    for number in range(6):
        make_mailing(people, name=f"Draft {number}")
    client = client_for("marketer")
    client.get("/sms/mailings/drafts/")
    with django_assert_max_num_queries(14):
        client.get("/sms/mailings/drafts/")


def test_filters_narrow_and_can_be_cleared(client_for, user_for):
    winter = Campaign.objects.create(name="Winter")
    make_mailing(name="Rehearsal moved", campaign=winter, author=user_for("author"))
    make_mailing(name="Ticket survey", author=user_for("marketer"))
    client, url = client_for("marketer"), "/sms/mailings/drafts/"
    for query in ({"q": "rehearsal"}, {"campaign": winter.pk}, {"author": user_for("author").pk}):
        page = body(client.get(url, query))
        assert "Rehearsal moved" in page and "Ticket survey" not in page and "Clear filters" in page
    assert "No mailing matches" in body(client.get(url, {"q": "nothing like it"}))
    assert "No mailing matches" in body(client.get(url, {"until": "2001-01-01"}))


@pytest.mark.parametrize("query", [{"status": "bogus"}, {"author": "x"}, {"campaign": "99999"}, {"since": "not a day"}, {"after": "%%%"}, {"q": "%' OR 1=1"}])
def test_filters_that_make_no_sense_do_no_harm(client_for, query):
    make_mailing(name="Rehearsal")
    assert client_for("viewer").get("/sms/mailings/drafts/", query).status_code == 200


def test_pages_go_by_key(client_for):
    for number in range(52):
        make_mailing(name=f"Draft {number:02d}")
    client = client_for("viewer")
    first = client.get("/sms/mailings/drafts/")
    assert len(first.context["page"]) == 50
    second = client.get("/sms/mailings/drafts/" + first.context["page"].next_url)
    assert [mailing.name for mailing in second.context["page"]] == ["Draft 01", "Draft 00"]


def test_rows_offer_what_the_state_and_the_role_allow(client_for):
    sending, draft = make_sending(make_people(1)), make_mailing(name="Half done")
    pause, delete = page_of(sending, "pause/"), page_of(draft, "delete/")
    assert pause in body(client_for("marketer").get("/sms/mailings/"))
    assert pause not in body(client_for("author").get("/sms/mailings/"))
    assert delete in body(client_for("author").get("/sms/mailings/drafts/"))
    viewer = body(client_for("viewer").get("/sms/mailings/drafts/"))
    assert delete not in viewer and page_of(draft, "content/") not in viewer


def test_a_loss_is_asked_for_by_a_link_never_by_one_click(client_for):
    sending, draft = make_sending(make_people(1)), make_mailing()
    client = client_for("marketer")
    for url in ("/sms/mailings/", page_of(sending)):
        page = body(client.get(url))
        assert f'href="{page_of(sending, "cancel/")}"' in page and f'action="{page_of(sending, "cancel/")}"' not in page
        assert f'action="{page_of(sending, "pause/")}"' in page
    drafts = body(client.get("/sms/mailings/drafts/"))
    assert f'href="{page_of(draft, "delete/")}"' in drafts and f'action="{page_of(draft, "delete/")}"' not in drafts


def test_empty_lists_say_what_they_are_for(client_for):
    texts = [body(client_for("author").get(url)) for url in LISTS]
    for text, words in zip(texts, ("Nothing scheduled or sent yet", "No drafts", "The archive is empty"), strict=True):
        assert words in text


def test_hostile_names_stay_text(client_for):
    make_mailing(name="<script>alert(1)</script>")
    assert "<script>alert" not in body(client_for("viewer").get("/sms/mailings/drafts/"))


# --- actions ---


def test_pause_and_resume(client_for):
    mailing, client = make_sending(make_people(2)), client_for("marketer")
    assert client.post(page_of(mailing, "pause/"))["Location"] == page_of(mailing)
    assert status(mailing) == MailingStatus.PAUSED
    client.post(page_of(mailing, "resume/"))
    assert status(mailing) == MailingStatus.SENDING


def test_cancel_asks_with_the_numbers_and_then_cancels(client_for):
    mailing, client = make_sending(make_people(3)), client_for("marketer")
    settle(mailing, MessageStatus.SENT)
    question = body(client.get(page_of(mailing, "cancel/")))
    assert "Cancel the 2 texts not yet gone?" in question and "text is gone and cannot be called back" in question
    assert "<html" not in body(client.get(page_of(mailing, "cancel/"), headers={"HX-Request": "true"}))
    assert status(mailing) == MailingStatus.SENDING
    client.post(page_of(mailing, "cancel/"))
    assert status(mailing) == MailingStatus.CANCELLED


def test_an_action_that_came_too_late_is_told(client_for):
    mailing, client = make_sending(make_people(1)), client_for("marketer")
    for _click in range(2):
        response = client.post(page_of(mailing, "cancel/"), follow=True)
    assert "That is not possible any more" in body(response)
    assert client.get(page_of(mailing, "cancel/"))["Location"] == page_of(mailing)


def test_a_copy_is_a_draft_to_continue(client_for):
    mailing = make_sending(make_people(1), name="Open evening")
    response = client_for("author").post(page_of(mailing, "copy/"))
    new = Mailing.objects.latest("id")
    assert response["Location"] == page_of(new, "recipients/")
    assert (new.name, new.status, new.text) == ("Copy of Open evening", MailingStatus.DRAFT, mailing.text)


def test_a_draft_is_deleted_after_a_question_a_sent_one_never(client_for):
    draft, sent, client = make_mailing(name="Half done"), make_sending(make_people(1)), client_for("author")
    assert "Delete the draft “Half done”?" in body(client.get(page_of(draft, "delete/")))
    client.post(page_of(draft, "delete/"))
    client.post(page_of(sent, "delete/"))
    assert list(Mailing.objects.all()) == [sent]


def test_a_scheduled_mailing_is_taken_back_to_draft(client_for):
    mailing = mailings.confirm(make_ready(make_people(1)), None, at=timezone.now() + timedelta(hours=1))
    response = client_for("marketer").post(page_of(mailing, "take-back/"))
    assert response["Location"] == page_of(mailing, "content/") and status(mailing) == MailingStatus.DRAFT


def test_a_preparation_can_be_stopped(client_for):
    mailing = mailings.prepare(make_mailing(make_people(1)), None)
    client_for("author").post(page_of(mailing, "stop/"))
    assert status(mailing) == MailingStatus.DRAFT


def test_archived_and_back(client_for):
    mailing, client = make_sending(make_people(1)), client_for("marketer")
    mailings.cancel(mailing, None)
    client.post(page_of(mailing, "archive/"))
    assert Mailing.objects.get().archived
    client.post(page_of(mailing, "restore/"))
    assert not Mailing.objects.get().archived


def test_unknown_actions_and_mailings_are_not_found(client_for):
    client = client_for("marketer")
    assert client.post(page_of(make_mailing(), "explode/")).status_code == 404
    assert client.get("/sms/mailings/999/").status_code == client.post("/sms/mailings/999/pause/").status_code == 404


# --- the page ---


def test_figures_by_status_lead_to_their_people(client_for):
    mailing, client = make_sending(make_people(4)), client_for("viewer")
    settle(mailing, MessageStatus.SENT, MessageStatus.FAILED, MessageStatus.UNKNOWN, reason="refused")
    page = body(client.get(page_of(mailing)))
    assert "of 4 dealt with" in page and "1 still to go" in page
    for stage in ("sent", "failed", "unknown", "queued"):
        url = page_of(mailing, f"messages/?stage={stage}")
        assert url in page
        assert len(client.get(url).context["page"]) == 1
    assert len(client.get(page_of(mailing, "messages/?stage=arrived-not")).context["page"]) == 2
    assert len(client.get(page_of(mailing, "messages/?stage=failed&reason=refused")).context["page"]) == 1
    assert client.get(page_of(mailing, "messages/?stage=bogus")).status_code == 404


def test_causes_are_told_with_what_to_do(client_for):
    mailing = make_sending(make_people(2))
    settle(mailing, MessageStatus.FAILED, reason="unknown_number")
    page = body(client_for("viewer").get(page_of(mailing)))
    assert "The number is not in service" in page and "Ask the contact for a new number" in page


def test_people_left_out_are_listed_by_reason(client_for):
    mailing = make_ready(make_group(make_contact(fictional(1)), make_contact(None, last_name="Numberless"), make_contact(fictional(2), opted_out=True)))
    client = client_for("viewer")
    assert "2 people left out" in body(client.get(page_of(mailing)))
    page = client.get(page_of(mailing, "left-out/?reason=no_number"))
    assert "Numberless" in body(page) and len(page.context["page"]) == 1
    assert len(client.get(page_of(mailing, "left-out/")).context["page"]) == 2


def test_progress_refreshes_while_it_moves_and_reloads_when_the_state_changes(client_for):
    mailing, client = make_sending(make_people(2)), client_for("viewer")
    first = client.get(page_of(mailing, "progress/?was=sending"))
    assert 'hx-trigger="every 2s"' in body(first) and "HX-Refresh" not in first
    mailings.pause(mailing, None)
    later = client.get(page_of(mailing, "progress/?was=sending"))
    assert later["HX-Refresh"] == "true" and "hx-trigger" not in body(later)


def test_refreshing_can_be_stopped(client_for):
    assert "hx-trigger" not in body(client_for("viewer").get(page_of(make_sending(make_people(1)), "?live=0")))


def test_a_paused_mailing_says_why(client_for):
    mailing = make_sending(make_people(1))
    mailings.pause(mailing, None, reason="The gateway refuses our credentials")
    assert "The gateway refuses our credentials" in body(client_for("viewer").get(page_of(mailing)))


def test_a_page_costs_a_fixed_number_of_queries(client_for, django_assert_max_num_queries):
    mailing = make_sending(make_people(12))
    client = client_for("marketer")
    client.get(page_of(mailing))
    with django_assert_max_num_queries(26):
        client.get(page_of(mailing))


def test_erased_contacts_do_not_break_the_pages(client_for):
    mailing = make_sending(make_people(2))
    Message.objects.update(contact_id=None)
    for part in ("", "messages/"):
        assert "Erased contact" in body(client_for("viewer").get(page_of(mailing, part)))
    assert client_for("viewer").get(f"/sms/messages/{Message.objects.first().pk}/").status_code == 200


def test_a_text_can_be_read_whole(client_for):
    mailing = make_sending(
        make_group(make_contact(fictional(1), first_name="<b>Camille</b>")), text="Hello {contact.first_name}", campaign=Campaign.objects.create(name="Winter")
    )
    page = body(client_for("viewer").get(f"/sms/messages/{Message.objects.get().pk}/"))
    assert "Hello &lt;b&gt;Camille&lt;/b&gt;" in page and "Winter" in page and "GSM-7" in page
    assert mailing.name in page


def test_a_provider_that_is_paused_is_told_where_its_texts_wait(client_for):
    mailing = make_sending(make_people(2))
    type(mailing.provider).objects.update(lane="paused", lane_reason="The gateway refuses our credentials.")
    for role in ("viewer", "staff"):
        page = body(client_for(role).get(page_of(mailing)))
        assert "is paused: its texts wait" in page and "done at about" not in page


def test_a_period_that_ends_before_it_begins_says_so(client_for):
    make_mailing(status="finished")
    client, url = client_for("marketer"), LISTS[0]
    assert "so the period ends before it begins" in client.get(url, {"since": "2026-05-02", "until": "2026-05-01"}).content.decode()
    assert "so the period ends" not in client.get(url, {"since": "2026-05-02", "until": "2026-05-02"}).content.decode()
