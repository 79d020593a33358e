"""The live count of step 1: as the preparation will do it, with everybody who is left out or taken out one click away."""

import random

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.audience import Choice
from campaigns.models import Mailing, Message
from campaigns.pipeline.number_rules import NumberRules
from campaigns.services import audience_count, figures
from campaigns.statuses import MailingStatus
from campaigns.tests.factories import fictional, make_mailing, make_people, make_provider, make_ready
from campaigns.tests.test_audience import make_finished
from contacts.models import Contact, Group, Quarantine, Suppression
from contacts.tests.factories import add_number, make_contact, make_group

pytestmark = pytest.mark.django_db
COUNT, NEW = "/sms/mailings/count/", "/sms/mailings/new/"
HTMX = {"HX-Request": "true"}


def body(response):
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("staff", 403), ("author", 200), ("marketer", 200), ("administrator", 200)])
def test_authors_may_count(client_for, role, status):
    group, staff = make_people(2), make_group(name="Staff")
    for url in (COUNT, "/sms/mailings/left-out/no_number/", f"/sms/mailings/taken-out/{staff.pk}/"):
        assert client_for(role).get(url, {"include": group.pk, "exclude": staff.pk}).status_code == status
        assert "/account/login/" in Client().get(url)["Location"]
        assert client_for(role).post(url).status_code in (403, 405)


@pytest.mark.parametrize("seed", range(6))
def test_the_count_is_what_the_preparation_then_does(seed):
    """Whoever they are: shared numbers, several reasons at once, both sides overlapping, a provider with rules."""
    dice = random.Random(seed)
    flags = ("opted_out", "do_not_sms", "deceased")
    numbers = [fictional(n) for n in range(8)] + ["+447700900142", None]
    people = [
        make_contact(dice.choice(numbers), kind=dice.choice(["mobile"] * 5 + ["landline"]), **{flag: dice.random() < 0.12 for flag in flags}) for _person in range(40)
    ]
    Contact.objects.filter(id__in=[person.id for person in dice.sample(people, 3)]).update(deleted_at=timezone.now())
    Suppression.objects.create(number=fictional(0), reason="stop")
    Quarantine.objects.create(number=fictional(1), reason="hard")
    groups = [make_group(*dice.sample(people, 20)) for _group in range(3)]
    earlier = Mailing.objects.create(name="Earlier", status=MailingStatus.FINISHED)
    for place, person in enumerate(dice.sample(people, 8)):
        Message.objects.create(mailing=earlier, contact=person, number=fictional(100 + place), status=dice.choice([10, 11, 20, 30, 40]))
    provider = make_provider(allowed_countries=["FR"])
    mailing = make_mailing(*groups[:2], exclude=groups[2:], provider=provider, text="Hello")
    mailing.exclude_mailings.set([earlier])
    found = audience_count.count(Choice.of(mailing), rules=NumberRules.of(provider).reasons())
    from campaigns.pipeline.prepare import prepare
    from campaigns.services import mailings

    prepare(mailings.prepare(mailing, None).id)
    mailing.refresh_from_db()
    prepared = figures.of(mailing)
    assert (found.chosen, found.eligible, found.reasons) == (mailing.audience_size, prepared.total, prepared.excluded)
    assert found.left_out == prepared.excluded_total


def test_two_people_with_one_number_get_one_text_and_the_lowest_id_keeps_it(client_for):
    first, second, out = make_contact(fictional(1)), make_contact(fictional(1), last_name="Twin"), make_contact(fictional(1), opted_out=True)
    group = make_group(second, first, out)
    found = audience_count.count(Choice([group.pk]))
    assert (found.chosen, found.eligible, found.reasons) == (3, 1, {"duplicate_number": 1, "opted_out": 1})
    page = body(client_for("author").get(f"/sms/mailings/left-out/duplicate_number/?include={group.pk}"))
    assert "Twin" in page and page.count('<th scope="row">') == 1
    assert figures.of(make_ready(group)).total == 1


def test_people_whose_number_gets_no_text_are_listed_with_it(client_for):
    """In step 1 and once the mailing is prepared; of several numbers the primary one."""
    home = make_contact("+33199004217", kind="landline")
    add_number(home, "+33199004218", kind="landline")
    group = make_group(home, make_contact(None, last_name="Numberless"), make_contact(fictional(1)))
    client, mailing = client_for("author"), make_ready(group)
    for url in (f"/sms/mailings/left-out/not_mobile/?include={group.pk}", f"/sms/mailings/{mailing.pk}/left-out/?reason=not_mobile"):
        page = body(client.get(url)).replace("\u202f", " ").replace("\xa0", " ")
        assert "+33 1 99 00 42 17" in page and "+33 1 99 00 42 18" not in page
    assert '<td class="num">–</td>' in body(client.get(f"/sms/mailings/left-out/no_number/?include={group.pk}"))


def test_the_script_gets_the_count_alone_and_a_link_gets_a_page(client_for):
    group = make_people(3)
    fragment = body(client_for("author").get(COUNT, {"include": group.pk}, headers=HTMX))
    assert "<html" not in fragment and "of 3 chosen" in fragment and "Counted at" in fragment
    assert 'hx-trigger="audience from:body"' in fragment  # it does not ask again by itself
    page = body(client_for("author").get(COUNT, {"include": group.pk}))
    assert "<html" in page and "of 3 chosen" in page


