"""The list of templates, and who may do what with them."""

import re

import pytest
from django.test import Client

from campaigns.services import quick_send, templates
from campaigns.tests.factories import make_people, make_provider, make_sending, make_template
from campaigns.tests.templating import LIST, form, page_of
from campaigns.tests.writing import body
from campaigns.texts import Texts
from contacts.tests.factories import make_contact

pytestmark = pytest.mark.django_db
VIEWERS = ("viewer", "staff", "author", "marketer", "administrator")
AUTHORS = ("author", "marketer", "administrator")


@pytest.mark.parametrize("role", VIEWERS)
def test_everybody_reads_templates_and_authors_write_them(client_for, role):
    client, template = client_for(role), make_template()
    for end in ("", "versions/", "versions/1/", "texts/"):
        assert client.get(page_of(template, end)).status_code == 200
    assert client.get(LIST).status_code == 200
    code = 200 if role in AUTHORS else 403
    for end in ("edit/", "archive/", "delete/", "versions/1/restore/"):
        assert client.get(page_of(template, end)).status_code == code
        if code == 403:
            assert client.post(page_of(template, end), form()).status_code == 403
    assert client.get(f"{LIST}new/").status_code == code
    assert client.post(f"{LIST}new/", form()).status_code == (302 if code == 200 else 403)
    assert ("New template" in body(client.get(LIST))) == (code == 200)


def test_nobody_logged_in_is_asked_to_log_in():
    assert "/account/login/" in Client().get(LIST)["Location"]


def test_the_rail_leads_there(client_for):
    assert f'href="{LIST}"' in body(client_for("viewer").get("/"))


def test_search_finds_templates_too(client_for):
    template = make_template(name="Rappel d’été")
    templates.archive(make_template(name="Été passé"), None)
    page = body(client_for("viewer").get("/search/?q=ete"))
    assert page_of(template) in page and "Été passé" in page and "Archived" in page


# --- the list ---


def test_the_list_shows_what_each_is_and_how_often_it_was_used(client_for, user_for, django_assert_max_num_queries):
    provider = make_provider()
    used = make_template("é" * 161, name="Bilingual", language="en", translations={"fr": "ê" * 80}, kind="marketing")
    make_sending(make_people(2), template=used)
    quick_send.queue(
        author=user_for("staff"), provider=provider, sender="36111", subject="One", texts=Texts("Hi"), recipients=[(make_contact("+33639985555").pk, "+33639985555")], key="k", template=used
    )  # fmt: skip
    make_template(name="Fresh")
    client = client_for("viewer")
    client.get(LIST)
    with django_assert_max_num_queries(14):
        page = re.sub(r"\s+", " ", body(client.get(LIST)))
    assert "Bilingual" in page and "Marketing" in page and "English, French" in page
    assert "1 mailing, 1 one-off text" in page and "never" in page
    assert '<td class="end col-wide num">2</td>' in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=rappel", {"Rappel d’été"}),
        ("q=ETE", {"Rappel d’été"}),
        ("q=déjà", {"Rappel d’été"}),  # in the French text only
        ("q=deja", {"Rappel d’été"}),
        ("q=hello", {"Greeting", "Rappel d’été"}),
        ("q=nothing", set()),
        ("kind=service", {"Greeting"}),
        ("language=fr", {"Rappel d’été"}),
        ("language=xx", {"Greeting", "Rappel d’été"}),  # what makes no sense is left out
        ("provider=0", {"Greeting", "Rappel d’été"}),
        ("q=%00", {"Greeting", "Rappel d’été"}),
        ("archived=1", {"Old one"}),
        ("archived=1&q=old", {"Old one"}),
        ("archived=1&q=greeting", set()),
    ],
)
def test_filters(client_for, query, found):
    make_template("Hello", name="Greeting", language="en")
    make_template("Hello", name="Rappel d’été", language="en", translations={"fr": "Bonjour, déjà"}, kind="marketing")
    templates.archive(make_template(name="Old one"), None)
    page = body(client_for("viewer").get(f"{LIST}?{query}"))
    assert {name for name in ("Greeting", "Rappel d’été", "Old one") if f">{name}</a>" in page} == found
    assert ("No template matches" in page) == (not found)


def test_the_list_filters_by_provider(client_for):
    provider = make_provider()
    make_template(name="Mine", provider=provider)
    make_template(name="Open")
    page = body(client_for("viewer").get(f"{LIST}?provider={provider.pk}"))
    assert ">Mine</a>" in page and ">Open</a>" not in page


def test_the_list_goes_on_page_by_page(client_for):
    for number in range(52):
        make_template(name=f"Template {number:03d} of many")
    page = body(client_for("viewer").get(LIST))
    assert "Template 049 of many" in page and "Template 050 of many" not in page
    after = re.search(r'href="(\?after=[^"]+)"', page)[1]
    assert "Template 051 of many" in body(client_for("viewer").get(LIST + after))


def test_an_empty_list_says_how_to_begin(client_for):
    assert "No templates yet" in body(client_for("author").get(LIST))
    assert "No template is archived" in body(client_for("author").get(f"{LIST}?archived=1"))
