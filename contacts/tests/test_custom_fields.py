"""Custom fields: defined by administrators, filled in on the contact form, shown on the profile."""

import pytest
from auditlog.models import LogEntry
from django.urls import reverse

from contacts.models import Contact, CustomField
from contacts.services import contacts, custom_fields
from contacts.services.errors import ContactsError
from contacts.tests.factories import make_contact, make_field

pytestmark = pytest.mark.django_db
ADD = "/admin/contacts/customfield/add/"


def definition(**changes):
    return {"label": "Member level", "key": "member_level", "type": "text", "choices": "", "help_text": "", "position": 100, **changes}


def change(field):
    return f"/admin/contacts/customfield/{field.pk}/change/"


def errors(response):
    return " ".join(sentence for sentences in response.context["adminform"].form.errors.values() for sentence in sentences)


# --- definition ---


def test_administrators_define_fields_and_the_audit_log_keeps_it(client_for):
    client = client_for("administrator")
    assert client.post(ADD, definition(type="choice", choices=" Gold \n\nSilver\r\n")).status_code == 302
    field = CustomField.objects.get()
    assert (field.key, field.choices, field.archived) == ("member_level", ["Gold", "Silver"], False)
    client.post(change(field), definition(type="choice", choices="Silver\nGold", archived="on"))
    field.refresh_from_db()
    assert (field.choices, field.archived) == (["Silver", "Gold"], True)
    entries = LogEntry.objects.get_for_object(field)
    assert {entry.action for entry in entries} == {LogEntry.Action.CREATE, LogEntry.Action.UPDATE}
    assert all(entry.actor.username == "administrator" for entry in entries)
    assert client.get("/admin/contacts/customfield/").status_code == 200


@pytest.mark.parametrize("role", ["viewer", "staff", "author", "marketer"])
def test_others_do_not(client_for, role):
    assert client_for(role).get(ADD).status_code in (302, 403)
    client_for(role).post(ADD, definition())
    assert not CustomField.objects.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"key": "Member Level"}, "Use small letters, digits and _"),
        ({"key": "1st"}, "Use small letters, digits and _"),
        ({"key": "first_name"}, "means a field that every contact has"),
        ({"key": "mobile"}, "means a field that every contact has"),
        ({"key": "prenom"}, "means a field that every contact has"),
        ({"key": "tags"}, "means a field that every contact has"),
        ({"key": "x" * 41}, "at most 40 characters"),
        ({"label": "e-mail"}, "Every contact has a field of this name"),
        ({"label": "LÉVEL"}, "Another field has this label"),
        ({"key": "level"}, "Another one has this already"),
        ({"type": "choice"}, "Write at least one choice"),
        ({"type": "choice", "choices": "Gold\ngold"}, "stands here twice"),
        ({"type": "choice", "choices": "x" * 101}, "is too long"),
        ({"type": "choice", "choices": "\n".join(map(str, range(201)))}, "201 choices. Use at most 200"),
        ({"type": "shoe"}, "not among the choices"),
    ],
)
def test_a_definition_that_cannot_work_is_refused_with_a_sentence(client_for, changes, sentence):
    make_field("level", label="Level")
    assert sentence in errors(client_for("administrator").post(ADD, definition(**changes)))
    assert CustomField.objects.count() == 1


def test_a_choice_without_choices_is_told_at_the_choices_whatever_else_is_wrong(client_for):
    refused = client_for("administrator").post(ADD, definition(key="Member Level", type="choice")).context["adminform"].form.errors
    assert set(refused) == {"key", "choices"}
    assert refused["choices"] == ["Write at least one choice, each on a line of its own."]


@pytest.mark.parametrize(
    ("label", "key"), [("N° de l’abonné", "n_de_l_abonne"), ("Level", "level_2"), ("1er contact", "field_1er_contact"), ("Group", "group_2"), ("Œuvre", "oeuvre")]
)
def test_a_key_left_empty_is_made_from_the_label(client_for, label, key):
    make_field("level", label="Old level")
    assert client_for("administrator").post(ADD, definition(label=label, key="")).status_code == 302
    assert CustomField.objects.latest("id").key == key


def test_nothing_at_all_is_asked_for_a_label(client_for):
    refused = client_for("administrator").post(ADD, definition(label="", key="")).context["adminform"].form.errors
    assert set(refused) == {"label"}


