"""The policy on content in a browser: nothing of ours asks for what it refuses, however slowly the styles come."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_a_late_stylesheet_lets_nothing_through_that_the_policy_refuses(seen_as, live_url):
    page = seen_as("author")  # notes each breach
    held = []
    page.route("**/css/console.css", lambda route: held.append(route))
    with page.expect_request("**/css/console.css"), page.expect_response("**/bootstrap.min.css"):
        page.goto(f"{live_url}/sms/mailings/new/", wait_until="commit")
    choice = page.locator(".form-select").first
    choice.wait_for(state="attached")
    choice.evaluate("box => getComputedStyle(box).backgroundImage")  # makes the browser apply what it has
    page.wait_for_timeout(300)  # a picture that a style names would be asked for by now
    held[0].continue_()
    expect(choice).to_have_css("background-image", re.compile("gradient"))
