"""Pages of campaigns: who may, the list, a campaign's page, forms with bad input, archive and delete."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import Campaign, Mailing
from campaigns.services import campaigns, putting_away
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import make_mailing, make_people, make_provider, make_ready, make_sending
from campaigns.tests.working import settle
from campaigns.tests.writing import body

pytestmark = pytest.mark.django_db
LIST, NEW = "/sms/campaigns/", "/sms/campaigns/new/"
TURNED = "\u202e"


def page_of(campaign, part=""):
    return f"{LIST}{campaign.pk}/{part}"


# --- rights ---


@pytest.mark.parametrize("role", ["viewer", "staff", "author", "marketer", "administrator"])
def test_everybody_with_a_role_may_look(client_for, role):
    campaign = campaigns.create("Winter")
    assert [client_for(role).get(url).status_code for url in (LIST, page_of(campaign))] == [200, 200]


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("staff", 403), ("author", 200), ("marketer", 200), ("administrator", 200)])
def test_authors_make_and_change_campaigns(client_for, role, status):
    campaign = campaigns.create("Winter")
    urls = [NEW, *(page_of(campaign, part) for part in ("edit/", "archive/", "delete/", "mailings/")), f"/sms/mailings/{make_mailing().pk}/campaign/"]
    assert [client_for(role).get(url).status_code for url in urls] == [status] * len(urls)
    assert [client_for(role).post(url, {"name": ""}).status_code == 403 for url in urls] == [status == 403] * len(urls)


def test_viewers_see_no_way_to_change_anything(client_for):
    campaign = campaigns.create("Winter")
    make_mailing(campaign=campaign)
    seen = body(client_for("viewer").get(LIST)) + body(client_for("viewer").get(page_of(campaign)))
    assert not [word for word in ("New campaign", "Edit", "Archive", "New mailing", "File") if word in seen]


def test_nobody_logged_in_is_asked_to_log_in():
    campaign = campaigns.create("Winter")
    for url in (LIST, NEW, *(page_of(campaign, part) for part in ("", "edit/", "archive/", "delete/", "mailings/"))):
        assert "/account/login/" in Client().get(url)["Location"]


# --- the list ---


@pytest.fixture
def three():
    today = timezone.localdate()
    campaigns.create("Autumn collection", ends_on=today - timedelta(days=1), description="For those who gave in spring")
    campaigns.create("Été", starts_on=today + timedelta(days=9))
    campaigns.create("Season", starts_on=today, ends_on=today)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Autumn collection", "Season", "Été"]), ("q=ete", ["Été"]), ("q=GAVE", ["Autumn collection"]), ("phase=running", ["Season"]), ("phase=coming", ["Été"]),
        ("phase=over", ["Autumn collection"]), ("phase=undated", []), ("archived=1", []), ("phase=nonsense", ["Autumn collection", "Season", "Été"]),
        ("q=%00", ["Autumn collection", "Season", "Été"]), ("after=%%%", ["Autumn collection", "Season", "Été"]),
    ],
)  # fmt: skip
def test_the_list_is_searched(client_for, three, query, names):
    assert [row.name for row in client_for("viewer").get(f"{LIST}?{query}").context["page"]] == names


def test_the_list_says_mailings_and_texts_in_a_fixed_number_of_queries(client_for, django_assert_max_num_queries):
    winter = campaigns.create("Winter")
    settle(make_sending(make_people(2), campaign=winter), MessageStatus.SENT, MessageStatus.FAILED)
    for n in range(60):
        campaigns.create(f"Campaign {n:02}")
    client = client_for("viewer")
    client.get(LIST)
    with django_assert_max_num_queries(11):
        page = client.get(LIST)
    assert len(page.context["page"]) == 50
    rest = client.get(LIST + page.context["page"].next_url).context["page"]
    assert [(row.name, row.size.mailings, row.size.texted) for row in rest][-1] == ("Winter", 1, 1)


def test_an_empty_list_says_what_to_do(client_for):
    assert "No campaigns yet" in (seen := body(client_for("author").get(LIST))) and NEW in seen
    assert NEW not in body(client_for("viewer").get(LIST))


# --- a campaign's page ---


def test_the_page_adds_up_its_mailings(client_for):
    provider = make_provider(price_per_segment="0.05")
    winter = campaigns.create("Winter", description="For friends\n<b>of the house</b>")
    sent = make_sending(make_people(2), campaign=winter, provider=provider, name="Open evening")
    settle(sent, MessageStatus.SENT, MessageStatus.SENT)
    settle(sent, MessageStatus.DELIVERED, MessageStatus.UNDELIVERED)
    make_mailing(campaign=winter, name="A draft")
    seen = body(client_for("viewer").get(page_of(winter)))
    for words in ("Open evening", "A draft", "50.0% of those texted", "€0.10", "&lt;b&gt;of the house", f"/sms/mailings/{sent.pk}/messages/?stage=delivered"):
        assert words in seen, words


def test_the_page_of_many_mailings_costs_a_fixed_number_of_queries(client_for, django_assert_max_num_queries):
    winter, people = campaigns.create("Winter"), make_people(2)
    for n in range(22):
        make_mailing(people, campaign=winter, name=f"Draft {n}")
    make_ready(people, campaign=winter)
    client = client_for("author")
    client.get(page_of(winter))
    with django_assert_max_num_queries(17):
        page = client.get(page_of(winter)).context["page"]
    assert len(page) == 20
    assert len(client.get(page_of(winter) + page.next_url).context["page"]) == 3


def test_each_number_of_mailings_leads_to_a_list_with_as_many(client_for):
    winter, people = campaigns.create("Winter"), make_people(1)
    make_mailing(people, campaign=winter), make_mailing(people, campaign=winter), make_sending(people, campaign=winter), make_sending(people)
    putting_away.archive(make_mailing(people, campaign=winter), None)
    rows = client_for("author").get(page_of(winter)).context["by_status"]
    assert [(state.code, n) for state, n, _url in rows] == [("draft", 2), ("sending", 1), ("archived", 1)]
    assert [len(client_for("author").get(url).context["page"]) for _state, _n, url in rows] == [2, 1, 1]


def test_an_empty_campaign_says_what_to_do(client_for):
    winter = campaigns.create("Winter")
    seen = body(client_for("author").get(page_of(winter)))
    assert "No mailing is filed here yet" in seen and f"/sms/mailings/new/?campaign={winter.pk}" in seen and page_of(winter, "mailings/") in seen


def test_no_mailing_is_made_in_a_campaign_of_the_archive(client_for):
    winter = campaigns.archive(campaigns.create("Winter"))
    assert "/sms/mailings/new/?campaign" not in body(client_for("author").get(page_of(winter)))


# --- forms ---


BAD = [
    ({"name": ""}, "Give the campaign a name"), ({"name": "\u200b"}, "Give the campaign a name"), ({"name": "x" * 121}, "at most 120 characters"),
    ({"name": "WINTER"}, "There is a campaign “Winter” already"), ({"name": "a\0b"}, "cannot be kept"), ({"description": "x" * 1001}, "at most 1000"),
    ({"starts_on": "2026-05-02", "ends_on": "2026-05-01"}, "ends before it begins"), ({"starts_on": "0001-01-01"}, "The year is 1."),
    ({"ends_on": "9999-12-31"}, "The year is 9999"), ({"starts_on": "tomorrow"}, "Not a date"), ({"ends_on": "2026-02-30"}, "Not a date"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "sentence"), BAD)
def test_bad_input_is_answered_in_a_sentence(client_for, changes, sentence):
    campaigns.create("Winter")
    answer = client_for("author").post(NEW, {"name": "Spring", **changes})
    assert answer.status_code == 200 and sentence in body(answer)
    assert Campaign.objects.count() == 1


def test_hostile_words_stay_words(client_for):
    client_for("author").post(NEW, {"name": f"<script>{TURNED}x</script>", "description": f"{TURNED}{{{{ 7|add:7 }}}}<img src=x>"})
    campaign = Campaign.objects.get()
    assert campaign.name == "<script>x</script>"
    make_mailing(campaign=campaign)
    for url in (LIST, page_of(campaign), page_of(campaign, "edit/"), page_of(campaign, "delete/"), "/sms/mailings/new/", "/sms/mailings/drafts/", "/search/?q=script"):
        seen = body(client_for("author").get(url))
        assert "<script>x" not in seen and "<img src=x" not in seen and TURNED not in seen


def test_a_campaign_is_changed(client_for):
    winter = campaigns.create("Winter")
    data = client_for("author").get(page_of(winter, "edit/")).context["form"].initial
    client_for("author").post(page_of(winter, "edit/"), {"seen": data["seen"], "name": "Winter 2026", "starts_on": "2026-01-01", "ends_on": "", "description": "Cold"})
    winter.refresh_from_db()
    assert (winter.name, str(winter.starts_on), winter.ends_on, winter.description) == ("Winter 2026", "2026-01-01", None, "Cold")


@pytest.mark.parametrize("seen", [None, "", "nonsense", "2026-13-45T99:99"])
def test_two_people_who_change_a_campaign_see_each_other(client_for, seen):
    winter = campaigns.create("Winter")
    old = winter.updated_at.isoformat() if seen is None else seen
    Campaign.objects.filter(pk=winter.pk).update(name="Theirs", updated_at=timezone.now())
    page = client_for("author").post(page_of(winter, "edit/"), {"name": "Mine", "seen": old})
    assert "Somebody saved this campaign" in body(page) and "Theirs" in body(page) and 'value="Mine"' in body(page)
    client_for("author").post(page_of(winter, "edit/"), {"name": "Mine", "seen": page.context["form"].data["seen"]})
    assert Campaign.objects.get().name == "Mine"


# --- archive, delete ---


def test_a_campaign_is_archived_after_a_question_and_used_again(client_for):
    winter, client = campaigns.create("Winter"), client_for("author")
    make_mailing(campaign=winter)
    assert "1" in str(client.get(page_of(winter, "archive/")).context["question"].consequences)
    client.post(page_of(winter, "archive/"), {"archived": "1"})
    assert [row.name for row in client.get(f"{LIST}?archived=1").context["page"]] == ["Winter"]
    assert not client.get(LIST).context["page"]
    client.post(page_of(winter, "archive/"), {"archived": "0"})
    assert not Campaign.objects.get().archived


def test_an_empty_campaign_is_deleted_after_a_question_and_one_in_use_is_kept(client_for):
    winter, client = campaigns.create("Winter"), client_for("author")
    mailing = make_mailing(campaign=winter)
    assert "cannot be deleted" in body(client.get(page_of(winter, "delete/")))
    client.post(page_of(winter, "delete/"))
    assert Campaign.objects.exists()
    Mailing.objects.filter(pk=mailing.pk).update(campaign=None)
    assert "Delete “Winter”?" in body(client.get(page_of(winter, "delete/")))
    client.post(page_of(winter, "delete/"))
    assert not Campaign.objects.exists()


# --- found elsewhere ---


def test_the_search_finds_campaigns(client_for):
    winter = campaigns.create("Fête d’hiver")
    assert page_of(winter) in body(client_for("viewer").get("/search/?q=fete"))
