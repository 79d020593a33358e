"""Addresses of the list that make no sense: a link cut in half, a group that is gone. They show nobody, and actions concern nobody."""

from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.urls import reverse

from contacts import selection
from contacts.models import ExportJob
from contacts.tests.factories import make_contact, make_group
from contacts.tests.test_views import names
from smsapp.accounts.models import User

pytestmark = pytest.mark.django_db

SENSELESS = {
    "group=abc": "a group that does not exist", "group=99999999999999999999": "a group that does not exist", "group=4711": "a group that does not exist",
    "sms=zzz": "something else than who can be texted", "q=%00": "a sign that nobody’s name", "tag=%00": "a tag that nobody can have",
    "tag=" + "y" * 80: "a tag that nobody can have",
}  # fmt: skip


@pytest.mark.parametrize(("asked", "words"), SENSELESS.items())
def test_an_address_that_makes_no_sense_shows_nobody_and_says_so(client_for, asked, words):
    make_contact("+33639980001", first_name="Yes")
    client, url = client_for("viewer"), reverse("contacts:list")
    for address in (f"?{asked}", f"?q=yes&{asked}" if asked[0] != "q" else f"?sms=yes&{asked}"):
        page = client.get(url + address)
        assert names(page) == set() and words in page.content.decode() and "Clear the filters." in page.content.decode()
    on = urlencode(page.context["pairs"])  # what the list posts with an action, and its links lead to
    assert names(client.get(f"{url}?{on}")) == set()
    if asked != "group=4711":  # as a rule it is a group like another
        assert words in client.get(f"{reverse('contacts:search')}?{on}").content.decode()
    assert not selection.chosen(QueryDict(f"all=1&{asked}"), User.objects.get()).exists()
    assert not selection.chosen(QueryDict(f"all=1&{on}"), User.objects.get()).exists()


def test_one_group_that_makes_no_sense_among_others_shows_nobody(client_for):
    group = make_group(make_contact("+33639980001"))
    page = client_for("viewer").get(reverse("contacts:list"), {"group": [group.pk, "abc"]})
    assert names(page) == set()
    assert f'href="?group={group.pk}"' in page.content.decode()  # less what makes no sense
    assert names(client_for("viewer").get(f"{reverse('contacts:group', args=[group.pk])}?q=%00")) == set()


def test_an_export_from_an_address_that_makes_no_sense_concerns_nobody(client_for):
    make_contact("+33639980001")
    for asked in ({"group": "abc"}, {"sms": "zzz"}, {"senseless": "group"}, {"q": "\0"}):
        answer = client_for("administrator").post(reverse("contacts:export"), {"all": "1", "go": "1", "order": "first_name", "column": "first_name", **asked})
        assert answer.status_code == 302 or "Nobody" in answer.content.decode()
        assert not ExportJob.objects.exists()
