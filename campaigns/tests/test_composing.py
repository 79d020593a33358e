"""The composer by plain posts: dear letters, tokens and what they cost, without script."""


import pytest

from campaigns.composing import component
from campaigns.tests.factories import fictional, make_mailing, make_people, make_provider
from campaigns.tests.writing import body, content
from contacts.models import CustomField
from contacts.tests.factories import make_contact, make_group
from providers.lookalikes import replacement

pytestmark = pytest.mark.django_db
COUNT = "/sms/count/"


def test_look_alikes_one_kind_or_all(step_2):
    mailing = make_mailing(make_people(1))
    page = step_2(mailing, text="prêt… là", do="swap:text:ê")
    assert "pret… là</textarea>" in page
    assert "pret... là</textarea>" in step_2(mailing, text="prêt… là", do="swap:text")


@pytest.mark.parametrize("about", ["text:ab", "text:è", "text:ж", "text::", "nix:ê", "", "text_fr:ê"])
def test_nonsense_replaces_nothing(step_2, about):
    assert "prêt è ж</textarea>" in step_2(make_mailing(make_people(1)), text="prêt è ж", do=f"swap:{about}")


def test_look_alikes_are_looked_for_once_a_count(client_for, monkeypatch):
    asked = []
    monkeypatch.setattr(component, "replacement", lambda text: asked.append(text) or replacement(text))
    page = body(client_for("author").post(COUNT, content(make_mailing(make_people(1)), text="ê" * 80)))
    assert "Replace all 80 characters" in page and asked == ["ê" * 80]


def test_what_replacing_saves_is_said_in_segments_and_money(client_for):
    mailing = make_mailing(make_people(1), provider=make_provider(price_per_segment="0.07"))
    page = body(client_for("author").post(COUNT, content(mailing, text="ê" + "a" * 99)))
    assert "The text has 2 segments; with look-alikes it has 1." in page and "That saves €0.07 a text." in page and "€0.14 a text" in page


def test_at_most_counts_no_segments_over_the_limit_for_such_texts_do_not_leave(client_for):
    mailing = make_mailing(make_group(make_contact(fictional(1), first_name="A" * 99), make_contact(fictional(2), first_name="Al")), max_segments=1)
    mailing.provider.price_per_segment = "0.07"
    mailing.provider.save()
    page = body(client_for("author").post(COUNT, content(mailing, text="Hello {contact.first_name}" + "!" * 60)))
    assert "2 segments, 1 more than allowed" in page and "at most €0.14" in page


def test_a_text_costs_with_the_digits_of_its_price(client_for):
    mailing = make_mailing(make_people(1), provider=make_provider(price_per_segment="0.0412"))
    assert "€0.0412 a text" in body(client_for("author").post(COUNT, content(mailing, text="Hello")))


def test_without_a_price_nothing_is_said_of_money(client_for):
    assert "€" not in body(client_for("author").post(COUNT, content(make_mailing(make_people(1)), text="ê" + "a" * 99)))


def test_a_name_that_makes_a_text_unicode_is_named(client_for):
    mailing = make_mailing(make_group(make_contact(fictional(1), first_name="Zoë"), make_contact(fictional(2), first_name="Marie-Emmanuelle")))
    page = body(client_for("author").post(COUNT, content(mailing, text="a" * 70 + "{contact.first_name}")))
    assert "What the tokens say for Zoë" in page and "2 segments" in page


def test_the_token_that_was_meant_is_written(step_2):
    page = step_2(make_mailing(make_people(1)), text="Hi {contact.frist_name}", do="meant:text:{contact.frist_name}")
    assert "Hi {contact.first_name}</textarea>" in page


def test_tokens_come_in_groups_with_the_value_of_who_is_shown(client_for):
    CustomField.objects.create(key="level", label="Level", type="text")
    mailing = make_mailing(make_group(make_contact(fictional(1), first_name="Camille", custom={"level": "Gold"})))
    page = body(client_for("author").get(f"/sms/mailings/{mailing.pk}/content/"))
    assert "Custom fields" in page and ">Gold<" in page and 'data-token="{contact.custom.level}"' in page
