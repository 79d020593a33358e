"""Pages of contacts: who may, what they show, what they change."""

import pytest
from django.test import Client
from django.urls import reverse

from contacts.models import Activity, Contact, Suppression
from contacts.services import contacts, history
from contacts.tests.factories import add_number, make_contact, make_group

pytestmark = pytest.mark.django_db

PAGES = [  # (name, with contact, with group, roles that may)
    ("list", "", "viewer"),
    ("create", "", "staff"),
    ("detail", "contact", "viewer"),
    ("contact_groups", "contact", "viewer"),
    ("activities", "contact", "viewer"),
    ("note", "contact", "staff"),
    ("edit", "contact", "staff"),
    ("groups", "", "viewer"),
    ("group_create", "", "author"),
    ("group", "group", "viewer"),
    ("group_edit", "group", "author"),
    ("group_delete", "group", "author"),
    ("imports", "", "author"),
    ("import_upload", "", "author"),
]
BELOW = {"viewer": None, "staff": "viewer", "author": "staff"}


def address(name: str, needs: str = "") -> str:
    made = {"contact": lambda: [make_contact().pk], "group": lambda: [make_group(make_contact()).pk], "": lambda: []}[needs]()
    return reverse(f"contacts:{name}", args=made)


@pytest.mark.parametrize(("name", "needs", "role"), PAGES)
def test_page_opens_for_its_role_and_for_nobody_below(client_for, name, needs, role):
    url = address(name, needs)
    assert client_for(role).get(url).status_code == 200
    if BELOW[role]:
        assert client_for(BELOW[role]).get(url).status_code == 403
    anonymous = Client().get(url)
    assert anonymous.status_code == 302 and "/account/" in anonymous["Location"]


@pytest.mark.parametrize(
    ("name", "needs", "role"),
    [
        ("restore", "contact", "staff"),
        ("join", "contact", "author"),
        ("add_to_group", "", "author"),
        ("group_archive", "group", "author"),
    ],
)
def test_changes_ask_for_a_role_and_for_post(client_for, name, needs, role):
    url = address(name, needs)
    assert client_for(BELOW[role]).post(url).status_code == 403
    assert client_for(role).get(url).status_code == 405
    assert client_for(role).post(url).status_code == 302
    assert "/account/" in Client().post(url)["Location"]


def names(response) -> set[str]:
    return {contact.first_name for contact in response.context["page"]}


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("mar", {"Léa"}),
        ("léa martin", {"Léa"}),
        ("LÉA", {"Léa"}),
        ("lea@EXAMPLE", {"Léa"}),
        ("06 39 98 00 01", {"Léa"}),
        ("+33 6.39.98.00.01", {"Léa"}),
        ("0033639980001", {"Léa"}),
        ("980001", {"Léa"}),
        ("07700 900123", {"Tom"}),
        ("+447700900123", {"Tom"}),
        ("900 123", {"Tom"}),
        ("%", set()),
        ("nobody", set()),
        ("X-7", {"Tom"}),
    ],
)
def test_search_by_any_part_and_by_number_in_any_format(client_for, q, found):
    make_contact("+33639980001", first_name="Léa", last_name="Martin", email="lea@example.org")
    make_contact("+447700900123", first_name="Tom", last_name="Smith", external_id="X-7")
    assert names(client_for("viewer").get(reverse("contacts:list"), {"q": q})) == found


def test_filters_by_group_and_by_textable(client_for):
    yes, no = make_contact("+33639980001", first_name="Yes"), make_contact(None, first_name="No")
    make_contact("+33639980003", first_name="Apart")
    group = make_group(yes, no)
    client, url = client_for("viewer"), reverse("contacts:list")
    assert names(client.get(url, {"group": group.pk})) == {"Yes", "No"}
    assert names(client.get(url, {"group": group.pk, "sms": "yes"})) == {"Yes"}
    assert names(client.get(url, {"sms": "no"})) == {"No"}
    assert names(client.get(url, {"group": "", "sms": "", "q": " ", "tag": "", "after": "zzz"})) == {"Yes", "No", "Apart"}


def test_list_costs_the_same_queries_for_one_and_for_fifty(client_for, django_assert_max_num_queries):
    group = make_group(*[make_contact(f"+3363998{n:04}") for n in range(60)])
    client = client_for("marketer")
    client.get(reverse("contacts:list"))
    with django_assert_max_num_queries(31):
        response = client.get(reverse("contacts:list"), {"group": group.pk, "q": "aubert"})
    assert len(response.context["page"]) == 50
    with django_assert_max_num_queries(25):
        client.get(reverse("contacts:group", args=[group.pk]))


def test_pages_follow_each_other(client_for):
    for n in range(60):
        make_contact(None, first_name=f"P{n:02}", last_name="Same")
    client = client_for("viewer")
    first = client.get(reverse("contacts:list"))
    second = client.get(reverse("contacts:list") + first.context["page"].next_url)
    assert names(first) | names(second) == {f"P{n:02}" for n in range(60)}
    assert not names(first) & names(second)


