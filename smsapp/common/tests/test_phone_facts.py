"""What a number tells: type, line, country, time zones, and whether it belongs to fiction."""

import phonenumbers
import pytest

from smsapp.common import fiction, phone


@pytest.mark.parametrize(
    ("number", "kind", "country", "masked", "shown", "fictional"),
    [
        ("+33612345678", "mobile", "FR", "+33•••••78", "+33 6 12 34 56 78", False),
        ("+33639980417", "mobile", "FR", "+33•••••17", "+33 6 39 98 04 17", True),
        ("+33199003108", "landline", "FR", "+33•••••08", "+33 1 99 00 31 08", True),
        ("+447700900142", "mobile", "GB", "+44•••••42", "+44 7700 900142", True),
        ("+442079460123", "landline", "GB", "+44•••••23", "+44 20 7946 0123", True),
        ("+12025550123", "mobile", "US", "+1•••••23", "+1 202-555-0123", True),
        ("+14165550199", "mobile", "CA", "+1•••••99", "+1 416-555-0199", True),
        ("+21649912345", "mobile", "TN", "+216•••••45", "+216 49 912 345", True),
        ("+21698123456", "mobile", "TN", "+216•••••56", "+216 98 123 456", False),
        ("+33142685300", "landline", "FR", "+33•••••00", "+33 1 42 68 53 00", False),
        ("+33899123456", "other", "FR", "+33•••••56", "+33 899 12 34 56", False),
        ("+12025550200", "mobile", "US", "+1•••••00", "+1 202-555-0200", False),
    ],
)
def test_facts_of_a_number(number: str, kind: str, country: str, masked: str, shown: str, fictional: bool) -> None:
    assert phone.kind_of(number) == kind
    assert phone.country_of(number) == country
    assert phone.mask(number) == masked
    assert phone.display(number) == shown
    assert phone.is_fictional(number) is fictional


@pytest.mark.parametrize(
    ("number", "line", "kind", "country"),
    [
        ("+33612345678", "mobile", "mobile", "FR"),
        ("+33142685300", "fixed", "landline", "FR"),
        ("+33800123456", "toll_free", "other", "FR"),
        ("+33899123456", "premium", "other", "FR"),
        ("+33806123456", "company", "other", "FR"),
        ("+33820123456", "shared_cost", "other", "FR"),
        ("+33939012345", "voip", "other", "FR"),
        ("+12125551234", "fixed_or_mobile", "mobile", "US"),  # nobody can tell in North America
        ("+14164567890", "fixed_or_mobile", "mobile", "CA"),
        ("+19005551234", "premium", "other", "US"),
        ("+18005551234", "toll_free", "other", "US"),
        ("+447400123456", "mobile", "mobile", "GB"),
        ("+447012345678", "personal", "other", "GB"),
        ("+447640123456", "pager", "other", "GB"),
        ("+443069990123", "company", "other", "GB"),
        ("+447797712345", "mobile", "mobile", "JE"),  # Jersey, behind the same code
        ("+870773123456", "satellite", "other", ""),
        ("+881631555123", "satellite", "other", ""),
        ("+882161234567", "satellite", "other", ""),
        ("+883510012345678", "satellite", "other", ""),
        ("+878101234567890", "personal", "other", ""),
        ("+979123456789", "premium", "other", ""),
        ("+33639980417", "mobile", "mobile", "FR"),
        ("+442079460123", "fixed", "landline", "GB"),
        ("+12025550123", "mobile", "mobile", "US"),
        ("+331234567", "unknown", "other", "FR"),
        ("+999123456", "unknown", "other", ""),
        ("nonsense", "unknown", "other", ""),
    ],
)
def test_line_type_and_country_of_a_number(number: str, line: str, kind: str, country: str) -> None:
    found = phone.facts_of(number)
    assert (found.line, found.kind, found.country) == (line, kind, country)
    assert found.line in phone.LINES


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        ("+33612345678", {"Europe/Paris"}),
        ("+21698123456", {"Africa/Tunis"}),
        ("+12125551234", {"America/New_York"}),
        ("+13105551234", {"America/Los_Angeles"}),
        ("+881631555123", set()),
        ("nonsense", set()),
    ],
)
def test_time_zones_of_a_number(number: str, zones: set[str]) -> None:
    assert set(phone.time_zones(number)) == zones


def test_a_number_of_a_wide_country_has_many_zones() -> None:
    assert len(phone.time_zones("+18005551234")) > 10


@pytest.mark.parametrize(("beginning", "has"), [("+33", True), ("+8816", True), ("+1212", True), ("+999", False), ("+0", False), ("+", False), ("x", False)])
def test_beginnings_with_a_country_code(beginning: str, has: bool) -> None:
    assert phone.has_country_code(beginning) is has


@pytest.mark.parametrize("text", ["", "RIVERSIDE", "36105", "+", "+x", "abc"])
def test_facts_of_what_is_no_number(text: str) -> None:
    assert phone.display(text) == text
    assert phone.country_of(text) == ""
    assert phone.kind_of(text) == "other"
    assert not phone.is_fictional(text)
    assert text not in phone.mask(text) or len(text) < 2


@pytest.mark.parametrize("each", fiction.RANGES, ids=lambda each: each.beginning)
def test_each_fictional_range_reads_and_ends_where_it_ends(each: fiction.FictionalRange) -> None:
    first, last = each.beginning + "0" * each.digits, each.beginning + "9" * each.digits
    for number in (first, last):
        assert fiction.find(number) == each
        assert phone.normalise(number, "US") == number
        assert phone.country_of(number) == each.country
    assert fiction.find(last + "0") is None
    assert fiction.find(last[:-1]) is None


def test_fictional_mobile_ranges_belong_to_no_operator() -> None:
    """The blocks that phonenumbers does not know either: nobody can be called there."""
    for each in fiction.RANGES:
        if each.kind == "mobile":
            number = phonenumbers.parse(each.beginning + "1" * each.digits)
            assert not phonenumbers.is_valid_number(number)