def test_sixty_fields_are_enough(client_for):
    CustomField.objects.bulk_create(CustomField(key=f"f{n}", label=f"F {n}") for n in range(60))
    archived = make_field("old", archived=True)
    client = client_for("administrator")
    assert "There are 60 fields already" in errors(client.post(ADD, definition()))
    assert "There are 60 fields already" in errors(client.post(change(archived), definition(label="Old")))
    assert client.post(ADD, definition(archived="on")).status_code == 302


def test_the_type_stays_once_somebody_has_a_value(client_for):
    field, client = make_field("level"), client_for("administrator")
    assert client.post(change(field), definition(type="number")).status_code == 302
    make_contact(custom={"level": 3}), make_contact(custom={"level": 4}), make_contact(custom={"other": 4})
    assert "2 contacts have a value, so the type stays “Number”" in errors(client.post(change(field), definition(type="date")))
    field.refresh_from_db()
    assert field.type == "number"


def test_a_choice_in_use_goes_only_with_a_word_and_contacts_keep_it(client_for):
    field, client = make_field("level", "choice", choices=["Gold", "Silver", "Tin"]), client_for("administrator")
    gold = make_contact(custom={"level": "Gold"})
    assert client.post(change(field), definition(type="choice", choices="Gold\nSilver")).status_code == 302  # nobody has Tin
    refused = client.post(change(field), definition(type="choice", choices="Silver"))
    assert "Contacts have these choices: Gold (1)." in errors(refused)
    assert client.post(change(field), definition(type="choice", choices="Silver", drop_used_choices="on")).status_code == 302
    client, url = client_for("staff"), reverse("contacts:edit", args=[gold.pk])
    assert "Gold (no longer a choice)" in client.get(url).content.decode()
    client.post(url, posted(first_name="Renamed", custom_level="Gold"))
    gold.refresh_from_db()
    assert (gold.first_name, gold.custom) == ("Renamed", {"level": "Gold"})
    assert "Not one of the choices" in client.post(reverse("contacts:create"), posted(custom_level="Gold")).content.decode()


def test_the_key_never_changes(client_for):
    field = make_field("level")
    client_for("administrator").post(change(field), definition(key="other", label="New label"))
    field.refresh_from_db()
    assert (field.key, field.label) == ("level", "New label")


