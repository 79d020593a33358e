"""A gateway that only counts, and a clock that a test moves, as mailings' own tests have them."""

from campaigns.tests.conftest import clock, gateway, short_slices

__all__ = ["clock", "gateway", "short_slices"]
