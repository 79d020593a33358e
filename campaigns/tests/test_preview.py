"""Real recipients and their texts beside the plan and on a page of their own: of a draft as it would be, of a prepared mailing as it will be."""

import pytest

from campaigns.composing import choosing, showing
from campaigns.composing.readers import OfPrepared
from campaigns.tests.factories import fictional, make_mailing, make_provider, make_ready, make_sending
from campaigns.tests.writing import body
from contacts.models import Contact
from contacts.smart.patience import TookTooLong
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
NAMES = ("Anis", "Bea", "Marie-Emmanuelle", "")
MADE = {"draft": make_mailing, "ready": make_ready, "sending": make_sending}


def page_of(mailing):
    return f"/sms/mailings/{mailing.pk}/preview/"


def four():
    return make_group(*(make_contact(fictional(n), first_name=name, last_name=f"L{n}") for n, name in enumerate(NAMES)), make_contact(None, first_name="Nobody"))


@pytest.fixture
def look(client_for):
    """`look(mailing, show="next", at=…)`: what the page answers to a button, with script and without."""

    def press(mailing, **data):
        client = client_for("author")
        whole = body(client.post(page_of(mailing), data) if data else client.get(page_of(mailing)))
        part = body(client.post(page_of(mailing), data, headers=HTMX))
        assert "<html" in whole and "<html" not in part and 'hx-swap-oob="outerHTML"' in part
        assert part.partition("phone-head")[2].partition("phone-time")[0] in whole
        return part

    return press


@pytest.mark.parametrize("made", MADE)
def test_it_goes_through_real_people_and_back(look, made):
    mailing = MADE[made](four())
    first, second, third, last = Contact.objects.exclude(first_name="Nobody").order_by("id").values_list("id", flat=True)
    assert "Hello Anis<" in look(mailing) and 'id="preview-previous" formnovalidate aria-label="Previous recipient" disabled' in look(mailing)
    assert "Hello Bea<" in look(mailing, show="next", at=first)
    assert "Hello Marie-Emmanuelle<" in look(mailing, show="next", at=second)
    assert "L3</span>" in look(mailing, show="next", at=third)
    assert "L3</span>" in look(mailing, show="next", at=last)
    assert "Hello Bea<" in look(mailing, show="previous", at=third)
    assert "Hello Marie-Emmanuelle<" in look(mailing, show="longest")
    assert "L3</span>" in look(mailing, show="shortest")
    assert "Empty for this person: contact.first_name. Write behind a bar what they read instead, for example {contact.first_name|friend}." in look(mailing, show="gaps")
    assert "Hello Anis<" in look(mailing, show="next", at="9" * 40) and "Hello Anis<" in look(mailing, show="x", at="x")


def test_a_prepared_text_is_shown_as_it_was_prepared(look, client_for):
    mailing = make_ready(four())
    Contact.objects.filter(first_name="Anis").update(first_name="Renamed")
    assert "Hello Anis<" in look(mailing)
    assert "Hello Anis<" in body(client_for("author").get(f"/sms/mailings/{mailing.pk}/plan/"))


def test_only_recipients_are_shown_of_a_prepared_mailing(look):
    """Whose text was too long gets none; whoever joined the group later is not prepared."""
    mailing = make_ready(group := four(), text="a" * 150 + " {contact.first_name}")
    group.memberships.create(contact=make_contact(fictional(9), first_name="Late"))
    assert "Marie-Emmanuelle" not in look(mailing, show="longest")
    last = Contact.objects.get(first_name="Late").pk - 1
    assert "Late" not in look(mailing, show="next", at=last)


def test_the_dearest_is_whom_the_plan_names(look):
    group = make_group(make_contact(fictional(0), first_name="Zoê"), make_contact(fictional(1), first_name="Marie-Emmanuelle"))
    mailing = make_ready(group, text="a" * 68 + " {contact.first_name}", max_segments=3)
    assert "Zoê</p>" in look(mailing, show="dearest") and "Marie-Emmanuelle</p>" in look(mailing, show="longest")


def test_somebody_who_was_erased_is_passed_over(look):
    mailing = make_ready(four())
    Contact.objects.filter(first_name__in=["Anis", "Marie-Emmanuelle"]).delete()
    assert "Hello Bea<" in look(mailing)
    assert "L3</span>" in look(mailing, show="next", at=Contact.objects.get(first_name="Bea").pk)


def test_step_3_has_the_same_preview_and_asks_for_no_price(client_for):
    mailing = make_ready(four(), provider=make_provider(price_per_segment="0.07"))
    page = body(client_for("author").get(f"/sms/mailings/{mailing.pk}/plan/"))
    assert f'hx-post="{page_of(mailing)}"' in page and "Most expensive" in page and "at most €" not in page
    assert client_for("author").post(page_of(mailing), {"show": "next"}).status_code == 200


def test_a_person_reads_the_text_of_their_language(look):
    group = make_group(make_contact(fictional(0), first_name="Al", language="fr"), make_contact(fictional(1), first_name="Bo"))
    for make in (make_mailing, make_ready):
        mailing = make(group, language="en", translations={"fr": "Bonjour {contact.first_name}"})
        assert 'lang="fr">Bonjour Al<' in look(mailing)


def test_countries_that_the_provider_may_not_text_are_left_out(look):
    group = make_group(make_contact(fictional(1), first_name="Anis"), make_contact("+447700900142", first_name="Beth"))
    assert "Hello Beth" in look(make_mailing(group, provider=make_provider(allowed_countries=["GB"])))


def test_many_recipients_are_gone_through_without_reading_them_all(look, monkeypatch):
    """Beside a fresh plan nobody waits for a million rows: the index of the texts leads from one to the next."""

    def all_of_them(self):
        raise AssertionError("reads all recipients")

    monkeypatch.setattr(OfPrepared, "everybody", all_of_them)
    mailing = make_ready(four())
    assert "Hello Anis<" in look(mailing) and "Hello Bea<" in look(mailing, show="next", at=Contact.objects.get(first_name="Anis").pk)
    assert "Marie-Emmanuelle" in look(mailing, show="longest")


def test_where_it_takes_too_long_the_first_recipients_are_looked_at(look, monkeypatch):
    def too_long(most):
        raise TookTooLong

    monkeypatch.setattr(choosing, "FIRST", 4)
    monkeypatch.setattr(showing, "patience", too_long)
    assert "L3</span>" in look(make_ready(four()), show="gaps")


def test_nobody_yet_is_said(look):
    assert "Nobody is chosen yet who could be shown" in look(make_mailing(make_group()))


@pytest.mark.parametrize(("role", "code"), [("viewer", 403), ("staff", 403), ("author", 200)])
def test_who_may_write_it_sees_it(client_for, role, code):
    mailing = make_ready(four())
    assert client_for(role).get(page_of(mailing)).status_code == client_for(role).post(page_of(mailing), {"show": "next"}).status_code == code
