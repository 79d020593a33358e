"""Rules without any limit: refused while they are empty, told while they leave nobody out."""

import pytest

from contacts.models import Contact, Group
from contacts.tests.factories import make_contact
from contacts.tests.test_search_views import URL, form

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("data", [{}, {"node": ["b2.1"]}, form(node=["r2.1", "b3.1"]), {"node": ["b2.1"], "how-1": "none"}, {"node": ["r2.1"]}])
@pytest.mark.parametrize("do", ["show", "save"])
def test_rules_without_any_limit_are_refused(client_for, data, do):
    html = client_for("author").post(URL, data | {"do": do, "name": "All"}).content.decode()
    assert "There is no rule here." in html or "Choose what to ask." in html
    assert not Group.objects.exists()


def test_rules_that_leave_nobody_out_are_told(client_for):
    make_contact(language="fr")
    client, notice = client_for("viewer"), "These rules leave nobody out"
    lacks = {"node": ["r2.1"], "how-1": "all", "q-2": "last_name", "test-2": "not_contains", "w-2": "last_name/text/text", "v-2": ["zzz"]}
    assert notice in client.post(f"{URL}count/", lacks).content.decode()
    make_contact(last_name="Zzz")
    assert notice not in client.post(f"{URL}count/", lacks).content.decode()
    Contact.objects.all().delete()
    assert notice not in client.post(f"{URL}count/", lacks).content.decode()  # nobody is found: another sentence
