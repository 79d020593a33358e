"""The pages of suppressions and quarantine: who may, what they show, what they refuse and in which words."""

import pytest
from django.urls import reverse
from django.utils import timezone

from contacts.models import Quarantine, Suppression
from contacts.services import suppressions
from contacts.tests.factories import make_contact

pytestmark = pytest.mark.django_db

A, B = "+33639980001", "+447700900142"


def text(response):
    return response.content.decode().replace(" ", " ")


def block(number=A, **changes):
    return Suppression.objects.create(**{"number": number, "reason": "staff", "note": "asked on the phone"} | changes)


@pytest.mark.parametrize(
    ("page", "allowed"),
    [
        ("suppressions", {"marketer", "administrator"}),
        ("suppression_add", {"marketer", "administrator"}),
        ("suppression", {"marketer", "administrator"}),
        ("suppression_end", {"administrator"}),
        ("quarantines", {"administrator"}),
        ("quarantine_add", {"administrator"}),
        ("quarantine", {"administrator"}),
        ("quarantine_end", {"administrator"}),
    ],
)
def test_who_may_open_which_page(client_for, client, page, allowed):
    entries = {"suppression": block().pk, "quarantine": Quarantine.objects.create(number=A, reason="hard").pk}
    url = reverse(f"contacts:{page}", args=[entries[page.removesuffix("_end")]] if page.removesuffix("_end") in entries else [])
    for role in ("viewer", "staff", "author", "marketer", "administrator"):
        assert client_for(role).get(url).status_code == (200 if role in allowed else 403), role
    assert client.get(url).status_code == 302


def test_the_list_names_the_people_behind_a_number(client_for):
    make_contact(A, first_name="Ana", last_name="Dupont")
    block(author=None)
    html = text(client_for("marketer").get(reverse("contacts:suppressions")))
    assert "+33 6 39 98 00 01" in html and "Ana Dupont" in html and "asked on the phone" in html and "Blocked by staff" in html


def test_a_number_that_many_share_names_the_first_few(client_for):
    for place in range(6):
        make_contact(A, first_name=f"Person{place}", last_name="")
    block()
    html = text(client_for("marketer").get(reverse("contacts:suppressions")))
    assert "Person2" in html and "Person3" not in html and " …" in html


@pytest.mark.parametrize("q", [A, "06 39 98 00 01", "+33 (0)6 39 98 00 01", "0033639980001", "39980", "9800 01"])
def test_a_number_is_found_in_any_format_and_by_part(client_for, q):
    block(A), block(B, note="other")
    html = text(client_for("marketer").get(reverse("contacts:suppressions"), {"q": q}))
    assert "+33 6 39 98 00 01" in html and "+44 7700 900142" not in html


def test_filters_by_state_reason_and_words(client_for):
    block(A), block(B, reason="stop", note="")
    block("+33639980002", ended_at=timezone.now(), ended_because="mistake", note="old")
    client, url = client_for("marketer"), reverse("contacts:suppressions")
    numbers = {"+33 6 39 98 00 01", "+44 7700 900142", "+33 6 39 98 00 02"}

    def shown(**query):
        html = text(client.get(url, query))
        return {number for number in numbers if number in html}

    assert shown() == {"+33 6 39 98 00 01", "+44 7700 900142"}
    assert shown(state="ended") == {"+33 6 39 98 00 02"}
    assert shown(state="any") == numbers
    assert shown(reason="stop") == {"+44 7700 900142"}
    assert shown(q="on the phone") == {"+33 6 39 98 00 01"}
    assert shown(state="nonsense", reason="nonsense") == {"+33 6 39 98 00 01", "+44 7700 900142"}


def test_a_list_page_costs_the_same_however_many_numbers(client_for, django_assert_num_queries):
    client, url = client_for("administrator"), reverse("contacts:suppressions")
    for amount in (1, 60):
        for place in range(Suppression.objects.count(), amount):
            block(f"+3363998{place:04d}")
            make_contact(f"+3363998{place:04d}")
        client.get(url)
        with django_assert_num_queries(9):
            response = client.get(url)
    assert len(response.context["rows"]) == 50
    assert len(client.get(response.context["page"].next_url and url + response.context["page"].next_url).context["rows"]) == 10


