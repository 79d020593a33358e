"""Groups that a waiting mailing uses cannot be deleted under its feet."""

import pytest

from campaigns.guards import group_in_use
from campaigns.services import mailings
from campaigns.tests.factories import make_mailing, make_people, make_sending
from contacts.tests.factories import make_group

pytestmark = pytest.mark.django_db


def test_a_group_that_a_draft_excludes_is_kept(client_for):
    staff = make_group(name="Staff")
    make_mailing(make_people(1), exclude=[staff], name="News")
    assert "“News” has not gone out yet" in group_in_use(staff)
    answer = client_for("author").post(f"/contacts/groups/{staff.id}/delete/", follow=True)
    assert "has not gone out yet" in answer.content.decode()
    staff.refresh_from_db()


def test_a_group_of_a_mailing_that_went_out_may_go():
    group = make_people(1)
    mailings.cancel(make_sending(group), None)
    assert group_in_use(group) == ""
