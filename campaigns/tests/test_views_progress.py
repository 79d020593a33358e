"""What a mailing's page asks again while it moves."""

import pytest

from campaigns.tests.factories import make_people, make_sending

pytestmark = pytest.mark.django_db


def test_progress_brings_the_cost_along(client_for):
    mailing = make_sending(make_people(2))
    page = client_for("viewer").get(f"/sms/mailings/{mailing.id}/progress/?was=sending", headers={"hx-request": "true"}).content.decode()
    assert 'id="progress"' in page
    assert 'id="moving-facts" hx-swap-oob="true"' in page
    assert "hx-swap-oob" not in client_for("viewer").get(f"/sms/mailings/{mailing.id}/").content.decode()