def test_hostile_names_are_shown_as_text(client_for):
    contact = make_contact(first_name="<script>alert(1)</script>", last_name="{contact.first_name}", organisation='"><img src=x>')
    history.record(contact, "note", "<b>x</b>", details="{% now %} <i>")
    group = make_group(contact, name="<u>group</u>")
    client = client_for("administrator")
    for url in ("list", "detail", "activities", "contact_groups", "edit", "note"):
        html = client.get(reverse(f"contacts:{url}", args=[] if url == "list" else [contact.pk])).content.decode()
        assert "<script>alert" not in html and "<img src=x" not in html and "<u>group" not in html and "<b>x" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<u>group" not in client.get(reverse("contacts:group", args=[group.pk])).content.decode()


def test_the_list_tells_the_country_of_a_number(client_for):
    make_contact("+447700900142")
    assert '<abbr class="quiet" title="United Kingdom">GB</abbr>' in client_for("viewer").get(reverse("contacts:list")).content.decode()


def test_profile_tells_line_country_and_time_of_each_number(client_for):
    contact = make_contact("+881631555123")
    add_number(contact, "+12125551234")
    html = client_for("viewer").get(reverse("contacts:detail", args=[contact.pk])).content.decode()
    assert "satellite" in html and "No country" in html and "United States, " in html and " there</p>" in html


def test_profile_says_which_number_is_textable_and_why_not(client_for):
    contact = make_contact("+33639980001")
    add_number(contact, "+33465712210", kind="landline")
    add_number(contact, "+33639980002")
    Suppression.objects.create(number="+33639980002", reason="stop")
    html = client_for("viewer").get(reverse("contacts:detail", args=[contact.pk])).content.decode()
    assert "+33 6 39 98 00 01" in html and "Not a mobile" in html and "Suppressed" in html and "Texts go here." in html


def test_the_number_of_somebody_who_wants_no_marketing_is_not_called_good_for_all(client_for):
    page = client_for("viewer").get(reverse("contacts:detail", args=[make_contact(opted_out=True).pk])).content.decode()
    assert "One-off texts only" in page and "Can be texted" not in page


def test_ids_over_a_thousand_are_written_plainly(client_for):
    contact = make_contact(id=1_234_567)
    group = make_group(contact, id=7_654_321)
    html = client_for("marketer").get(reverse("contacts:list")).content.decode()
    assert 'name="contact" value="1234567"' in html and 'value="7654321"' in html
    assert "1,234,567" not in html
    assert 'value="7654321"' in client_for("marketer").get(reverse("contacts:group", args=[group.pk])).content.decode()


def form_data(*numbers: tuple[str, str], **changes: str) -> dict[str, str]:
    data = {"first_name": "Léa", "last_name": "Martin", "primary": "0", "numbers-TOTAL_FORMS": str(len(numbers)), "numbers-INITIAL_FORMS": "0"}
    for index, (number, kind) in enumerate(numbers):
        data |= {f"numbers-{index}-number": number, f"numbers-{index}-kind": kind}
    return data | changes


def test_create_with_numbers_in_any_format(client_for):
    data = form_data(("04 65 71 22 10", ""), ("06 39 98 00 01", "mobile"), ("", ""), primary="1")
    response = client_for("staff").post(reverse("contacts:create"), data)
    contact = Contact.objects.get()
    assert response["Location"] == reverse("contacts:detail", args=[contact.pk])
    assert list(contact.numbers.order_by("id").values_list("number", "kind", "is_primary")) == [
        ("+33465712210", "landline", False),
        ("+33639980001", "mobile", True),
    ]


def test_each_bad_number_has_its_sentence_in_its_field(client_for):
    data = form_data(("0639980001 Eva", ""), ("06 39 98 00 02", ""), ("+33639980002", ""), external_id="")
    response = client_for("staff").post(reverse("contacts:create"), data)
    errors = [form.errors.get("number") for form in response.context["numbers"]]
    assert errors[0] and not errors[1] and "twice" in errors[2][0]
    assert not Contact.objects.exists()
    assert "0639980001 Eva" in response.content.decode()


def test_bad_numbers_are_counted_on_top_with_a_link_to_each(client_for):
    page = client_for("staff").post(reverse("contacts:create"), form_data(("07700 900123 ext 5", ""))).content.decode()
    assert "1 field needs a look" in page
    assert '<a href="#id_numbers-0-number">Number: Texts cannot reach an extension' in page
    page = client_for("staff").post(reverse("contacts:create"), form_data(("12", ""), ("13", ""), email="nobody")).content.decode()
    assert "3 fields need a look" in page
    assert "a look" not in client_for("staff").get(reverse("contacts:create")).content.decode()


def test_without_script_a_row_is_added_by_the_server(client_for):
    response = client_for("staff").post(reverse("contacts:create"), form_data(("12", ""), add_number="1"))
    assert len(response.context["numbers"].forms) == 2
    assert not Contact.objects.exists()


