"""The boxes of step 1: groups and earlier mailings with their sizes, found by name, a bounded list of them, a fixed number of queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.models import Mailing, MailingTally
from campaigns.statuses import MailingStatus, MessageStatus
from campaigns.tests.factories import make_people
from campaigns.wizard.picker import Picker
from contacts import group_sizes
from contacts.models import Group
from contacts.services import contacts
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db
NEW = "/sms/mailings/new/"
HTMX = {"HX-Request": "true"}


def make_finished(name="News", texted=0, **changes):
    values = {"status": MailingStatus.FINISHED, "started_at": timezone.now()} | changes
    mailing = Mailing.objects.create(name=name, **values)
    MailingTally.objects.create(mailing=mailing, status=MessageStatus.DELIVERED, messages=texted, segments=texted)
    MailingTally.objects.create(mailing=mailing, status=MessageStatus.SKIPPED, messages=5, segments=5)
    return mailing


def names(lines):
    return [line.name for line in lines]


def body(response):
    assert response.status_code == 200
    return response.content.decode()


def test_sizes_count_active_people_up_to_a_bound(monkeypatch, client_for):
    monkeypatch.setattr("contacts.group_sizes.MOST", 2)
    people = [make_contact() for _person in range(4)]
    contacts.delete(people[3])
    make_group(*people, name="Large")
    small = make_group(*people[2:], name="Small")
    boxes = Picker(include=[str(small.pk)]).boxes()
    sizes = {line.name: (line.size.n, line.size.more) for line in boxes.available + boxes.included}
    assert sizes == {"Large": (2, True), "Small": (1, False)}
    assert '<span class="num">2+</span>' in body(client_for("author").get(NEW))


def test_a_large_group_says_about_how_large_from_the_statistics(monkeypatch):
    monkeypatch.setattr("contacts.group_sizes.MOST", 2)
    group = make_group(*[make_contact() for _person in range(12)])
    make_group(make_contact())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE contacts_membership")
    assert group_sizes.of([group.pk]) == {group.pk: group_sizes.Size(12, about=True)}
    assert group_sizes._rounded(148_211) == 150_000
    assert group_sizes._rounded(99) == 99


def test_groups_are_counted_to_the_last_person_while_the_page_has_time(monkeypatch):
    monkeypatch.setattr("contacts.group_sizes.BUDGET", 40)
    people = [make_contact(None) for _person in range(23)]
    middle, small, large = make_group(*people[:13]), make_group(*people[:2]), make_group(*people)
    ids = [middle.pk, small.pk, large.pk]
    assert group_sizes.of(ids)[large.pk] == group_sizes.Size(13, more=True)  # nothing is known of them: even shares
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE contacts_membership")
    assert group_sizes.of(ids[:2]) == {middle.pk: group_sizes.Size(13), small.pk: group_sizes.Size(2)}
    assert group_sizes.of(ids) == {middle.pk: group_sizes.Size(13), small.pk: group_sizes.Size(2), large.pk: group_sizes.Size(23, about=True)}
    assert group_sizes.of([]) == {}


@pytest.mark.parametrize(
    ("groups", "known", "most"),
    [(0, [], 10_000), (50, [], 200), (9, [1341, 767, 606, 136, 211], 1341), (2, [9_000, 9_000], 5_000), (50, [200_000, 90_000, *[150] * 48], 200), (1, [12_000], 10_000)],
)
def test_the_bound_leaves_the_budget_of_too_large_groups_to_the_others(groups, known, most):
    assert group_sizes._most(groups, known) == most


def test_mailings_whose_recipients_are_final_are_offered_with_those_whom_they_texted():
    finished = make_finished("Finished", texted=1204)
    make_finished("Cancelled", texted=3, status=MailingStatus.CANCELLED)
    make_finished("Never began", status=MailingStatus.CANCELLED, started_at=None)
    make_finished("Archived", archived=True)
    for status in MailingStatus.values:
        if status not in ("finished", "cancelled"):
            make_finished(status, status=status)
    lines = Picker().boxes().available
    assert [(line.name, line.size.n) for line in lines] == [("Cancelled", 3), ("Finished", 1204)]
    assert lines[1].key == f"m{finished.pk}"


def test_a_mailing_that_did_not_reach_everybody_says_of_how_many(client_for):
    make_finished("News", texted=431)  # and five skipped ones
    mailing = make_finished("Reached all", texted=20)
    MailingTally.objects.filter(mailing=mailing, status=MessageStatus.SKIPPED).delete()
    assert [(line.name, line.size.n, line.recipients) for line in Picker().boxes().available] == [("Reached all", 20, 0), ("News", 431, 436)]
    page = body(client_for("author").get(NEW))
    assert page.count("texted: ") == 1
    assert "texted: 431 of 436 recipients" in page


def test_what_each_line_is_can_be_seen_and_heard(client_for):
    make_group(name="Choir")
    make_group(name="Recent", kind=Group.Kind.SMART)
    make_finished("News")
    page = body(client_for("author").get(NEW))
    for icon, kind, name in (("people", "Group:", "Choir"), ("magic", "Smart group:", "Recent"), ("send", "Earlier mailing:", "News")):
        assert f'<i class="bi bi-{icon}" aria-hidden="true"></i><span><span class="visually-hidden">{kind} </span><bdi>{name}<' in page


def test_an_archived_group_stays_where_it_was_chosen():
    chosen, other = make_group(name="Chosen", archived=True), make_group(name="Other", archived=True)
    earlier = make_finished("Archived", archived=True)
    boxes = Picker(include=[str(chosen.pk)], exclude=[f"m{earlier.pk}"]).boxes()
    assert (names(boxes.included), names(boxes.excluded)) == (["Chosen"], ["Archived"])
    assert other.name not in names(boxes.available)


@pytest.mark.parametrize(("find", "found"), [("ete", ["Été à Lyon", "Fête"]), ("ÉTÉ", ["Été à Lyon"]), ("", ["Été à Lyon", "Fête", "News"]), ("%", []), ("zzz", [])])
def test_groups_and_mailings_are_found_by_a_part_of_their_name(find, found):
    make_group(name="Été à Lyon")
    make_finished("Fête")
    make_finished("News")
    if find == "ÉTÉ":
        Mailing.objects.filter(name="Fête").delete()
    assert sorted(names(Picker(find=find).boxes().available)) == sorted(found)


def test_more_are_shown_on_demand_and_all_can_be_reached(client_for):
    for number in range(70):
        make_group(name=f"Group {number:02d}x")
    page = body(client_for("author").get(NEW))
    assert page.count('name="pick"') == 30 and 'value="more"' in page
    page = body(client_for("author").post(NEW, {"move": "more", "shown": "30", "name": "Kept"}))
    assert page.count('name="pick"') == 60 and 'value="more"' in page and 'value="Kept"' in page
    page = body(client_for("author").post(NEW, {"move": "more", "shown": "60"}, headers=HTMX))
    assert page.count('name="pick"') == 70 and 'value="more"' not in page and "<html" not in page
    page = body(client_for("author").post(NEW, {"move": "find", "find": "66X", "shown": "30"}))
    assert page.count('name="pick"') == 1 and "Group 66x" in page


def test_what_is_ticked_stays_in_sight_while_something_else_is_looked_for(client_for):
    staff, choir, earlier = make_group(name="Staff"), make_group(name="Choir"), make_finished("News")
    page = body(client_for("author").post(NEW, {"move": "find", "find": "cho", "pick": [staff.pk, f"m{earlier.pk}"]}, headers=HTMX))
    assert page.count('name="pick"') == 3 and page.count(" checked") == 2
    page = body(client_for("author").post(NEW, {"move": "include", "find": "cho", "pick": [staff.pk, choir.pk]}, headers=HTMX))
    assert page.count(" checked") == 0 and page.count('name="in"') == 2


def test_enter_in_the_search_box_searches_also_without_script(client_for):
    """The browser presses the first button of the form: Next."""
    group = make_people(2)
    make_group(name="Choir")
    data = {"name": "Programme", "include": [group.pk], "do": "next", "find": "cho", "found": ""}
    page = body(client_for("author").post(NEW, data))
    assert "Choir" in page and 'name="found" value="cho"' in page and not Mailing.objects.exists()
    assert client_for("author").post(NEW, data | {"found": "cho"}).status_code == 302


def test_mailings_move_between_the_boxes_and_are_kept(client_for):
    group, one, two = make_people(2), make_finished("One"), make_finished("Two")
    client = client_for("author")
    page = body(client.post(NEW, {"pick": [f"m{one.pk}"], "move": "include"}))
    assert f'name="include" value="m{one.pk}"' in page
    data = {"name": "Programme", "include": [group.pk, f"m{one.pk}"], "exclude": [f"m{two.pk}"], "do": "next"}
    assert client.post(NEW, data).status_code == 302
    mailing = Mailing.objects.get(name="Programme")
    assert (list(mailing.include_groups.all()), list(mailing.include_mailings.all()), list(mailing.exclude_mailings.all())) == ([group], [one], [two])
    page = body(client.get(f"/sms/mailings/{mailing.pk}/recipients/"))
    assert f'name="include" value="m{one.pk}"' in page and f'name="exclude" value="m{two.pk}"' in page


@pytest.mark.parametrize("key", ["m", "mm1", "m-1", "m1 ", "1m", "M1", "m99999999999999999999", "m999", "999"])
def test_keys_that_make_no_sense_are_refused(client_for, key):
    make_group(make_contact())
    for data in ({"name": "A", "include": [key], "do": "next"}, {"pick": [key], "move": "include"}, {"include": [key], "exclude": [key], "move": "remove"}):
        assert client_for("author").post(NEW, data).status_code == 200
    for address in ("/sms/mailings/count/", "/sms/mailings/left-out/no_number/"):
        assert client_for("author").get(address, {"include": key, "exclude": key, "mailing": key}).status_code == 200
    assert client_for("author").get("/sms/mailings/taken-out/" + key.strip() + "/", {"include": "1"}).status_code == 404
    assert not Mailing.objects.exists()


def test_a_mailing_that_is_under_way_cannot_be_chosen(client_for):
    sending = make_finished("Under way", status=MailingStatus.SENDING)
    page = body(client_for("author").post(NEW, {"name": "A", "include": [f"m{sending.pk}"], "do": "next"}))
    assert "“Under way” has not finished yet" in page
    assert not Mailing.objects.filter(name="A").exists()


def test_a_part_that_was_deleted_meanwhile_is_told(client_for):
    group, gone = make_people(1), make_group()
    Group.objects.filter(pk=gone.pk).delete()
    page = body(client_for("author").post(NEW, {"name": "A", "include": [group.pk, gone.pk], "do": "next"}))
    assert "A chosen group or mailing is not there any more" in page


def test_the_page_costs_the_same_number_of_queries_however_many_groups(client_for):
    def queries():
        client = client_for("author")
        with CaptureQueriesContext(connection) as found:
            body(client.get(NEW))
        return len(found)

    make_group(name="First")
    make_finished("First")
    queries()  # the first page of a process looks things up that stay
    before = queries()
    for number in range(60):
        make_group(make_contact(), name=f"Group {number}")
        make_finished(f"Mailing {number}", texted=number)
    assert queries() == before


def test_the_page_itself_counts_nobody(client_for):
    group = make_people(2)
    with CaptureQueriesContext(connection) as queries:
        page = body(client_for("author").get(f"{NEW}?group={group.pk}"))
    assert 'hx-trigger="load, audience from:body"' in page
    assert not [query["sql"] for query in queries if "opted_out" in query["sql"]]
