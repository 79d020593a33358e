"""Pills, numbers, times, ribbons."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from smsapp.common import readable
from smsapp.common.templatetags import ui

NOW = datetime(2026, 11, 26, 8, 42, tzinfo=UTC)  # Thursday 09:42 in Paris


def rendered(text: str, **values: object) -> str:
    return Template("{% load ui %}" + text).render(Context(values))


def test_a_pill_says_its_state_in_words() -> None:
    assert (
        rendered('{% status_pill "Delivered" "green" "check2-all" %}')
        == '<span class="pill is-green"><i class="bi bi-check2-all" aria-hidden="true"></i>Delivered</span>'
    )
    assert rendered('{% status_pill "Draft" %}') == '<span class="pill">Draft</span>'
    assert rendered('{% status_pill "x" "onload" %}') == '<span class="pill">x</span>'


def test_a_pill_escapes() -> None:
    assert "<b>" not in rendered("{% status_pill word tone icon %}", word="<b>", tone="blue", icon='"><b>')


@pytest.mark.parametrize(
    ("value", "language", "text"),
    [
        (4391, "en", "4,391"),
        (4391, "fr", "4\u202f391"),
        (0, "en", "0"),
        (None, "en", "–"),
        ("", "fr", "–"),
        (Decimal("1234.5"), "fr", "1\u202f234,5"),
        ("many", "en", "many"),
    ],
)
def test_numbers_are_grouped_by_language(value: object, language: str, text: str) -> None:
    with translation.override(language):
        assert readable.number(value) == text


@pytest.mark.parametrize(
    ("amount", "currency", "language", "text"),
    [
        ("344.43", "EUR", "en", "€344.43"),
        ("344.43", "EUR", "fr", "344,43\u00a0€"),
        ("1344.4", "GBP", "en", "£1,344.40"),
        ("52.136", "EUR", "en", "€52.14"),
        ("0.125", "EUR", "fr", "0,13\u00a0€"),
        ("2", "TND", "en", "2.000\u00a0TND"),
        ("1200.5", "JPY", "en", "1,201\u00a0JPY"),
        (None, "EUR", "en", "–"),
    ],
)
def test_money(amount: str, currency: str, language: str, text: str) -> None:
    with translation.override(language):
        assert readable.money(amount, currency) == text


@pytest.mark.parametrize(("amount", "currency", "text"), [("0.04120", "EUR", "€0.0412"), ("0.07000", "EUR", "€0.07"), (None, "EUR", "–"), ("3", "JPY", "3\u00a0JPY")])
def test_a_price_has_no_empty_digits(amount: str, currency: str, text: str) -> None:
    with translation.override("en"):
        assert readable.price(amount, currency) == text


@pytest.mark.parametrize(
    ("part", "whole", "language", "text"),
    [(2, 3, "en", "66.7%"), (49, 50, "en", "98.0%"), (49, 50, "fr", "98,0\u202f%"), (1, 0, "en", "–"), (None, 5, "en", "–"), (0, 5, "en", "0.0%")],
)
def test_percent(part: int, whole: int, language: str, text: str) -> None:
    with translation.override(language):
        assert readable.percent(part, whole) == text


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 11, 26, 13, 0, tzinfo=UTC), "Today\u00a014:00"),
        (datetime(2026, 11, 25, 22, 59, tzinfo=UTC), "Yesterday\u00a023:59"),
        (datetime(2026, 11, 25, 23, 30, tzinfo=UTC), "Today\u00a000:30"),
        (datetime(2026, 11, 27, 8, 0, tzinfo=UTC), "Tomorrow\u00a009:00"),
        (datetime(2026, 11, 30, 8, 0, tzinfo=UTC), "Mon\u00a009:00"),
        (datetime(2026, 11, 3, 9, 0, tzinfo=UTC), "3 Nov, 10:00"),
        (datetime(2025, 11, 3, 9, 0, tzinfo=UTC), "3 Nov 2025"),
        (datetime(2027, 10, 31, 0, 30, tzinfo=UTC), "31 Oct 2027, 02:30"),  # of what is to come the time matters
    ],
)
def test_times_as_people_say_them(moment: datetime, text: str) -> None:
    with timezone.override("Europe/Paris"), translation.override("en"):
        html = readable.person_time(moment, NOW)
    assert f">{text}</time>" in html
    assert 'datetime="20' in html


@pytest.mark.parametrize(
    ("moment", "english", "french"),
    [
        (datetime(2026, 11, 26, 13, 0, tzinfo=UTC), "today at 14:00", "aujourd’hui à 14:00"),
        (datetime(2026, 11, 25, 13, 0, tzinfo=UTC), "yesterday at 14:00", "hier à 14:00"),
        (datetime(2026, 11, 30, 8, 0, tzinfo=UTC), "Monday at 09:00", "lundi à 09:00"),
        (datetime(2026, 11, 22, 9, 0, tzinfo=UTC), "22 Nov at 10:00", "22 nov. à 10:00"),
        (datetime(2025, 11, 3, 9, 0, tzinfo=UTC), "3 Nov 2025", "3 nov. 2025"),
        (datetime(2027, 10, 31, 0, 30, tzinfo=UTC), "31 Oct 2027 at 02:30", "31 oct. 2027 à 02:30"),
        (date(2026, 11, 22), "22 Nov", "22 nov."),
        (date(2027, 1, 5), "5 Jan 2027", "5 jan. 2027"),
    ],
)
def test_times_within_a_sentence_begin_with_no_capital(moment: date, english: str, french: str) -> None:
    for language, text in (("en", english), ("fr", french)):
        with timezone.override("Europe/Paris"), translation.override(language):
            assert f">{text}</time>" in readable.person_time_within(moment, NOW)


def test_a_french_day_has_no_comma_after_its_month() -> None:
    with timezone.override("Europe/Paris"), translation.override("fr"):
        assert ">22 nov. 10:00</time>" in readable.person_time(datetime(2026, 11, 22, 9, 0, tzinfo=UTC), NOW)


def test_no_time_is_a_dash() -> None:
    assert readable.person_time(None) == readable.person_time_within(None) == "–"


def test_phone_filter() -> None:
    assert rendered("{{ number|phone }}", number="+33639980417") == "+33 6 39 98 04 17"
    assert rendered("{{ number|phone }}", number=None) == ""


def test_a_ribbon_shows_every_part_that_is_not_zero() -> None:
    html = rendered("{% ribbon parts %}", parts=[("Delivered", 9999, "green"), ("Failed", 1, "red", "/failed/"), ("Skipped", 0, "grey")])
    assert 'width="0.60%"' in html
    assert html.count('<rect class="f-grey"') == 1  # only its key
    assert 'aria-label="9,999 Delivered, 1 Failed"' in html
    assert '<a href="/failed/">1</a>' in html
    assert "style=" not in html


def test_a_ribbon_leaves_room_for_what_is_to_come() -> None:
    assert 'x="0.00%" width="25.00%"' in rendered("{% ribbon parts total=8 %}", parts=[("Delivered", 2, "green")])


def test_a_ribbon_of_nothing_says_so() -> None:
    assert "Nothing yet" in rendered("{% ribbon parts %}", parts=[])
    assert "Nothing yet" in rendered("{% ribbon parts %}", parts=[("Delivered", 0, "green")])


def test_links_to_places_that_do_not_exist_are_left_out() -> None:
    assert rendered('{% nav_link "nowhere:at-all" "Nowhere" %}') == ""
    assert 'href="/"' in rendered('{% nav_link "home" "Home" %}')


def test_sorting_turns_around_and_starts_at_the_first_page() -> None:
    request = RequestFactory().get("/?q=a&sort=name&after=xyz")
    html = rendered('{% sort_link "name" "Name" %}', request=request)
    assert "sort=-name" in html and "q=a" in html and "after" not in html and "arrow-up-short" in html


def test_initials() -> None:
    from smsapp.accounts.models import User

    assert ui.initials(User(first_name="Amina", last_name="Ben Salah")) == "AB"
    assert ui.initials(User(username="zoe")) == "Z"
