"""Pages of duplicates and merging: who may, what they show, what they refuse."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.duplicates import everywhere, rounds
from contacts.models import Contact, CustomField, Duplicate, NotDuplicate
from contacts.models.duplicate import DuplicateLook
from contacts.services import contacts, duplicates
from contacts.tests.factories import add_number, make_contact, make_group

pytestmark = pytest.mark.django_db


def look():
    for kind in Duplicate.Kind.values:
        everywhere.look(kind)
    DuplicateLook.objects.update_or_create(id=1, defaults={"finished_at": timezone.now(), "started_at": timezone.now()})


def find_of(*people):
    return Duplicate.objects.create(kind="number", key="+33639980001", contacts=[person.pk for person in people], size=len(people), found_at=timezone.now())


PAGES = [("duplicates", []), ("merge", []), ("duplicates_progress", []), ("duplicate", ["find"])]
POSTS = [("merge_chosen", []), ("duplicates_look", []), ("tell_apart", []), ("duplicate_aside", ["find"]), ("reconsider", ["contact", "contact"])]


def address(name, needs):
    made = {"find": lambda: find_of(make_contact(), make_contact()).pk, "contact": lambda: make_contact().pk}
    return reverse(f"contacts:{name}", args=[made[need]() for need in needs])


@pytest.mark.parametrize(("name", "needs"), PAGES)
def test_pages_are_for_marketers(client_for, name, needs):
    url = address(name, needs)
    for role in ("marketer", "administrator"):
        assert client_for(role).get(url).status_code in (200, 302)
    for role in ("viewer", "staff", "author"):
        assert client_for(role).get(url).status_code == 403
    assert "/account/" in Client().get(url)["Location"]


@pytest.mark.parametrize(("name", "needs"), [*POSTS, ("merge", [])])
def test_changes_are_for_marketers_and_by_post(client_for, name, needs):
    url = address(name, needs)
    for role in ("viewer", "staff", "author"):
        assert client_for(role).post(url).status_code == 403
    assert client_for("marketer").post(url).status_code == 302
    if name != "merge":
        assert client_for("marketer").get(url).status_code == 405


# --- the list ---


def shown(response):
    return [[person.first_name for person in row["people"]] for row in response.context["rows"]]


def test_the_list_shows_the_surest_first_and_narrows(client_for):
    make_contact(None, first_name="Ann", last_name="Martin"), make_contact(None, first_name="Ann", last_name="MARTIN")
    ben = [make_contact("+33639980001", first_name="Ben"), make_contact("+33639980001", first_name="Benoît")]
    [make_contact(None, first_name=name, email="eve@example.org", birth_date=date(1980, 1, 1)) for name in ("Eve", "Eva")]
    look()
    client, url = client_for("marketer"), reverse("contacts:duplicates")
    assert shown(client.get(url)) == [["Eve", "Eva"], ["Ben", "Benoît"], ["Ann", "Ann"]]
    assert shown(client.get(url, {"kind": "name"})) == [["Ann", "Ann"]]
    for q, found in [("evà", ["Eve", "Eva"]), ("EVE@example", ["Eve", "Eva"]), ("06 39 98 00 01", ["Ben", "Benoît"]), ("martin", ["Ann", "Ann"])]:
        assert shown(client.get(url, {"q": q})) == [found], q
    assert "Nothing matches" in client.get(url, {"q": "nobody"}).content.decode()
    assert shown(client.get(url, {"kind": "?", "q": "\0", "after": "zz"})) == [["Eve", "Eva"], ["Ben", "Benoît"], ["Ann", "Ann"]]
    words = client.get(url).content.decode()
    assert "Same number: +33 6 39 98 00 01" in words and "Same e-mail: eve@example.org" in words and "Same name, nothing else in common" in words
    assert reverse("contacts:merge") + f"?contact={ben[0].pk}&amp;contact={ben[1].pk}" in words


def test_people_who_were_deleted_since_are_not_shown(client_for):
    people = [make_contact(), make_contact()]
    look()
    contacts.delete(people[0])
    response = client_for("marketer").get(reverse("contacts:duplicates"))
    assert shown(response) == []


def test_the_list_says_when_it_was_looked_and_what_to_do(client_for):
    client, url = client_for("marketer"), reverse("contacts:duplicates")
    assert "has not looked yet" in client.get(url).content.decode()
    look()
    assert "Nobody shares a number" in client.get(url).content.decode()
    assert "Last looked at" in client.get(url).content.decode()


def test_looking_again_shows_its_progress_and_then_the_finds(client_for):
    make_contact(), make_contact()
    client, url = client_for("marketer"), reverse("contacts:duplicates")
    client.post(reverse("contacts:duplicates_look"))
    page = client.get(url).content.decode()
    assert "waits for a free worker" in page and "Look again" not in page
    again = client.post(reverse("contacts:duplicates_look"), follow=True).content.decode()
    assert "under way already" in again
    fragment = client.get(reverse("contacts:duplicates_progress"))
    assert "HX-Refresh" not in fragment
    DuplicateLook.objects.update(state="running", step=1)
    assert "Comparing e-mails" in client.get(url).content.decode()
    DuplicateLook.objects.update(step=0)
    rounds.work()
    assert client.get(reverse("contacts:duplicates_progress"))["HX-Refresh"] == "true"
    assert len(shown(client.get(url))) == 1


def test_a_look_that_broke_off_says_so(client_for):
    DuplicateLook.objects.create(id=1, state="failed", finished_at=timezone.now())
    assert "The last look broke off" in client_for("marketer").get(reverse("contacts:duplicates")).content.decode()


def test_the_list_costs_the_same_for_two_and_for_fifty(client_for, django_assert_max_num_queries):
    for n in range(60):
        make_contact(f"+3363998{n:04}"), make_contact(f"+3363998{n:04}")
    look()
    client, url = client_for("marketer"), reverse("contacts:duplicates")
    client.get(url)
    with django_assert_max_num_queries(13):
        first = client.get(url)
    assert len(first.context["rows"]) == 50
    second = client.get(url + first.context["page"].next_url)
    assert len(second.context["rows"]) == 10


def test_many_people_of_one_number_are_chosen_from(client_for):
    people = [make_contact(None, first_name=f"P{n}") for n in range(8)]
    for person in people:
        add_number(person, "+33465712210", kind="landline")
    look()
    find, client = Duplicate.objects.get(), client_for("marketer")
    page = client.get(reverse("contacts:duplicate", args=[find.pk])).content.decode()
    assert "usually shared" in page and page.count('name="contact"') == 8
    assert client.get(reverse("contacts:duplicates")).content.decode().count(reverse("contacts:duplicate", args=[find.pk])) == 1
    client.post(reverse("contacts:duplicate_aside", args=[find.pk]), {"aside": "1"})
    assert shown(client.get(reverse("contacts:duplicates"))) == []
    assert len(shown(client.get(reverse("contacts:duplicates"), {"aside": "1"}))) == 1
    client.post(reverse("contacts:duplicate_aside", args=[find.pk]), {"aside": "0"})
    assert len(shown(client.get(reverse("contacts:duplicates")))) == 1
    duplicates.tell_apart([people[0].pk, people[1].pk])
    contacts.delete(people[2])
    assert client.get(reverse("contacts:duplicate", args=[find.pk])).content.decode().count('name="contact"') == 7


def test_a_few_people_are_compared_at_once(client_for):
    find = find_of(make_contact(), make_contact())
    response = client_for("marketer").get(reverse("contacts:duplicate", args=[find.pk]))
    assert response.status_code == 302 and reverse("contacts:merge") in response["Location"]


# --- one contact's page ---


def test_a_contacts_page_tells_who_may_be_the_same(client_for):
    ann = make_contact(first_name="Ann", last_name="Martin")
    assert "possible duplicate" not in client_for("viewer").get(reverse("contacts:detail", args=[ann.pk])).content.decode()
    make_contact(first_name="Anne", last_name="Morel")
    page = client_for("viewer").get(reverse("contacts:detail", args=[ann.pk])).content.decode()
    assert "1 possible duplicate" in page and "Anne Morel: same number." in page and reverse("contacts:possible", args=[ann.pk]) in page
    assert "Compare and merge" not in page and "Compare and merge" in client_for("marketer").get(reverse("contacts:detail", args=[ann.pk])).content.decode()


def test_a_namesake_alone_is_called_weak(client_for):
    ann, _other = (make_contact(None, first_name="Ann", last_name="Martin") for _n in range(2))
    page = client_for("viewer").get(reverse("contacts:detail", args=[ann.pk])).content.decode()
    assert "1 contact has the same name, which alone says little." in page and "possible duplicate" not in page


@pytest.mark.parametrize(("field", "value"), [("email", "ann@example.org"), ("numbers-0-number", "06 39 98 00 01")])
def test_saving_a_contact_with_somebodys_number_or_email_says_so(client_for, field, value):
    make_contact("+33639980001", first_name="Ann", email="ann@example.org")
    form = {"last_name": "New", "numbers-TOTAL_FORMS": "1", "numbers-INITIAL_FORMS": "0", field: value}
    page = client_for("staff").post(reverse("contacts:create"), form, follow=True).content.decode()
    assert "New is saved." in page
    assert ("1 possible duplicate" in page and "same number" in page) or "same e-mail" in page


def test_possible_duplicates_and_a_search_for_others(client_for):
    ann = make_contact(first_name="Ann", last_name="Martin")
    anne, eve = make_contact(first_name="Anne"), make_contact(None, first_name="Eve", last_name="Else")
    client, url = client_for("marketer"), reverse("contacts:possible", args=[ann.pk])
    page = client.get(url, {"q": "else"}).content.decode()
    assert f'name="contact" value="{anne.pk}"' in page
    assert f"?contact={ann.pk}&amp;contact={eve.pk}" in page
    assert "Nobody else matches" in client.get(url, {"q": "zzz"}).content.decode()
    viewers = client_for("viewer").get(url).content.decode()
    assert "Anne" in viewers and "checkbox" not in viewers and "can merge them" in viewers


def test_telling_apart_and_taking_it_back(client_for):
    ann, ben = make_contact(first_name="Ann"), make_contact(first_name="Ben")
    client, url = client_for("marketer"), reverse("contacts:possible", args=[ann.pk])
    page = client.post(reverse("contacts:tell_apart"), {"one": ann.pk, "other": ben.pk, "contact": ann.pk, "next": url}, follow=True)
    assert "Noted: these are different people." in page.content.decode() and "Told apart" in page.content.decode()
    assert NotDuplicate.objects.get().author.username == "marketer"
    assert "Somebody said" in client.get(reverse("contacts:merge"), {"contact": [ann.pk, ben.pk]}).content.decode()
    client.post(reverse("contacts:reconsider", args=[ann.pk, ben.pk]))
    assert not NotDuplicate.objects.exists()
    refused = client.post(reverse("contacts:tell_apart"), {"contact": ["x", ann.pk]}, follow=True)
    assert "at least two contacts" in refused.content.decode()


# --- compare, ask, merge ---


def pair(**changes):
    ann = make_contact("+33639980001", first_name="Ann", last_name="Martin", email="ann@example.org", external_id="A1", **changes)
    ben = make_contact("+33639980002", first_name="Ben", last_name="Martin", language="fr", opted_out=True, tags=["vip"])
    return ann, ben


def form_of(response):
    """What the compare page would post, as a browser does it."""
    comparison = response.context["comparison"]
    data = {"contact": [person.contact.pk for person in comparison.people], "winner": comparison.winner.pk, "primary": comparison.primary}
    data |= {f"seen-{person.contact.pk}": person.contact.updated_at.isoformat() for person in comparison.people}
    return data | {f"keep-{line.name}": next(cell.person.pk for cell in line.cells if cell.chosen) for line in comparison.lines if line.differs}


def test_compare_choose_ask_and_merge(client_for):
    ann, ben = pair(custom={"level": "gold"})
    CustomField.objects.create(key="level", label="Level", type="choice", choices=["gold", "silver"])
    Contact.objects.filter(pk=ben.pk).update(custom={"level": "silver"})
    make_group(ben, name="Choir")
    client, url = client_for("marketer"), reverse("contacts:merge")
    page = client.get(url, {"contact": [ben.pk, ann.pk]})
    html = page.content.decode()
    for words in ("Compare 2 contacts", "Ann", "Ben", "Level", "silver", "Opted out of marketing", "Choir", "vip", "French"):
        assert words in html
    assert "keep-last_name" not in html and "keep-email" not in html and "keep-first_name" in html
    assert form_of(page)["winner"] == ann.pk  # the one that another system knows
    posted = form_of(page) | {"keep-first_name": ben.pk, "keep-custom.level": ben.pk, "primary": "+33639980002"}
    asked = client.post(url, posted)
    html = asked.content.decode()
    assert "Merge 1 contact into Ann Martin?" in html and "This holds because of Ben Martin" in html and "cannot be taken back" in html
    assert {words: n for n, words in asked.context["consequences"]} == {
        "contact is deleted; its page leads to the one that stays": 1, "number is added": 1, "group is joined": 1,
    }  # fmt: skip
    assert Contact.objects.active().count() == 2
    done = client.post(url, posted | {"confirmed": "1"}, follow=True)
    assert done.redirect_chain[-1][0] == reverse("contacts:detail", args=[ann.pk])
    assert "1 contact is one with Ben Martin now." in done.content.decode() and "Merged with Ben Martin" in done.content.decode()
    stays = Contact.objects.get(pk=ann.pk)
    assert (stays.name, stays.email, stays.language, stays.custom, stays.sms_number) == (
        "Ben Martin",
        "ann@example.org",
        "fr",
        {"level": "silver"},
        "+33639980002",
    )


def test_the_asked_winner_is_chosen(client_for):
    ann, ben = pair()
    page = client_for("marketer").get(reverse("contacts:merge"), {"contact": [ben.pk, ann.pk], "winner": ben.pk})
    assert page.context["comparison"].winner.pk == ben.pk


def test_a_number_of_two_people_is_one_choice(client_for):
    ann, ben = make_contact("+33639980001", external_id="A1"), make_contact("+33639980001")
    add_number(ben, "+33639980002")
    page = client_for("marketer").get(reverse("contacts:merge"), {"contact": [ann.pk, ben.pk]}).content.decode()
    assert page.count('name="primary" value="+33639980001" checked') == page.count('name="primary" value="+33639980001"') == 1
    assert page.count('name="primary"') == 2 and page.count("+33 6 39 98 00 01") == 2


def test_a_double_click_merges_once_and_lands_on_the_winner(client_for):
    ann, ben = pair()
    client, url = client_for("marketer"), reverse("contacts:merge")
    posted = form_of(client.get(url, {"contact": [ben.pk, ann.pk]})) | {"confirmed": "1"}
    client.post(url, posted)
    again = client.post(url, posted, follow=True)
    assert again.redirect_chain[-1][0] == reverse("contacts:detail", args=[ann.pk])
    assert "was merged into Ann Martin meanwhile" in again.content.decode()
    assert Contact.objects.get(pk=ann.pk).activities.filter(subject="merged").count() == 1


def test_somebody_who_changed_one_meanwhile_is_heard(client_for):
    ann, ben = pair()
    client, url = client_for("marketer"), reverse("contacts:merge")
    posted = form_of(client.get(url, {"contact": [ben.pk, ann.pk]}))
    contacts.save_contact(Contact.objects.get(pk=ben.pk), organisation="New place")
    for extra in ({}, {"confirmed": "1"}):
        page = client.post(url, posted | extra).content.decode()
        assert "Nothing was merged" in page and "Ben Martin was changed since this page was shown" in page and "New place" in page
    assert Contact.objects.active().count() == 2


@pytest.mark.parametrize("change", [{"winner": "x"}, {"winner": "9" * 30}, {"primary": "+33639989999"}, {"seen": "rubbish"}])
def test_nonsense_is_refused_in_words(client_for, change):
    ann, ben = pair()
    client, url = client_for("marketer"), reverse("contacts:merge")
    posted = form_of(client.get(url, {"contact": [ben.pk, ann.pk]})) | {"keep-nothing": "1", "keep-first_name": "zzz", "confirmed": "1"}
    posted |= {f"seen-{ann.pk}": "2026-99-99T99"} if "seen" in change else change
    page = client.post(url, posted)
    assert page.status_code == 200 and "Nothing was merged" in page.content.decode()
    assert Contact.objects.active().count() == 2


@pytest.mark.parametrize(
    ("chosen", "lands"), [(0, "contacts:list"), (1, "contacts:possible"), (2, "contacts:merge"), (5, "contacts:merge"), (6, "contacts:list")]
)
def test_from_the_bulk_bar(client_for, chosen, lands):
    people = [make_contact(f"+3363998{n:04}") for n in range(chosen)]
    response = client_for("marketer").post(reverse("contacts:merge_chosen"), {"contact": [person.pk for person in people]})
    args = [people[0].pk] if lands == "contacts:possible" else []
    assert response["Location"].partition("?")[0] == reverse(lands, args=args)
    assert client_for("marketer").get(response["Location"]).status_code == 200


@pytest.mark.parametrize("ids", [[], ["x", "-1", "9" * 25], ["same"], ["many"]])
def test_too_few_or_too_many_are_told_so(client_for, ids):
    one, many = make_contact(), [make_contact(None).pk for _n in range(6)]
    ids = {"same": [one.pk, one.pk], "many": many}.get(ids[0] if ids else "", ids)
    client, url = client_for("marketer"), reverse("contacts:merge")
    for response in (client.get(url, {"contact": ids}, follow=True), client.post(url, {"contact": ids, "confirmed": "1"}, follow=True)):
        assert response.status_code == 200
        assert "two different contacts" in response.content.decode() or "At most 5" in response.content.decode()


def test_the_menu_and_the_bulk_bar_offer_it_to_those_who_may(client_for):
    ann = make_contact()
    for role, offered in (("author", False), ("marketer", True)):
        client = client_for(role)
        assert ("Merge with…" in client.get(reverse("contacts:detail", args=[ann.pk])).content.decode()) is offered
        assert (reverse("contacts:merge_chosen") in client.get(reverse("contacts:list")).content.decode()) is offered


def test_comparing_five_costs_what_comparing_two_costs(client_for, django_assert_max_num_queries):
    people = [make_contact(f"+3363998{n:04}") for n in range(5)]
    for person in people:
        make_group(person)
    client, url = client_for("marketer"), reverse("contacts:merge")
    client.get(url, {"contact": [person.pk for person in people[:2]]})
    with django_assert_max_num_queries(19):
        client.get(url, {"contact": [person.pk for person in people]})


# --- afterwards ---


def merged_pair(client_for):
    ann, ben = pair()
    client, url = client_for("marketer"), reverse("contacts:merge")
    posted = form_of(client.get(url, {"contact": [ben.pk, ann.pk]}))
    client.post(url, posted | {"confirmed": "1"})
    return ann, ben


@pytest.mark.parametrize("name", ["detail", "contact_groups", "activities", "edit", "note", "possible", "consent"])
def test_every_page_of_the_loser_forwards_with_a_notice(client_for, name):
    ann, ben = merged_pair(client_for)
    client = client_for("staff")
    response = client.get(reverse(f"contacts:{name}", args=[ben.pk]))
    assert (response.status_code, response["Location"]) == (302, reverse(f"contacts:{name}", args=[ann.pk]))
    assert "Ben Martin was merged into Ann Martin" in client.get(response["Location"]).content.decode()


def test_an_activity_of_the_loser_is_found_at_its_old_address(client_for):
    ann, ben = merged_pair(client_for)
    activity = ann.activities.filter(kind="change").first()
    response = client_for("viewer").get(reverse("contacts:activity", args=[ben.pk, activity.pk]))
    assert response["Location"] == reverse("contacts:activity", args=[ann.pk, activity.pk])


def test_what_is_posted_to_the_loser_is_not_done(client_for):
    _ann, ben = merged_pair(client_for)
    client = client_for("author")
    group = make_group()
    response = client.post(reverse("contacts:join", args=[ben.pk]), {"to": group.pk}, follow=True)
    assert "Nothing was changed; do it here" in response.content.decode()
    assert not group.memberships.exists()


def test_the_way_back_of_a_deletion_does_not_split_a_merge(client_for):
    _ann, ben = merged_pair(client_for)
    response = client_for("staff").post(reverse("contacts:restore", args=[ben.pk]), follow=True)
    assert "cannot be taken back by Undo" in response.content.decode()
    assert not Contact.objects.active().filter(pk=ben.pk).exists()


def test_a_merged_contact_without_rights_stays_closed(client_for, django_user_model):
    _ann, ben = merged_pair(client_for)
    client = Client()
    client.force_login(django_user_model.objects.create(username="nobody"), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("contacts:detail", args=[ben.pk])).status_code == 403


def test_a_winner_who_is_deleted_leads_nowhere(client_for):
    ann, ben = merged_pair(client_for)
    contacts.delete(ann)
    assert client_for("staff").get(reverse("contacts:detail", args=[ben.pk])).status_code == 404


def test_an_old_link_to_compare_means_the_winner(client_for):
    ann, ben = merged_pair(client_for)
    eve = make_contact(None)
    page = client_for("marketer").get(reverse("contacts:merge"), {"contact": [ben.pk, eve.pk]})
    assert {person.contact.pk for person in page.context["comparison"].people} == {ann.pk, eve.pk}


def test_hostile_names_stay_text_on_every_page(client_for):
    people = [make_contact(first_name="<script>alert(1)</script>", organisation=f'"><img src=x>{n}', tags=["<b>t"], custom={"x<i>": "<u>"}) for n in range(2)]
    look()
    client = client_for("marketer")
    urls = [reverse("contacts:duplicates"), reverse("contacts:possible", args=[people[0].pk]), reverse("contacts:detail", args=[people[0].pk])]
    compare = client.get(reverse("contacts:merge"), {"contact": [person.pk for person in people]})
    pages = [client.get(url) for url in urls] + [compare, client.post(reverse("contacts:merge"), form_of(compare))]
    for page in pages:
        html = page.content.decode()
        assert "<script>alert" not in html and "<img src=x" not in html and "<b>t" not in html and "<u>" not in html
        assert "&lt;script&gt;alert(1)" in html
