"""The list of deleted contacts: who may see it, what it shows, and bringing one or several back."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact, Suppression
from contacts.services import contacts
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db

LIST, RESTORE = "/contacts/deleted/", "/contacts/deleted/restore/"
A, B = "+33639980001", "+33639980002"


def gone(number=A, *, author=None, days=0, **values):
    contact = make_contact(number, **values)
    contacts.delete(contact, author=author)
    Contact.objects.filter(pk=contact.pk).update(deleted_at=timezone.now() - timedelta(days=days))
    return contact


def shown(client, **query):
    return [contact.first_name for contact in client.get(LIST, query).context["page"]]


def back(client, *people, sure="1"):
    return client.post(RESTORE, {"contact": [person.pk for person in people], "sure": sure}, follow=True)


def words(response):
    return response.content.decode().replace("\u202f", " ").replace("\xa0", " ")


def test_only_those_who_may_delete_see_it_and_restore(client_for):
    contact = gone()
    assert client_for("viewer").get(LIST).status_code == 403
    assert client_for("viewer").post(RESTORE, {"contact": contact.pk, "sure": "1"}).status_code == 403
    assert "/account/login/" in Client().get(LIST)["Location"]
    assert "/account/login/" in Client().post(RESTORE, {"contact": contact.pk, "sure": "1"})["Location"]
    assert client_for("staff").get(RESTORE).status_code == 405
    assert not Contact.objects.active().exists()


def test_the_contact_list_leads_there_for_those_who_may(client_for):
    assert f'href="{LIST}"' in client_for("staff").get("/contacts/").content.decode()
    assert f'href="{LIST}"' not in client_for("viewer").get("/contacts/").content.decode()


def test_newest_first_with_when_and_by_whom(client_for, user_for):
    gone(first_name="Old", days=30, author=user_for("marketer"))
    gone(B, first_name="New")
    make_contact("+33639980003", first_name="Here")
    merged = make_contact("+33639980004", first_name="Merged")
    Contact.objects.filter(pk=merged.pk).update(deleted_at=timezone.now(), merged_into=make_contact(None))
    client = client_for("staff")
    assert shown(client) == ["New", "Old"]
    html = words(client.get(LIST))
    assert str(user_for("marketer")) in html and "+33 6 39 98 00 01" in html and "2 contacts" in html


def test_who_deleted_last_counts(client_for, user_for):
    contact = make_contact()
    contacts.delete(contact, author=user_for("marketer"))
    contacts.restore(contact, author=user_for("marketer"))
    contacts.delete(contact, author=user_for("author"))
    assert client_for("staff").get(LIST).context["page"].items[0].deleted_by == user_for("author")


@pytest.mark.parametrize("q", ["ines", "Inès Müller", "MULLER, ines", "06 39 98 00 01", "9800 01", "ines@example", "\0ines"])
def test_the_search_finds_them_as_the_contact_list_would(client_for, q):
    gone(first_name="Inès", last_name="Müller", email="ines@example.org")
    gone(B, first_name="Ben", last_name="Durand")
    make_contact(first_name="Inès", last_name="Here")
    assert shown(client_for("staff"), q=q) == ["Inès"]


@pytest.mark.parametrize("query", [{"q": "zzz"}, {"q": "%"}, {"after": "nonsense"}, {"before": "WyJ4IiwgMV0"}])
def test_an_odd_address_is_no_error(client_for, query):
    gone()
    assert client_for("staff").get(LIST, query).status_code == 200


def test_an_empty_list_says_what_it_is_for(client_for):
    assert "Whoever is deleted stands here" in client_for("staff").get(LIST).content.decode()


def test_it_goes_on_page_by_page(client_for):
    for place in range(52):
        gone(None, first_name=f"P{place}", days=place)
    client = client_for("staff")
    page = client.get(LIST).context["page"]
    rest = client.get(LIST + page.next_url).context["page"]
    assert [contact.first_name for contact in [*page, *rest]] == [f"P{place}" for place in range(52)]


def test_what_comes_back_is_said_before(client_for):
    ana, ben = gone(first_name="Ana"), gone(B, first_name="Ben")
    asked = back(client_for("staff"), ana, ben, sure="")
    assert "Restore 2 contacts?" in words(asked) and "whoever opted out stays opted out" in words(asked)
    assert not Contact.objects.active().exists()


def test_one_comes_back_as_it_was(client_for):
    ana = make_contact(first_name="Ana", last_name="Morel", opted_out=True)
    group = make_group(ana)
    contacts.delete(ana)
    Suppression.objects.create(number=A, reason="stop")
    told = back(client_for("staff"), ana)
    assert told.redirect_chain[-1][0] == reverse("contacts:detail", args=[ana.pk])
    assert "Ana Morel is back." in words(told)
    ana = Contact.objects.active().get()
    assert ana.opted_out and list(ana.memberships.values_list("group", flat=True)) == [group.pk]
    assert Suppression.objects.filter(number=A, ended_at=None).exists()


def test_several_come_back_together(client_for):
    people = [gone(f"+3363998000{n}") for n in range(3)]
    assert "3 contacts are back." in words(back(client_for("staff"), *people))
    assert Contact.objects.active().count() == 3


def test_a_number_or_an_email_that_somebody_else_has_by_now_is_told(client_for):
    ana = gone(first_name="Ana", last_name="Morel", email="ana@example.org")
    make_contact(first_name="Ben", last_name="Durand")
    make_contact(B, first_name="Eve", last_name="Petit", email="Ana@Example.org")
    client = client_for("staff")
    asked = words(back(client, ana, sure=""))
    assert "+33 6 39 98 00 01 belongs to Ben Durand too." in asked and "ana@example.org belongs to Eve Petit too." in asked
    told = words(back(client, ana))
    assert "Ana Morel is back." in told and "belongs to Ben Durand too." in told
    assert Contact.objects.active().count() == 3


def test_who_shares_is_counted_when_several_come_back(client_for):
    people = [gone(first_name="Ana"), gone(B, first_name="Eve")]
    make_contact()
    assert "1 of them shares a number or an e-mail" in words(back(client_for("staff"), *people))


def test_a_taken_external_id_keeps_one_and_not_the_others(client_for):
    ana, eve = gone(first_name="Ana", last_name="Morel", external_id="A1"), gone(B, first_name="Eve")
    make_contact(None, first_name="Ben", last_name="Durand", external_id="A1")
    client = client_for("staff")
    asked = back(client, ana, eve, sure="")
    assert "Ben Durand has the external id A1 now" in words(asked) and asked.context["coming"] == [eve]
    told = words(back(client, ana, eve))
    assert "Ana Morel stays deleted: Ben Durand has the external id" in told and "Eve" in told
    assert not Contact.objects.active().filter(pk=ana.pk).exists() and Contact.objects.active().filter(pk=eve.pk).exists()


@pytest.mark.parametrize("chosen", [[], ["x"], ["-1"], ["99999999999999999999"], ["12345"]])
def test_nobody_chosen_is_a_sentence(client_for, chosen):
    told = words(client_for("staff").post(RESTORE, {"contact": chosen, "sure": "1"}, follow=True))
    assert "Nobody is chosen" in told or "Nobody of them is deleted any more" in told


def test_too_many_at_once_are_refused(client_for):
    told = client_for("staff").post(RESTORE, {"contact": [str(n) for n in range(1, 202)], "sure": "1"}, follow=True)
    assert "Choose at most 200" in words(told)


def test_those_who_are_not_deleted_or_were_merged_are_left_alone(client_for):
    here, merged = make_contact(), make_contact(B)
    Contact.objects.filter(pk=merged.pk).update(deleted_at=timezone.now(), merged_into=here)
    assert "Nobody of them is deleted any more" in words(back(client_for("staff"), here, merged))
    assert not Contact.objects.active().filter(pk=merged.pk).exists()
