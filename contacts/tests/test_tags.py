"""Tags: as they are written, kept on a contact, shown, searched, and given to many."""

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from contacts import tags
from contacts.models import Activity, Contact
from contacts.services import contacts, many
from contacts.services import tags as service
from contacts.services.errors import ContactsError
from contacts.spelling import ValueProblem
from contacts.tests.factories import make_contact


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []), (" , ;", []), ("board", ["board"]), ("board, volunteer", ["board", "volunteer"]), ("a;b\nc", ["a", "b", "c"]),
        ("VIP, vip, Vip", ["VIP"]), ("  two   words ,x", ["two words", "x"]), ("Élan, élan", ["Élan"]), ("<b>,{contact.x}", ["<b>", "{contact.x}"]),
    ],
)  # fmt: skip
def test_split(text, found):
    assert tags.split(text) == found


@pytest.mark.parametrize(
    ("told", "code"), [(["x" * 51], "tag_too_long"), ([f"t{n}" for n in range(31)], "too_many_tags"), (["a,b"], "tag_separator"), (["a;b"], "tag_separator")]
)
def test_refused(told, code):
    with pytest.raises(ValueProblem) as refused:
        tags.clean(told)
    assert refused.value.code == code


@given(st.lists(st.text(max_size=20), max_size=8))
def test_what_is_kept_can_be_written_and_read_again(told):
    try:
        kept = tags.clean(told)
    except ValueProblem:
        return
    assert tags.split(", ".join(kept)) == kept
    assert len({tag.casefold() for tag in kept}) == len(kept)


@pytest.mark.django_db
class TestOfContacts:
    """With a database."""

    def test_a_tag_keeps_the_spelling_that_is_in_use(self):
        contacts.save_contact(first_name="Ana", tags=["Board", "new"])
        ben = contacts.save_contact(first_name="Ben", tags=["BOARD", "board", "Own"])
        assert ben.tags == ["Board", "Own"]
        assert service.suggestions() == ["Board", "new", "Own"]

    def test_the_service_refuses_what_no_field_takes(self):
        with pytest.raises(ContactsError) as refused:
            contacts.save_contact(first_name="Ana", tags=["x" * 60])
        assert refused.value.field == "tags"
        assert not Contact.objects.exists()

    def test_many_people_get_a_tag_once_and_it_stands_in_their_history(self, user_for, django_assert_num_queries):
        ana, ben, full = make_contact(tags=["BOARD"]), make_contact(), make_contact(tags=[f"t{n}" for n in range(30)])
        gone = make_contact(deleted_at="2026-01-01T00:00Z")
        service.spelled(["board"])
        author = user_for("staff")
        with django_assert_num_queries(8):  # learn, spell, count all and the full ones, add, history, and the transaction
            assert service.add(Contact.objects.all(), "Board", author=author) == (1, 1)
        for contact in (ana, ben, full, gone):
            contact.refresh_from_db()
        assert (ana.tags, ben.tags, len(full.tags), gone.tags) == (["BOARD"], ["board"], 30, [])
        (line,) = Activity.objects.all()
        assert (line.contact, line.subject, line.details) == (ben, "tagged", "board")
        assert service.add(Contact.objects.all(), "board") == (0, 1)

    def test_many_people_lose_a_tag_whatever_its_case(self):
        ana, ben, cleo = make_contact(tags=["a", "Board", "b"]), make_contact(tags=["board"]), make_contact(tags=["boards"])
        assert service.remove(Contact.objects.all(), "bOARD") == 2
        assert service.remove(Contact.objects.all(), "mistyped") == 0
        assert service.suggestions() == []
        for contact in (ana, ben, cleo):
            contact.refresh_from_db()
        assert (ana.tags, ben.tags, cleo.tags) == (["a", "b"], [], ["boards"])
        assert set(Activity.objects.values_list("contact_id", "subject")) == {(ana.pk, "untagged"), (ben.pk, "untagged")}

    def test_the_profile_shows_chips_that_lead_to_everybody_with_the_tag(self, client_for):
        ana = make_contact(first_name="Ana", tags=["R&D", "<i>x</i>"])
        make_contact(first_name="Ben", tags=["Other"])
        both = make_contact(first_name="Cleo", tags=["R&D", "x"])
        client = client_for("viewer")
        page = client.get(reverse("contacts:detail", args=[ana.pk])).content.decode()
        assert "<i>x</i>" not in page and "&lt;i&gt;x&lt;/i&gt;" in page
        assert "?tag=R%26D" in page
        listed = client.get(reverse("contacts:list") + "?tag=R%26D")
        assert {contact.pk for contact in listed.context["page"]} == {ana.pk, both.pk}
        assert "Tag: R&amp;D" in listed.content.decode()
        narrowed = client.get(reverse("contacts:list") + "?tag=R%26D&tag=x&tag=")
        assert [contact.pk for contact in narrowed.context["page"]] == [both.pk]
        assert 'href="?tag=R%26D"' in narrowed.content.decode()  # drops the other

    def test_the_form_takes_tags_and_says_what_is_wrong(self, client_for):
        client = client_for("staff")
        client.post(reverse("contacts:create"), form(tags="board, volunteer; Board"))
        ana = Contact.objects.get()
        assert ana.tags == ["board", "volunteer"]
        page = client.get(reverse("contacts:edit", args=[ana.pk])).content.decode()
        assert 'value="board, volunteer"' in page and '<option value="volunteer">' in page
        refused = client.post(reverse("contacts:edit", args=[ana.pk]), form(tags="x" * 51)).content.decode()
        assert "has 51 characters. Use at most 50." in refused
        client.post(reverse("contacts:edit", args=[ana.pk]), form(tags=""))
        ana.refresh_from_db()
        assert ana.tags == []

    def test_a_selection_is_tagged_from_the_list(self, client_for):
        ana, ben = make_contact(first_name="Ana"), contacts.save_contact(first_name="Ben", tags=["board"])
        make_contact(first_name="Cleo")
        client, url = client_for("staff"), reverse("contacts:tag_chosen")
        asked = client.post(url, {"contact": [ana.pk, ben.pk]}).content.decode()
        assert "Tag 2 contacts" in asked and f'name="contact" value="{ana.pk}"' in asked
        assert "Write the tag" in client.post(url, {"contact": [ana.pk], "do": "add", "word": " "}).content.decode()
        assert "comma or a semicolon" in client.post(url, {"contact": [ana.pk], "do": "add", "word": "a,b"}).content.decode()
        done = client.post(url, {"contact": [ana.pk, ben.pk], "do": "add", "word": "Board"}, follow=True)
        assert done.redirect_chain[-1][0].endswith("?tag=board")
        assert "1 contact got the tag board." in done.content.decode()
        client.post(url, {"all": "1", "tag": "board", "do": "add", "word": "Second"})
        assert Contact.objects.filter(tags__contains=["Second"]).count() == 2
        client.post(url, {"all": "1", "q": "ana", "do": "remove", "word": "board"})
        assert list(Contact.objects.filter(tags__contains=["board"])) == [ben]
        assert client.post(url, {})["Location"] == reverse("contacts:list")

    def test_too_many_at_once_are_refused_and_nothing_is_half_done(self, client_for, monkeypatch):
        monkeypatch.setattr(service, "MOST_AT_ONCE", 2)
        for _n in range(3):
            make_contact()
        for data in ({"all": "1"}, {"all": "1", "do": "add", "word": "x"}, {"all": "1", "do": "remove", "word": "x"}):
            answer = client_for("staff").post(reverse("contacts:tag_chosen"), data, follow=True).content.decode()
            assert "More than 2 contacts match. Tag fewer at once, or make a group of them" in answer
        assert not Contact.objects.exclude(tags=[]).exists() and not Activity.objects.exists()

    def test_who_may_tag(self, client_for):
        ana, url = make_contact(), reverse("contacts:tag_chosen")
        assert client_for("viewer").post(url, {"contact": ana.pk, "do": "add", "word": "x"}).status_code == 403
        assert client_for("staff").get(url).status_code == 405
        assert "/account/" in Client().post(url)["Location"]
        assert reverse("contacts:tag_chosen") not in client_for("viewer").get(reverse("contacts:list")).content.decode()
        assert reverse("contacts:tag_chosen") in client_for("staff").get(reverse("contacts:list")).content.decode()


