"""The page of one text that belongs to no mailing."""

from uuid import uuid4

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


def test_a_test_to_a_number_of_nobody_names_no_erased_contact(client_for, user_for):
    author = user_for("administrator")
    message = make_message(make_provider(), kind=Message.Kind.TEST, idempotency_key=f"{(key := uuid4())}:1", author=author)
    administrator = client_for("administrator")
    for page in (f"/sms/messages/{message.pk}/", f"/sms/send/{key}/"):
        shown = administrator.get(page).content.decode()
        assert "No contact" in shown and "Erased contact" not in shown, page
    assert f"/sms/messages/{message.pk}/" in shown
