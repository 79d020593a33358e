"""The page of one text that belongs to no mailing."""

import pytest

from campaigns.models import Message
from campaigns.tests.factories import make_message, make_provider

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"subject": "Rehearsal moved"}, "Rehearsal moved"),
        ({"subject": ""}, Message(kind=Message.Kind.ONE_OFF).get_kind_display()),
        ({"subject": "", "kind": Message.Kind.TEST}, Message(kind=Message.Kind.TEST).get_kind_display()),
    ],
)
def test_a_text_without_a_mailing_can_be_read(client_for, changes, title):
    message = make_message(make_provider(), **changes)
    page = client_for("viewer").get(f"/sms/messages/{message.pk}/")
    assert page.status_code == 200
    assert f"<h1>{title}</h1>" in page.content.decode()