def test_a_used_field_is_archived_not_deleted(client_for):
    used, unused, client = make_field("used"), make_field("unused"), client_for("administrator")
    make_contact(custom={"used": "x"}, deleted_at="2026-01-01T00:00Z")
    assert client.post(f"/admin/contacts/customfield/{used.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"/admin/contacts/customfield/{unused.pk}/delete/", {"post": "yes"}).status_code == 302
    assert list(CustomField.objects.all()) == [used]


# --- values of a contact ---


def test_values_are_put_in_one_by_one_and_judged():
    make_field("level", "choice", choices=["Gold"]), make_field("points", "number"), make_field("old", archived=True)
    ana = contacts.save_contact(first_name="Ana", custom={"level": "gold", "points": "1 234,5"})
    assert ana.custom == {"level": "Gold", "points": 1234.5}
    stale = Contact.objects.get(pk=ana.pk)
    contacts.save_contact(ana, custom={"points": None})
    contacts.save_contact(stale, custom={"level": ""})
    assert Contact.objects.get().custom == {}
    for told, code in [({"points": "x"}, "not_a_number"), ({"old": "x"}, "no_such_field"), ({"nope": "x"}, "no_such_field"), ({"level": "Tin"}, "not_a_choice")]:
        with pytest.raises(ContactsError) as refused:
            contacts.save_contact(ana, first_name="Changed", custom=told)
        assert (refused.value.code, refused.value.field) == (code, f"custom_{next(iter(told))}")
    assert Contact.objects.get().first_name == "Ana"


def test_what_stays_as_it_is_is_not_judged():
    make_field("level", "choice", choices=["Silver"])
    present = {"level": "Gold", "old": "x"}
    assert custom_fields.merged(present, {"level": "Gold", "old": "x"}) == present
    assert custom_fields.merged(present, {}) == present
    assert custom_fields.merged(present, {"level": None}) == {"old": "x"}


def posted(**changes):
    return {"last_name": "Aubert", "numbers-TOTAL_FORMS": 0, "numbers-INITIAL_FORMS": 0, **changes}


@pytest.fixture
def five():
    return [
        make_field("nick", "text", label="Nickname", help_text="Among friends."), make_field("points", "number"), make_field("joined", "date"),
        make_field("level", "choice", choices=["Gold", "Silver"]), make_field("member", "yes_no"), make_field("old", archived=True),
    ]  # fmt: skip


def test_the_form_has_a_widget_for_each_type_and_saves_what_it_gets(client_for, five):
    client = client_for("staff")
    empty = client.get(reverse("contacts:create")).content.decode()
    for part in ("Further details", "Among friends.", 'name="custom_joined"', 'type="date"', 'inputmode="decimal"', "Not known", 'value="Gold"'):
        assert part in empty
    assert "custom_old" not in empty
    values = {"custom_nick": "Bob <i>", "custom_points": "12,5", "custom_joined": "2026-08-01", "custom_level": "Silver", "custom_member": "no"}
    client.post(reverse("contacts:create"), posted(**values))
    contact = Contact.objects.get()
    assert contact.custom == {"nick": "Bob <i>", "points": 12.5, "joined": "2026-08-01", "level": "Silver", "member": False}
    page = client.get(reverse("contacts:edit", args=[contact.pk])).content.decode()
    for part in ('value="Bob &lt;i&gt;"', 'value="12,5"', 'value="2026-08-01"', '<option value="no" selected>'):
        assert part in page
    client.post(reverse("contacts:edit", args=[contact.pk]), posted(custom_points="", custom_member="yes"))
    contact.refresh_from_db()
    assert contact.custom == {"member": True}


def test_the_form_says_what_is_wrong_beside_the_field(client_for, five):
    values = {"custom_points": "1.234", "custom_joined": "31/02/2026", "custom_level": "Tin", "custom_member": "perhaps", "custom_nick": "x" * 501}
    response = client_for("staff").post(reverse("contacts:create"), posted(**values))
    page = response.content.decode()
    for sentence in ("Write 1234 or 1.2340", "no such day", "Write one of them: Gold, Silver", "Neither yes nor no", "501 characters"):
        assert sentence in page
    assert 'href="#id_custom_points"' in page and 'value="1.234"' in page
    assert not Contact.objects.exists()


def test_a_shortened_number_in_a_form_is_not_blamed_on_a_spreadsheet(client_for, five):
    page = client_for("staff").post(reverse("contacts:create"), posted(custom_points="1e400")).content.decode()
    assert "Write the number out in digits" in page and "spreadsheet" not in page


def test_somebody_elses_change_meanwhile_is_not_overwritten(client_for, five):
    contact, client = make_contact(custom={"nick": "Bob"}), client_for("staff")
    seen = contact.updated_at.isoformat()
    contacts.save_contact(contact, custom={"nick": "Bobby"})
    answer = client.post(reverse("contacts:edit", args=[contact.pk]), posted(custom_nick="Rob", seen=seen)).content.decode()
    assert answer.count("Somebody changed this contact while you edited it") == 1
    assert "Something else than yours is stored now: first name, last name, Nick" in answer
    contact.refresh_from_db()
    assert contact.custom == {"nick": "Bobby"}


def test_archived_fields_keep_their_values_through_the_form(client_for, five):
    contact = make_contact(custom={"old": "kept", "nick": "Bob"})
    client_for("staff").post(reverse("contacts:edit", args=[contact.pk]), posted(custom_nick="Rob"))
    contact.refresh_from_db()
    assert contact.custom == {"old": "kept", "nick": "Rob"}


def test_the_profile_shows_values_as_people_read_them(client_for, five, django_assert_max_num_queries):
    contact = make_contact(custom={"nick": "<script>x</script>", "points": 1234.5, "joined": "2026-08-01", "member": False, "old": "hidden value"})
    client = client_for("viewer")
    url = reverse("contacts:detail", args=[contact.pk])
    page = client.get(url).content.decode()
    for part in ("&lt;script&gt;x&lt;/script&gt;", "1234.5", "1 August 2026", "<dd>No</dd>", "Nickname"):
        assert part in page
    assert "<script>x" not in page and "hidden value" not in page
    french = client.get(url, headers={"accept-language": "fr"}).content.decode()
    assert "1234,5" in french and "1er août 2026" in french and "<dd>Non</dd>" in french
    with django_assert_max_num_queries(20):
        client.get(url)
