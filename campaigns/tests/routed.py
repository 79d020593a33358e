"""Rules, two gateways and what their texts became, for tests of routing."""

from campaigns.models import Message, Route
from campaigns.pipeline import deliver, finish
from campaigns.tests.factories import fictional
from contacts.tests.factories import make_contact, make_group

FRENCH, BRITISH = fictional(1), "+447700900101"


def rule(provider=None, **changes):
    return Route.objects.create(provider=provider, **{"position": 10 * (Route.objects.count() + 1), **changes})


def two_countries():
    return make_group(make_contact(FRENCH), make_contact(BRITISH))


def ways(mailing):
    """{number: (provider, sender)} of a mailing's texts."""
    return {row.number: (row.provider_id, row.sender) for row in Message.objects.filter(mailing=mailing)}


def send(*providers, slices=2):
    for _slice in range(slices):
        for provider in providers:
            deliver.run_slice(provider.pk, urgent_only=False)
    finish.finish()


def facts(message):
    return message.routing.facts