def test_empty_lists_say_what_they_are_for(client_for):
    client = client_for("administrator")
    assert "When somebody answers STOP" in text(client.get(reverse("contacts:suppressions")))
    assert "Without a quarantine everybody is tried again" in text(client.get(reverse("contacts:quarantines")))
    block()
    assert "No entry matches" in text(client.get(reverse("contacts:suppressions"), {"q": "0123999"}))


# --- adding ---


def test_a_number_typed_in_any_format_is_suppressed(client_for):
    make_contact(A)
    response = client_for("marketer").post(reverse("contacts:suppression_add"), {"number": " 06.39.98.00.01 ", "why": "asked"}, follow=True)
    entry = Suppression.objects.get()
    assert (entry.number, entry.note, entry.author.username) == (A, "asked", "marketer")
    assert "+33 6 39 98 00 01 gets no more texts. 1 contact has it." in text(response)


@pytest.mark.parametrize(
    ("number", "why", "sentence"),
    [
        ("", "asked", "Write the number, for example"),
        (A, "", "Write the reason, so that others know later"),
        ("06 39 98 04 17 Eva", "asked", "There are letters in it."),
        ("06 39", "asked", "There are too few digits."),
        ("06 39 98 04 17 / 06 39 98 04 18", "asked", "There is more than one number here, and this form takes one"),
        ("+33639980417 +33639980418", "asked", "this form takes one at a time"),
        (", ".join(["+33639980417"] * 60), "asked", "this form takes one at a time"),
        ("<script>", "asked", "There are letters in it."),
        (A, "x" * 301, "at most 300 characters"),
    ],
)
def test_what_cannot_be_added_says_why(client_for, number, why, sentence):
    response = client_for("marketer").post(reverse("contacts:suppression_add"), {"number": number, "why": why})
    assert response.status_code == 200 and sentence in text(response)
    assert not Suppression.objects.exists()


def test_a_number_that_is_suppressed_already_says_since_when_and_why(client_for):
    block(reason="stop", note="")
    response = client_for("marketer").post(reverse("contacts:suppression_add"), {"number": A, "why": "again"}, follow=True)
    assert "+33 6 39 98 00 01 is suppressed already, since" in text(response) and "STOP received." in text(response)
    assert Suppression.objects.count() == 1


def test_from_a_contact_the_form_knows_the_number_and_goes_back(client_for):
    contact = make_contact(A)
    client, number = client_for("marketer"), contact.numbers.get()
    page = text(client.get(reverse("contacts:detail", args=[contact.pk])))
    assert f"?number={number.pk}&amp;next=/contacts/{contact.pk}/" in page
    form = client.get(reverse("contacts:suppression_add"), {"number": number.pk, "next": f"/contacts/{contact.pk}/"})
    assert 'value="+33 6 39 98 00 01"' in text(form)
    done = client.post(reverse("contacts:suppression_add"), {"number": A, "why": "asked", "next": f"/contacts/{contact.pk}/"}, follow=True)
    assert done.redirect_chain[-1][0] == f"/contacts/{contact.pk}/"
    assert "Suppressed" in text(done) and "Why it is suppressed" in text(done)


def test_a_way_back_to_elsewhere_is_not_taken(client_for):
    response = client_for("marketer").post(reverse("contacts:suppression_add"), {"number": A, "why": "asked", "next": "//evil.example/"})
    assert response["Location"] == reverse("contacts:suppression", args=[Suppression.objects.get().pk])


@pytest.mark.parametrize("number", ["", "0", "x", "9" * 30, "-1"])
def test_a_contacts_number_that_does_not_exist_leaves_the_form_empty(client_for, number):
    assert client_for("marketer").get(reverse("contacts:suppression_add"), {"number": number}).status_code == 200


def test_the_number_of_a_deleted_contact_is_not_shown(client_for):
    contact = make_contact(A, deleted_at=timezone.now())
    html = text(client_for("marketer").get(reverse("contacts:suppression_add"), {"number": contact.numbers.get().pk}))
    assert "39 98 00 01" not in html


# --- the number's history, and ending ---


