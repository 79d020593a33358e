"""Lists of mailings: who may look, filters, pages, what each row offers."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.forms.recipients import RecipientsForm
from campaigns.models import Campaign, Mailing, Message
from campaigns.services import mailings, putting_away
from campaigns.statuses import MailingStatus, MessageStatus
from campaigns.tests.factories import make_mailing, make_people, make_provider, make_ready, make_sending
from campaigns.tests.working import settle
from providers.models import Provider

pytestmark = pytest.mark.django_db
LISTS = ("/sms/mailings/", "/sms/mailings/drafts/", "/sms/mailings/archived/")


def page_of(mailing, part=""):
    return f"/sms/mailings/{mailing.pk}/{part}"


def body(response):
    return response.content.decode()


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
    putting_away.archive(gone, None)
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
    make_mailing(name="Ticket survey", author=user_for("marketer"), kind="marketing")
    Mailing.objects.filter(name="Rehearsal moved").update(kind="service")
    client, url = client_for("marketer"), "/sms/mailings/drafts/"
    for query in ({"q": "rehearsal"}, {"campaign": winter.pk}, {"author": user_for("author").pk}, {"kind": "service"}):
        page = body(client.get(url, query))
        assert "Rehearsal moved" in page and "Ticket survey" not in page and "Clear filters" in page
    assert "No mailing matches" in body(client.get(url, {"q": "nothing like it"}))
    assert "No mailing matches" in body(client.get(url, {"until": "2001-01-01"}))


def test_mailings_are_found_without_accents_in_every_place(client_for):
    group, campaign = make_people(1), Campaign.objects.create(name="Winter")
    found, _other = make_sending(group, name="Concert d’été"), make_sending(group, name="Ticket survey")
    client, person = client_for("marketer"), group.memberships.get().contact_id
    for place in ("/search/", LISTS[0], reverse("campaigns:campaign_mailings", args=[campaign.pk]), reverse("campaigns:why_contact")):
        page = body(client.get(place, {"q": "ETE", "contact": person}))
        assert found.name in page and "Ticket survey" not in page, place


@pytest.mark.parametrize("query", [{"status": "bogus"}, {"kind": "bogus"}, {"author": "x"}, {"campaign": "99999"}, {"since": "not a day"}, {"after": "%%%"}, {"q": "%' OR 1=1"}])
def test_filters_that_make_no_sense_do_no_harm(client_for, query):
    make_mailing(name="Rehearsal")
    assert client_for("viewer").get("/sms/mailings/drafts/", query).status_code == 200


def test_a_row_says_all_that_is_asked_of_a_list(client_for, user_for):
    winter = Campaign.objects.create(name="Winter")
    mailing = make_sending(make_people(3), name="Rehearsal moved", campaign=winter, author=user_for("author"))
    Mailing.objects.filter(pk=mailing.pk).update(
        status="finished", created_at="2026-01-01T10:00Z", scheduled_at="2026-02-01T10:00Z", started_at="2026-03-01T10:00Z", finished_at="2026-04-01T10:00Z"
    )
    page = body(client_for("viewer").get("/sms/mailings/"))
    row = page[page.index("<tbody>") : page.index("</tbody>")]
    for words in ("Rehearsal moved", "Winter", "Finished", ">3", str(user_for("author")), "2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"):
        assert words in row
    assert f'href="/sms/campaigns/{winter.pk}/"' in row


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


def test_a_period_that_ends_before_it_begins_says_so(client_for):
    make_mailing(status="finished")
    client, url = client_for("marketer"), LISTS[0]
    assert "so the period ends before it begins" in client.get(url, {"since": "2026-05-02", "until": "2026-05-01"}).content.decode()
    assert "so the period ends" not in client.get(url, {"since": "2026-05-02", "until": "2026-05-02"}).content.decode()


def test_a_name_does_not_turn_the_text_around_it():
    form = RecipientsForm({"name": "Spring\u202egnirps\u2069"})
    assert form.is_valid() and form.cleaned_data["name"] == "Springgnirps"


# --- cost ---


def costs(client, url="/sms/mailings/"):
    """{name: (amount and currency, whether it is only expected)} of each row."""
    return {mailing.name: (mailing.cost, mailing.expected) for mailing in client.get(url).context["page"]}


def test_the_lists_say_what_each_mailing_costs(client_for, django_assert_max_num_queries):
    people, provider, client = make_people(3), make_provider(price_per_segment="0.05"), client_for("viewer")
    going = make_sending(people, provider=provider, name="On its way")
    settle(going, MessageStatus.SENT, MessageStatus.FAILED)
    later = mailings.confirm(make_ready(people, provider=provider, name="Tomorrow"), None, at=timezone.now() + timedelta(days=1))
    make_ready(people, provider=provider, name="A plan")
    make_mailing(people, provider=provider, name="A draft")
    make_sending(people, provider=make_provider(), name="Nobody knows")
    assert costs(client) == {"On its way": ((Decimal("0.05"), "EUR"), False), "Tomorrow": ((Decimal("0.15"), "EUR"), True), "Nobody knows": (None, False)}
    assert costs(client, LISTS[1]) == {"A plan": ((Decimal("0.15"), "EUR"), True), "A draft": (None, False)}
    page = body(client.get("/sms/mailings/"))
    assert "€0.05" in page and "€0.15" in page and "expected" in page

    mailings.pause(later, None)
    Provider.objects.update(price_per_segment="0.10")  # what was confirmed stays; a plan takes the price of the day
    assert costs(client)["Tomorrow"] == ((Decimal("0.15"), "EUR"), True) and costs(client)["On its way"] == ((Decimal("0.05"), "EUR"), False)
    assert costs(client, LISTS[1])["A plan"] == ((Decimal("0.30"), "EUR"), True)
    assert "€0.05" in body(client.get(page_of(going)))
    with django_assert_max_num_queries(16):
        client.get("/sms/mailings/")


@pytest.mark.parametrize("plan", [{}, {"recipients": 3, "cost": "7"}])
def test_a_mailing_of_before_plans_were_kept_takes_the_price_of_its_provider(client_for, plan):
    mailing = make_sending(make_people(3), provider=make_provider(price_per_segment="0.05"), name="Old")
    settle(mailing, *[MessageStatus.SENT] * 3)
    Mailing.objects.update(plan=plan, planned=plan, status=MailingStatus.FINISHED)
    putting_away.archive(Mailing.objects.get(), None)
    assert costs(client_for("viewer"), LISTS[2]) == {"Old": ((Decimal("0.15"), "EUR"), False)}
    page = body(client_for("viewer").get(page_of(mailing)))
    assert "€0.15" in page and "Plan and actual" not in page
