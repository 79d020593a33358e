"""A browser for pages of contacts, signed in; a script that fails or an inline one fails the test."""

import pytest
from django.conf import settings


@pytest.fixture
def seen_as(page, live_url, client_for):
    """`seen_as("marketer")` → the page, signed in as that role."""
    faults = []

    def sign_in(role):
        cookie = client_for(role).cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_url}])
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if "Content Security Policy" in message.text else None)
        return page

    yield sign_in
    assert faults == []
