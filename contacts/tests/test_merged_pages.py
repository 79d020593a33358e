"""After a merge: pages of the loser lead to the winner, and nothing is done to whom it is no more."""

import pytest
from django.test import Client
from django.urls import reverse

from contacts.models import Contact
from contacts.services import contacts
from contacts.tests.factories import make_contact, make_group
from contacts.tests.test_merge_views import form_of, look, pair

pytestmark = pytest.mark.django_db


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
