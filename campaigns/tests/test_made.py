"""Mailings that nobody makes by hand begin with what a person would have found chosen."""

import pytest

from campaigns.services import made
from campaigns.tests.factories import make_provider
from providers.models import Provider

pytestmark = pytest.mark.django_db


def test_a_text_that_is_kept_goes_through_the_default_gateway(user_for):
    make_provider(name="First")
    chosen = make_provider(name="Chosen", senders=["Chosen"])
    Provider.objects.filter(pk=chosen.pk).update(is_default=True)
    content = made.keep_content("Birthday", user_for("marketer"))
    assert (content.provider, content.sender) == (chosen, "Chosen")
