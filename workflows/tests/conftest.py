"""A gateway that only counts, as mailings' own tests have it."""

from campaigns.tests.conftest import gateway

__all__ = ["gateway"]