@pytest.mark.parametrize(("people", "words"), [(0, "people"), (1, "person"), (2, "people")])
def test_the_count_says_person_of_one(client_for, people, words):
    group = make_people(people) if people else make_group(make_contact(opted_out=True))
    page = body(client_for("author").get(COUNT, {"include": group.pk}))
    assert f'{people} <span class="visually-hidden">{words}</span>' in page


def test_without_script_the_count_is_in_the_page_after_each_move_and_on_demand(client_for):
    group = make_people(3)
    client = client_for("author")
    assert "of 3 chosen" in body(client.post(NEW, {"pick": [group.pk], "move": "include"}))
    assert 'value="count"' in body(client.get(f"{NEW}?group={group.pk}"))
    assert "of 3 chosen" in body(client.post(NEW, {"include": [group.pk], "move": "count"}))


def test_who_is_taken_out_by_each_excluded_part_is_one_click_away(client_for):
    ana, ben, cleo = [make_contact(fictional(index), last_name=name) for index, name in enumerate(("Aubert", "Barrett", "Chaabane"))]
    group, staff, earlier = make_group(ana, ben, cleo), make_group(ben, name="Staff"), make_finished(ben, cleo, name="News", text="Hello")
    client, query = client_for("author"), {"include": group.pk, "exclude": [staff.pk, f"m{earlier.pk}"]}
    page = body(client.get(COUNT, query, headers=HTMX))
    assert "of 1 chosen" in page and "by Staff" in page and "by News" in page
    for key, names, words in ((staff.pk, ["Barrett"], "Taken out by “Staff”"), (f"m{earlier.pk}", ["Barrett", "Chaabane"], "Taken out by “News”")):
        url = f"/sms/mailings/taken-out/{key}/?include={group.pk}&amp;exclude={staff.pk}&amp;exclude=m{earlier.pk}"
        assert url in page
        people = body(client.get(url.replace("&amp;", "&")))
        assert words in people and all(name in people for name in names) and people.count('<th scope="row">') == len(names)


def test_people_who_are_taken_out_are_counted_as_they_are_listed():
    """Both sides hold recipients, of whom one was merged and one erased since."""
    ana, ben, cleo, dan = [make_contact(fictional(index)) for index in range(4)]
    one, two = make_finished(ana, ben, cleo, text="Hello"), make_finished(ana, ben, text="Hello")
    Contact.objects.filter(id=ana.id).update(merged_into=dan, deleted_at=timezone.now())
    ben.delete()
    audience = Choice(include_mailings=[one.pk], exclude_mailings=[two.pk]).audience()
    assert audience.count_taken_out() == audience.taken_out().count() == 1
    assert list(audience.contacts()) == [cleo]


def test_the_draft_s_provider_counts_too(client_for):
    group = make_group(make_contact(fictional(1)), make_contact("+447700900142", last_name="Barrett"))
    mailing = make_mailing(group, provider=make_provider(allowed_countries=["FR"]))
    client, query = client_for("author"), {"include": group.pk, "mailing": mailing.pk}
    assert "Country not allowed" in body(client.get(COUNT, query, headers=HTMX))
    assert "Barrett" in body(client.get("/sms/mailings/left-out/country_not_allowed/", query))
    assert "Country not allowed" not in body(client.get(COUNT, {"include": group.pk}, headers=HTMX))


def test_smart_groups_say_as_of_when_they_are_counted(client_for):
    smart = make_group(make_contact(), kind=Group.Kind.SMART)
    assert "last refreshed" in body(client_for("author").get(COUNT, {"include": smart.pk}, headers=HTMX))
    assert "last refreshed" not in body(client_for("author").get(COUNT, {"include": make_people(1).pk}, headers=HTMX))


def test_nobody_included_says_what_to_do(client_for):
    for query in ({}, {"exclude": make_people(1).pk}):
        assert "Include a group or an earlier mailing" in body(client_for("author").get(COUNT, query, headers=HTMX))


def test_hostile_names_stay_text(client_for):
    group, staff = make_people(1), make_group(name="<img src=x onerror=alert(1)>")
    page = body(client_for("author").get(COUNT, {"include": group.pk, "exclude": staff.pk}, headers=HTMX))
    assert "<img src=x" not in page
    assert "<img src=x" not in body(client_for("author").get(f"/sms/mailings/taken-out/{staff.pk}/", {"include": group.pk}))


def test_counting_costs_a_fixed_number_of_queries(client_for, django_assert_num_queries):
    group, staff = make_people(20), make_group(*Contact.objects.all()[:3])
    one_pass = 5  # with the block and the settings around it
    with django_assert_num_queries(one_pass):
        audience_count.count(Choice([group.pk], [staff.pk]))
    with django_assert_num_queries(one_pass + 1):
        audience_count.count(Choice([group.pk], [staff.pk]), excluded=[staff])
    assert not Mailing.objects.exists()