def test_edit_keeps_changes_and_tells_a_taken_external_id(client_for):
    make_contact("+33639980005", external_id="A1")
    contact = make_contact("+33639980001")
    url = reverse("contacts:edit", args=[contact.pk])
    response = client_for("staff").post(url, form_data(("+33639980002", ""), external_id="A1"))
    assert "Another contact has this external id" in response.content.decode()
    client_for("staff").post(url, form_data(("+33639980002", ""), external_id="A2", opted_out="on"))
    contact.refresh_from_db()
    assert (contact.external_id, contact.sms_number, contact.opted_out) == ("A2", "+33639980002", True)


def test_somebody_without_any_name_is_not_saved(client_for):
    response = client_for("staff").post(reverse("contacts:create"), form_data(("0639980001", ""), first_name="", last_name=""))
    assert "can be found again" in response.content.decode()


def test_delete_offers_undo_and_undo_brings_back(client_for):
    contact = make_contact()
    client = client_for("staff")
    page = client.post(reverse("contacts:delete", args=[contact.pk]), follow=True)
    undo = reverse("contacts:restore", args=[contact.pk])
    assert f'action="{undo}"' in page.content.decode()
    assert client.get(reverse("contacts:detail", args=[contact.pk])).status_code == 404
    assert client.post(reverse("contacts:delete", args=[contact.pk]), follow=True).status_code == 200  # somebody was faster
    assert client.post(undo)["Location"] == reverse("contacts:detail", args=[contact.pk])
    assert Contact.objects.active().count() == 1


def test_note_stands_on_the_timeline_and_kinds_filter_it(client_for):
    contact = make_contact()
    client = client_for("staff")
    client.post(reverse("contacts:note", args=[contact.pk]), {"subject": "Called", "details": "Back on Monday"})
    history.record(contact, "sms_sent", "Open evening", details="Bonjour", source=1)
    url = reverse("contacts:activities", args=[contact.pk])
    html = client.get(url).content.decode()
    assert "Called" in html and "Open evening" in html and "Text Message (SMS) sent" in html
    assert [line.activity.subject for line in client.get(url, {"kind": "note"}).context["lines"]] == ["Called"]


def test_activity_page_belongs_to_its_contact(client_for):
    mine, other = make_contact(), make_contact("+33639980002")
    activity = history.record(mine, Activity.Kind.NOTE, "Called", details="Back on Monday")
    client = client_for("viewer")
    assert "Back on Monday" in client.get(reverse("contacts:activity", args=[mine.pk, activity.pk])).content.decode()
    assert client.get(reverse("contacts:activity", args=[other.pk, activity.pk])).status_code == 404


def test_deleted_contacts_are_in_no_list(client_for):
    contact = make_contact()
    group = make_group(contact)
    contacts.delete(contact)
    client = client_for("viewer")
    assert not client.get(reverse("contacts:list")).context["page"]
    assert not client.get(reverse("contacts:group", args=[group.pk])).context["page"]


def test_two_editors_do_not_overwrite_each_other_unknowingly(client_for):
    contact = make_contact(first_name="Before")
    url = reverse("contacts:edit", args=[contact.pk])
    client = client_for("staff")
    seen = client.get(url).context["contact"].updated_at.isoformat()
    assert seen in client.get(url).content.decode()
    client.post(url, form_data(first_name="First", seen=seen))
    refused = client.post(url, form_data(first_name="Second", seen=seen))
    assert "Somebody changed this contact" in refused.content.decode()
    client.post(url, form_data(first_name="Second", seen=refused.context["contact"].updated_at.isoformat()))
    contact.refresh_from_db()
    assert contact.first_name == "Second"


@pytest.mark.parametrize("seen", ["", "nonsense", "2026-99-99T00:00:00"])
def test_nonsense_in_the_hidden_field_is_no_error(client_for, seen):
    contact = make_contact()
    assert client_for("staff").post(reverse("contacts:edit", args=[contact.pk]), form_data(seen=seen)).status_code == 302


def test_names_that_run_leftward_are_set_apart_in_lists_and_sentences(client_for):
    person = make_contact(first_name="ליאת", last_name="כהן")
    groups_ = [make_group(person, name="מקהלה"), make_group(name="תזמורת")]
    client = client_for("author")
    listed, profile = (client.get(url).content.decode() for url in ("/contacts/", f"/contacts/{person.pk}/groups/"))
    assert "\u2068כהן, ליאת\u2069" in listed and "<bdi>מקהלה</bdi>" in profile
    said = client.post(f"/contacts/{person.pk}/groups/join/", {"to": groups_[1].pk}, follow=True).content.decode()
    assert "\u2068ליאת כהן\u2069 is in \u2068תזמורת\u2069." in said
    assert person.initials == "לכ" and make_contact(first_name="", last_name="", organisation="עמותה").initials == "ע"
