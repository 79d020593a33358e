"""One endless word, in a reason, a label or a history, widens no page."""

import pytest
from django.utils import timezone

from contacts.models import Activity
from contacts.services import suppressions
from contacts.tests.factories import make_contact, make_field

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [360, 1280])
def test_endless_words_scroll_nothing_sideways(seen_as, live_url, width):
    contact = make_contact(first_name="L" * 80)
    make_field(label="c" * 60)
    suppressions.suppress("+33639980001", note="r" * 200, author=None)
    Activity.objects.create(contact=contact, kind=Activity.Kind.CALL, subject="n" * 120, details="d" * 200, at=timezone.now())
    page = seen_as("administrator")
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("suppressions/", "", f"{contact.pk}/", f"{contact.pk}/edit/", f"{contact.pk}/activities/"):
        page.goto(f"{live_url}/contacts/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
