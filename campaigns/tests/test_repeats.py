"""The same text to the same number within a day is asked about before it goes once more."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Message
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import fictional, make_provider
from campaigns.tests.test_views_one_off import URL, form, number_of
from contacts.tests.factories import make_contact

pytestmark = pytest.mark.django_db


def again(data, **changes):
    """The same form after Back: a new hidden key, and all else as it was."""
    return data | {"key": str(uuid.uuid4()), **changes}


@pytest.mark.parametrize("first", [{}, {"when": "at", "day": (timezone.localdate() + timedelta(days=2)).isoformat(), "hour": "09:30"}])
def test_the_same_text_once_more_is_asked_about_whoever_sent_it(client_for, first):
    data = form(make_provider(), number_of(make_contact(last_name="Aubert")))
    client_for("staff").post(URL, data | first)
    client = client_for("marketer")
    page = client.post(URL, again(data)).content.decode()
    assert "The same text once more?" in page and "Camille Aubert was sent this text" in page and 'name="again"' in page
    assert Message.objects.count() == 1
    assert client.post(URL, again(data, again="1")).status_code == 302
    assert Message.objects.count() == 2


@pytest.mark.parametrize(
    "other",
    [
        lambda data: data | {"text": "Another one"},
        lambda data: data | {"to": [number_of(make_contact(fictional(77))).pk]},
        lambda data: Message.objects.update(created_at=timezone.now() - timedelta(hours=25)) and data,
        lambda data: Message.objects.update(status=MessageStatus.CANCELLED) and data,
    ],
)
def test_another_text_person_or_day_is_not_asked_about(client_for, other):
    client, data = client_for("staff"), form(make_provider(), number_of(make_contact()))
    client.post(URL, data)
    assert client.post(URL, again(other(data))).status_code == 302
    assert Message.objects.count() == 2
