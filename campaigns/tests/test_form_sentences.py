"""What single forms about texts say, and that no name in them turns the text around it."""

import pytest
from django.urls import reverse

from campaigns.models import Mailing
from campaigns.tests.factories import make_people, make_provider, make_ready
from contacts.tests.factories import make_group

pytestmark = pytest.mark.django_db


def test_an_empty_test_of_a_provider_says_what_to_write(client_for):
    page = client_for("administrator").post(reverse("campaigns:test", args=[make_provider().pk]), {"number": "", "text": ""}).content.decode()
    assert "Write the number that the test goes to." in page and "Write the text first." in page
    assert "This field is required" not in page


def test_a_choice_that_is_none_is_refused_in_words(client_for):
    mailing = make_ready(make_people(1))
    page = client_for("marketer").post(reverse("campaigns:plan", args=[mailing.pk]), {"version": mailing.version, "when": "yesterday"}).content.decode()
    assert "This is not among the choices" in page and "Select a valid choice" not in page


def test_signs_that_turn_the_text_are_taken_out_of_a_name(client_for):
    data = {"name": "News \u202eswen", "include": str(make_group().pk), "do": "later"}
    client_for("author").post(reverse("campaigns:new"), data)
    assert Mailing.objects.get().name == "News swen"
