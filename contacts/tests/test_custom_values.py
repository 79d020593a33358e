"""Values of custom fields: tables of what people write, and that nothing changes on its way through."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from contacts import custom_values, spelling
from contacts.custom_values import as_written, clean, display, in_text

CHOICES = ["Gold", "Silver", "Élève", "N/A"]


@pytest.mark.parametrize("raw", ["", None, "  ", "\u200b", "\u00a0", "\x00"])
@pytest.mark.parametrize("kind", ["text", "number", "date", "choice", "yes_no"])
def test_nothing_is_none(kind, raw):
    assert clean(kind, raw, choices=CHOICES) is None


@pytest.mark.parametrize(
    ("region", "text", "value"),
    [
        ("FR", "42", 42), ("FR", "1 234,5", 1234.5), ("FR", "1\u202f234,5", 1234.5), ("FR", "1 234 567", 1234567), ("FR", "-5", -5),
        ("FR", "−5", -5), ("FR", "+5", 5), ("FR", "12,50", 12.5), ("FR", "5,0", 5), ("FR", "1,234", 1.234), ("FR", "0,250", 0.25),
        ("FR", "1234.567", 1234.567), ("FR", "1,234.5", 1234.5), ("FR", "1.5", 1.5), ("FR", "1.234.567", 1234567), ("FR", "0", 0), ("FR", "-0", 0),
        ("GB", "1,234.5", 1234.5), ("GB", "1,234", 1234), ("GB", "1.234", 1.234), ("GB", "1,234,567.25", 1234567.25), ("GB", "12,50", 12.5),
        ("GB", "1 234,5", 1234.5), ("DE", "1.234,5", 1234.5), ("DE", "1,234", 1.234), ("CH", "1'234.5", 1234.5), ("CH", "1’234", 1234),
        ("IN", "12,34,567", 1234567), ("", "1234.5", 1234.5), ("FR", "999999999999999", 999999999999999),
    ],
)  # fmt: skip
def test_numbers(region, text, value):
    read = clean("number", text, region=region)
    assert read == value
    assert type(read) is type(value)  # 5,0 is the whole number 5


@pytest.mark.parametrize(
    ("region", "text", "code"),
    [
        ("FR", "1.234", "number_ambiguous"), ("DE", "1.234", "number_ambiguous"), ("CH", "1.234", "number_ambiguous"), ("CA", "1,234", "number_ambiguous"),
        ("", "1,234", "number_ambiguous"), ("FR", "1e5", "lossy_number"), ("FR", "1,2E+05", "lossy_number"), ("FR", "007", "leading_zero"),
        ("FR", "0612345678", "leading_zero"), ("FR", "abc", "not_a_number"), ("FR", "12 €", "not_a_number"), ("FR", "12.", "not_a_number"),
        ("FR", "12 34", "not_a_number"), ("FR", "1,23,4", "not_a_number"), ("FR", "1.234.5", "not_a_number"), ("FR", "--5", "not_a_number"),
        ("FR", "(5)", "not_a_number"), ("FR", "٤٢", "not_a_number"), ("FR", "1234567890123456", "too_many_digits"), ("FR", "nan", "not_a_number"),
        ("FR", "Infinity", "not_a_number"), ("FR", "0x10", "not_a_number"), ("FR", "1,234.567,8", "not_a_number"),
    ],
)  # fmt: skip
def test_numbers_that_are_refused(region, text, code):
    with pytest.raises(spelling.ValueProblem) as refused:
        clean("number", text, region=region)
    assert refused.value.code == code
    assert refused.value.message.endswith(".")


def test_the_sentence_of_an_ambiguous_number_names_both_readings_and_both_are_read():
    with pytest.raises(spelling.ValueProblem) as refused:
        clean("number", "1.234", region="FR")
    assert "Write 1234 or 1.2340." in refused.value.message
    assert (clean("number", "1234", region="FR"), clean("number", "1.2340", region="FR")) == (1234, 1.234)


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("date", "17/04/1990", "1990-04-17"), ("date", "1990-04-17", "1990-04-17"), ("date", "1.2.2033", "2033-02-01"), ("date", date(2026, 3, 1), "2026-03-01"),
        ("date", datetime(2026, 3, 1, 9, 30, tzinfo=UTC), "2026-03-01"), ("choice", "gold", "Gold"), ("choice", " SILVER ", "Silver"), ("choice", "eleve", "Élève"),
        ("yes_no", "Oui", True), ("yes_no", "NON", False), ("yes_no", "1", True), ("yes_no", "false", False), ("yes_no", True, True),
        ("number", 5.0, 5), ("number", 0.1 + 0.2, 0.3), ("number", Decimal("12.50"), 12.5), ("number", 1.234, 1.234),
        ("text", "  Jean \n Paul\u200b ", "Jean Paul"), ("text", "<script>{contact.first_name}", "<script>{contact.first_name}"), ("text", "a\x00b", "ab"),
    ],
)  # fmt: skip
def test_other_values(kind, raw, value):
    assert clean(kind, raw, choices=CHOICES) == value


@pytest.mark.parametrize(
    ("kind", "raw", "code"),
    [
        ("date", "31/02/2026", "no_such_day"), ("date", "17/04/90", "date_short_year"), ("date", "0090-04-17", "no_such_year"), ("date", "33000", "not_a_date"),
        ("choice", "Bronze", "not_a_choice"), ("yes_no", "maybe", "not_yes_or_no"), ("text", "x" * 501, "too_long"), ("number", True, "wrong_type"),
        ("number", float("nan"), "not_a_number"), ("number", float("inf"), "not_a_number"), ("yes_no", 1, "wrong_type"), ("text", ["a"], "wrong_type"),
        ("date", 33000, "wrong_type"), ("choice", {}, "wrong_type"),
    ],
)  # fmt: skip
def test_other_values_that_are_refused(kind, raw, code):
    with pytest.raises(spelling.ValueProblem) as refused:
        clean(kind, raw, choices=CHOICES)
    assert refused.value.code == code


def test_a_refused_choice_lists_the_choices():
    with pytest.raises(spelling.ValueProblem) as refused:
        clean("choice", "Bronze", choices=CHOICES)
    assert "Gold, Silver, Élève, N/A" in refused.value.message


def test_choices_that_differ_by_case_only_are_taken_as_written_or_not_at_all():
    assert clean("choice", "gold", choices=["Gold", "gold"]) == "gold"
    with pytest.raises(spelling.ValueProblem):
        clean("choice", "GOLD", choices=["Gold", "gold"])


@pytest.mark.parametrize(
    ("kind", "value", "english", "french"),
    [
        ("yes_no", True, "Yes", "Oui"), ("yes_no", False, "No", "Non"), ("number", 1234.5, "1234.5", "1234,5"), ("number", 2026, "2026", "2026"),
        ("number", 0.000001, "0.000001", "0,000001"), ("date", "2026-08-01", "1 August 2026", "1er août 2026"), ("choice", "Gold", "Gold", "Gold"),
        ("text", "{x}", "{x}", "{x}"), ("text", None, "", ""), ("date", "nonsense", "nonsense", "nonsense"), ("number", "7", "7", "7"),
    ],
)  # fmt: skip
def test_values_are_read_in_the_language_of_the_reader(kind, value, english, french):
    with translation.override("en"):
        assert display(kind, value) == english
    with translation.override("fr"):
        assert display(kind, value) == french


@pytest.mark.parametrize(
    ("kind", "value", "language", "text"),
    [
        ("yes_no", True, "en", "yes"), ("yes_no", False, "fr", "non"), ("yes_no", True, "xx", "yes"), ("number", 1234.5, "fr", "1234,5"),
        ("number", 1234.5, "en", "1234.5"), ("number", 10, "fr", "10"), ("date", "2026-08-01", "fr", "01/08/2026"), ("date", "2026-08-01", "en", "01/08/2026"),
        ("choice", "Gold", "fr", "Gold"), ("text", None, "en", ""), ("date", 5, "en", "5"), ("text", ["a"], "en", "['a']"),
    ],
)  # fmt: skip
def test_values_in_a_text_message(kind, value, language, text):
    assert in_text(kind, value, language) == text


whole = st.integers(-(10**15) + 1, 10**15 - 1)
numbers = st.one_of(whole, st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9).map(lambda value: float(f"{value:.6f}")))
stored = st.one_of(
    st.tuples(st.just("number"), numbers.map(lambda value: clean("number", value))),
    st.tuples(st.just("date"), st.dates(date(1000, 1, 1), date(2999, 12, 31)).map(date.isoformat)),
    st.tuples(st.just("yes_no"), st.booleans()),
    st.tuples(st.just("choice"), st.sampled_from(CHOICES)),
    st.tuples(st.just("text"), st.text(max_size=60).map(spelling.plain).filter(bool)),
)


@given(stored, st.sampled_from(["FR", "GB", "DE", "CA", "US", ""]))
def test_what_is_stored_stays_and_is_read_back_as_it_was_written(pair, region):
    kind, value = pair
    assert clean(kind, value, choices=CHOICES, region=region) == value
    assert clean(kind, as_written(kind, value, region), choices=CHOICES, region=region) == value


@given(stored, st.sampled_from(["en", "fr"]))
def test_display_never_fails_and_never_hides_a_value(pair, language):
    kind, value = pair
    with translation.override(language):
        assert display(kind, value)
    assert in_text(kind, value, language)


@given(st.sampled_from(sorted(custom_values._READERS)), st.text(max_size=40), st.sampled_from(["FR", "GB", "CH"]))
def test_any_text_is_read_or_refused_with_a_sentence(kind, text, region):
    try:
        value = clean(kind, text, choices=CHOICES, region=region)
    except spelling.ValueProblem as problem:
        assert problem.code
        assert problem.message.endswith(".")
    else:
        assert clean(kind, value, choices=CHOICES, region=region) == value