def form(**changes):
    return {"last_name": "Aubert", "numbers-TOTAL_FORMS": 0, "numbers-INITIAL_FORMS": 0, **changes}


@pytest.mark.django_db
class TestOfMany:
    """More than a request should tag: a worker does it, and a page tells."""

    @pytest.fixture(autouse=True)
    def crowd(self, monkeypatch):
        monkeypatch.setattr(service, "AT_ONCE", 1)
        service.spelled(["Board"])
        return [make_contact(None, tags=tags_) for tags_ in ([], ["Board"], [f"t{n}" for n in range(30)])]

    def ask(self, client, **changes):
        return client.post(reverse("contacts:tag_chosen"), {"all": "1", "word": "board"} | changes)

    def test_the_question_says_who_does_it(self, client_for):
        html = self.ask(client_for("staff")).content.decode()
        assert "so a worker does it" in html and "Tag 3 contacts" in html

    @pytest.mark.parametrize(("do", "under_way", "done"), [("add", "being given", "1 contact got the tag"), ("remove", "being taken away", "1 contact lost the tag")])
    def test_a_worker_does_it_once_and_the_page_tells(self, client_for, do, under_way, done):
        client = client_for("staff")
        url = self.ask(client, do=do)["Location"]
        before = client.get(url).content.decode()
        assert under_way in before and f'hx-get="{url}"' in before and not Activity.objects.exists()
        many.work_on_open()
        many.work_on_open()
        after = client.get(url, headers={"HX-Request": "true"}).content.decode()
        assert done in after and "hx-get" not in after and "<html" not in after
        assert ("?tag=Board" in after) == (do == "add") == ("1 contact has 30 tags already" in after)
        assert Activity.objects.get().author.username == "staff"
        assert Contact.objects.filter(tags__contains=["Board"]).count() == (2 if do == "add" else 0)

    def test_what_failed_is_said_to_each_reader(self, client_for, user_for, monkeypatch):
        client, url = client_for("staff"), self.ask(client_for("staff"), do="add")["Location"]
        type(user_for("staff")).objects.update(language="")
        monkeypatch.setattr(service, "MOST_AT_ONCE", 2)  # more came meanwhile
        many.work_on_open()
        for language, words in (("en", "More than 2 contacts match."), ("fr", "Plus de 2 contacts correspondent")):
            assert words in client.get(url, headers={"accept-language": language}).content.decode().replace("&#x27;", "’")
        assert not Contact.objects.filter(tags__contains=["board"]).exists()

    def test_who_may_look(self, client_for, client):
        url = self.ask(client_for("staff"), do="add")["Location"]
        assert client_for("viewer").get(url).status_code == 403 and client_for("staff").get(url).status_code == 200
        assert "/account/" in client.get(url)["Location"]
        assert client_for("staff").get(reverse("contacts:people_change", args=[999_999])).status_code == 404