def test_the_history_shows_every_entry_of_both_registers(client_for, user_for):
    entry, _new = suppressions.suppress(A, note="asked on the phone", author=user_for("marketer"))
    suppressions.lift(entry, because="wrong number", author=user_for("administrator"))
    Quarantine.objects.create(number=A, reason="unassigned")
    make_contact(A, first_name="Ana", last_name="Dupont")
    html = text(client_for("administrator").get(reverse("contacts:suppression", args=[entry.pk])))
    for words in ("asked on the phone", "wrong number", "By Marketer", "Quarantined", "Dupont, Ana", "Mobile, France", "Fictional: the simulator only."):
        assert words in html, words
    assert "Quarantined" not in text(client_for("marketer").get(reverse("contacts:suppression", args=[entry.pk])))


def test_an_administrator_lifts_a_block_by_staff_with_a_reason(client_for):
    entry, client = block(), client_for("administrator")
    url = reverse("contacts:suppression_end", args=[entry.pk])
    assert "Lift the suppression" in text(client.get(url))
    assert "Write why this number may be texted again." in text(client.post(url, {"because": " "}))
    done = client.post(url, {"because": "wrong number"}, follow=True)
    entry.refresh_from_db()
    assert "+33 6 39 98 00 01 can be texted again." in text(done)
    assert (entry.ended_because, entry.ended_by.username) == ("wrong number", "administrator")
    assert "This had ended already" in text(client.post(url, {"because": "twice"}, follow=True))


def test_a_stop_cannot_be_lifted_and_the_page_says_what_the_person_can_do(client_for):
    entry, client = block(reason="stop"), client_for("administrator")
    url = reverse("contacts:suppression_end", args=[entry.pk])
    assert "by texting START" in text(client.get(url, follow=True))
    assert "The recipient asked for it, so nobody here can lift it." in text(client.post(url, {"because": "please"}, follow=True))
    entry.refresh_from_db()
    assert entry.ended_at is None
    assert reverse("contacts:suppression_end", args=[entry.pk]) not in text(client.get(reverse("contacts:suppression", args=[entry.pk])))


def test_an_administrator_quarantines_a_number_and_ends_it(client_for):
    client = client_for("administrator")
    client.post(reverse("contacts:quarantine_add"), {"number": A, "why": "belongs to a taxi now"})
    entry = Quarantine.objects.get()
    assert "at most 100 characters" in text(client.post(reverse("contacts:quarantine_add"), {"number": B, "why": "x" * 101}))
    client.post(reverse("contacts:quarantine_end", args=[entry.pk]), {"because": "theirs again"})
    entry.refresh_from_db()
    assert (entry.reason, entry.ended_because) == ("belongs to a taxi now", "theirs again")


def test_a_gateways_code_stands_in_words(client_for):
    Quarantine.objects.create(number=A, reason="invalid_number")
    html = text(client_for("administrator").get(reverse("contacts:quarantines")))
    assert "invalid_number" not in html and "Number not valid" in html


def test_hostile_words_are_only_words(client_for):
    entry = block(note="<script>alert(1)</script>")
    for name, args in (("suppressions", []), ("suppression", [entry.pk]), ("suppression_end", [entry.pk])):
        html = text(client_for("administrator").get(reverse(f"contacts:{name}", args=args)))
        assert "<script>alert" not in html and "&lt;script&gt;alert(1)" in html


@pytest.mark.parametrize(
    ("number", "region", "suppressed"),
    [("07700 900123", "GB", "+447700900123"), ("07700 900123", "", ""), ("+44 7700 900123", "FR", "+447700900123"), ("06 39 98 00 01", "", "+33639980001")],
)
def test_numbers_of_other_countries_are_read_their_way(client_for, number, region, suppressed):
    client = client_for("marketer")
    page = text(client.post(reverse("contacts:suppression_add"), {"number": number, "region": region, "why": "asked"}, follow=True))
    assert list(Suppression.objects.values_list("number", flat=True)) == ([suppressed] if suppressed else [])
    if not suppressed:
        assert "It was read as a number of France" in page and "write + and the country code first" in page
    assert "not among the choices" in text(client.post(reverse("contacts:suppression_add"), {"number": number, "region": "ZZ", "why": "asked"}))
