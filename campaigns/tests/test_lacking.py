"""Who has nothing for a token: the text itself, the composer's preview and the plan say the same of everybody."""

import pytest

from campaigns import tokens
from campaigns.composing import choosing, readers
from campaigns.pipeline import planning
from campaigns.plans import Plan
from campaigns.tests.factories import fictional, make_mailing, make_ready
from campaigns.texts import Texts
from campaigns.vocabulary import Occasion, Vocabulary
from contacts.models import Contact
from contacts.tests.factories import make_contact, make_field, make_group
from smsapp.common.models import Organisation

pytestmark = pytest.mark.django_db
BLANKS = ("", " ", "\t\n", "\u00a0", "\u202f\u2003", "\u3000")
WORDS = ("first_name", "last_name", "organisation", "email")
CUSTOM = ("town", "level", "member", "since", "double__name")


def people():
    """With blanks of all kinds in one field after the other, with nothing at all, and with everything."""
    full = {
        **dict.fromkeys(WORDS, "x"), "language": "fr", "birth_date": "2000-02-29",
        "custom": {"town": "Pau", "level": 0, "member": False, "since": "2020-01-02", "double__name": "x"},
    }  # fmt: skip
    rows = [full, full | dict.fromkeys((*WORDS, "language"), "") | {"birth_date": None, "custom": {}}]
    rows += [full | {field: blank} for field in WORDS for blank in BLANKS]
    rows += [full | {"language": ""}, full | {"birth_date": None}, full | {"first_name": " ", "last_name": "\u00a0", "organisation": " "}]
    rows += [full | {"custom": full["custom"] | {key: value}} for key in CUSTOM for value in (None, *BLANKS)]
    apart = [row | {"external_id": f"E{index}" if index != 1 else ""} for index, row in enumerate(rows)]
    return make_group(*(make_contact(fictional(index), **row) for index, row in enumerate(apart)))


@pytest.fixture
def group(db):
    for key, kind in zip(CUSTOM, ("text", "number", "yes_no", "date", "text"), strict=True):
        make_field(key, type=kind)
    Organisation.objects.update_or_create(id=1, defaults={"name": "Red Cross", "phone": " ", "email": ""})
    return people()


def test_all_agree_token_by_token(group):
    draft, prepared = make_mailing(group), make_ready(group)
    names = [*sorted(tokens.NAMES), *(tokens.CUSTOM + key for key in CUSTOM)]
    audience = list(readers.kept(draft).everybody())
    assert len(audience) == group.memberships.count()
    for name in names:
        text = f"[{{{name}}}]"
        words = Vocabulary.of(text, Occasion.of(draft))
        said = {contact.pk for contact in audience if tokens.empty_in(text, words.values(contact))}
        assert said == {contact.pk for contact in audience if tokens.render(text, words.values(contact)).strip("[]").strip() == ""}, name
        lacking = readers.kept(draft).everybody().filter(choosing.lacking(readers.kept(draft), Texts(text)))
        assert set(lacking.values_list("pk", flat=True)) == said, name
        prepared.text = text
        assert set(planning.without(prepared, name).values_list("contact_id", flat=True)) == said, name


def test_the_plan_counts_them(group):
    name = "contact.custom.town"
    plan = Plan.read(make_ready(group, text=f"Hello {{{name}}} {{contact.name}}").plan)
    assert plan.empty == {name: 8, "contact.name": 2}


def test_the_plan_advises_words_that_suit_the_token(client_for):
    mailing = make_ready(make_group(make_contact(fictional(0))), text="To {contact.organisation} {contact.birth_date}")
    page = client_for("author").get(f"/sms/mailings/{mailing.pk}/plan/").content.decode()
    assert "for example {contact.organisation|your organisation}." in page
    assert "1 person has nothing for {contact.birth_date}" in page and "or leave the token out." in page and "{contact.birth_date|" not in page


def test_an_unknown_token_is_a_mistake_and_no_gap(group):
    found = readers.kept(make_mailing(group))
    assert not Contact.objects.filter(choosing.lacking(found, Texts("{contact.nix} {contact.custom.nix} {contact.first_name|friend}"))).exists()
