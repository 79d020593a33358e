"""Pages of duplicates and merging: who may, what they show, what they refuse."""


import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.duplicates import everywhere
from contacts.models import Activity, Contact, CustomField, Duplicate, NotDuplicate
from contacts.models.duplicate import DuplicateLook
from contacts.services import contacts
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
    data = {"contact": [person.contact.pk for person in comparison.people], "winner": comparison.winner.contact.pk, "primary": comparison.primary}
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
    assert [(each.n, each.words, each.which) for each in asked.context["consequences"]] == [
        (1, "contact is deleted; its page leads to the one that stays", ["Ben Martin"]),
        (1, "number is added", ["+33 6 39 98 00 02"]),
        (1, "group is joined", ["Choir"]),
    ]
    assert "+33 6 39 98 00 02" in html and "Choir" in html and html.count("Merge 1 contact") == 2
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
    assert page.context["comparison"].winner.contact.pk == ben.pk


def test_a_number_of_two_people_is_one_choice(client_for):
    ann, ben = make_contact("+33639980001", external_id="A1"), make_contact("+33639980001")
    add_number(ben, "+33639980002")
    page = client_for("marketer").get(reverse("contacts:merge"), {"contact": [ann.pk, ben.pk]}).content.decode()
    assert page.count('name="primary" value="+33639980001" checked') == page.count('name="primary" value="+33639980001"') == 1
    assert page.count('name="primary"') == 2 and page.count("+33 6 39 98 00 01") == 4  # beside both names, too


def test_namesakes_are_called_by_what_only_they_have(client_for):
    one, two = (make_contact(number, first_name="Ann", last_name="Martin") for number in ("+33639980001", "+33639980002"))
    Activity.objects.create(contact=two, kind="sms_sent", subject="News", at=timezone.now())
    client, url = client_for("marketer"), reverse("contacts:merge")
    page = client.get(url, {"contact": [one.pk, two.pk]})
    html = page.content.decode().replace("\xa0", " ")
    assert html.count("Ann Martin (+33 6 39 98 00 01)") == html.count("Ann Martin (+33 6 39 98 00 02)") > 3  # each cell says whose it is
    assert "never texted" in html and "last texted <time" in html
    asked = client.post(url, form_of(page)).content.decode().replace("\xa0", " ")
    assert "Merge 1 contact into Ann Martin (+33 6 39 98 00" in asked
    look()
    assert "Ann Martin (+33 6 39 98 00 02)" in client.get(reverse("contacts:duplicates")).content.decode().replace("\xa0", " ")
    assert "+33 6 39 98 00 02" in client.get(reverse("contacts:possible", args=[one.pk])).content.decode()


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
