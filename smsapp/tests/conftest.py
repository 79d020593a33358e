"""The gateway that only counts, and short slices, as in the tests of what workers do."""

from campaigns.tests.conftest import gateway, short_slices  # noqa: F401
