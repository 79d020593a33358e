"""The opt-out link: short, of one person, not to be guessed; looking changes nothing, one press blocks the number as a STOP does."""

import pytest
from django.test import Client

from campaigns import opt_out_links, vocabulary
from campaigns.models import Message
from campaigns.services import link_opt_outs
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import fictional, make_mailing, make_people, make_provider, make_ready, make_sending
from campaigns.tests.receiving import ME, receive, work
from campaigns.tests.trying import NEW, ONE, form, texts_sent
from campaigns.tests.working import told, unite
from contacts.models import ConsentEntry, Contact, Suppression
from contacts.services import contacts, suppressions
from contacts.tests.factories import make_contact
from smsapp.common.models import Organisation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("short_slices")]
ASK, OUT, BACK = "No more texts?", "You get no more texts", "You get texts again"


@pytest.fixture(autouse=True)
def public(settings):
    settings.PUBLIC_BASE_URL = "https://sms.example.org"
    settings.ALLOWED_HOSTS = ["*"]
    Organisation.objects.update_or_create(pk=Organisation.current().pk, defaults={"name": "Riverside Arts", "language": "en"})


@pytest.fixture
def browser_of_nobody():
    return Client(enforce_csrf_checks=True)


def path(contact):
    return f"/o/{opt_out_links.code_of(contact.pk)}"


def shown(response, status=200):
    assert response.status_code == status
    return response.content.decode()


# --- addresses ---


def test_codes_are_read_back_and_others_are_not():
    for number in (0, 1, 61, 62, 4_711, 62**6, 2**62):
        assert opt_out_links.contact_of(opt_out_links.code_of(number)) == number
    code = opt_out_links.code_of(4_711)
    assert len(code) == len(opt_out_links.code_of(10**9)) == 14
    for forged in ("", "x", code[:-1], code + "0", code[:-1] + ("0" if code[-1] != "0" else "1"), code.swapcase(), "é" * 14, "0" * 14, "zzzzzzzzzzz" + code[-8:]):
        assert opt_out_links.contact_of(forged) is None, forged


def test_everybody_has_an_address_of_their_own_which_counts_in_the_segments():
    people = make_people(2)
    mailing = make_ready(people, text="Hello " + "x" * 100 + " {optout.link}", max_segments=2)
    rows = {row.contact_id: row for row in Message.objects.filter(mailing=mailing)}
    assert len(rows) == 2
    for pk, row in rows.items():
        assert row.text.endswith(f" https://sms.example.org/o/{opt_out_links.code_of(pk)}")
    assert {(len(row.text), row.segments) for row in rows.values()} == {(147, 1)}


# --- the page ---


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_opts_nobody_out(browser_of_nobody, method):
    person = make_contact(ME)
    for _look in range(3):
        response = getattr(browser_of_nobody, method)(path(person))
        assert response.status_code == 200
    assert not Suppression.objects.exists() and not ConsentEntry.objects.exists()
    assert response["X-Robots-Tag"] == "noindex" and response["Cache-Control"] == "no-store" and response["Referrer-Policy"] == "no-referrer"
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert not response.cookies


def test_one_press_blocks_the_number_and_the_ledger_tells_it(browser_of_nobody, gateway):
    provider = make_provider()
    mailing = make_sending(make_people(2), provider=provider, text="Concert {optout.link}", name="Spring concert")
    work(provider)
    person = Contact.objects.get(sms_number=ME)
    page = shown(browser_of_nobody.get(path(person)))
    assert ASK in page and "Riverside Arts" in page and "+33•••••01" in page
    assert "<script" not in page and ME not in page
    assert OUT in shown(browser_of_nobody.post(path(person), {"do": "stop"}))
    assert OUT in shown(browser_of_nobody.get(path(person)))
    assert list(Suppression.objects.values_list("number", "reason")) == [(ME, "link")]
    entry = ConsentEntry.objects.get()
    assert (entry.event, entry.scope, entry.source, entry.own_act, entry.contact) == ("opt_out", "all", "link", True, person)
    assert entry.wording == "No more texts from Riverside Arts to +33•••••01."
    assert (entry.details, entry.message) == ("Spring concert", Message.objects.get(mailing=mailing, contact=person).pk)
    following = make_ready(mailing.include_groups.get(), provider=provider)
    assert person.pk not in told(following)


def test_it_can_be_taken_back_on_the_same_page_or_by_start(browser_of_nobody):
    person = make_contact(ME)
    browser_of_nobody.post(path(person), {"do": "stop"})
    assert BACK in shown(browser_of_nobody.post(path(person), {"do": "back"}))
    assert not Suppression.objects.filter(ended_at=None).exists()
    browser_of_nobody.post(path(person), {"do": "stop"})
    receive(make_provider(), "START")
    assert not Suppression.objects.filter(ended_at=None).exists()
    assert list(ConsentEntry.objects.order_by("id").values_list("event", "source")) == [("opt_out", "link"), ("opt_in", "link"), ("opt_out", "link"), ("opt_in", "reply")]


def test_a_block_by_staff_is_not_lifted_there(browser_of_nobody):
    person = make_contact(ME)
    suppressions.suppress(ME, note="complained", author=None)
    assert OUT in shown(browser_of_nobody.post(path(person), {"do": "back"}))
    assert Suppression.objects.filter(ended_at=None, reason="staff").exists()


def test_the_page_speaks_the_persons_language(browser_of_nobody):
    person = make_contact(ME, language="fr")
    page = shown(browser_of_nobody.get(path(person), headers={"Accept-Language": "en"}))
    assert 'lang="fr"' in page


def test_it_is_about_the_number_that_got_the_link(browser_of_nobody, gateway):
    provider = make_provider()
    make_sending(make_people(2), provider=provider, text="Concert {optout.link}")
    work(provider)
    person = Contact.objects.get(sms_number=ME)
    Contact.objects.filter(pk=person.pk).update(sms_number=fictional(9))  # the person has another one since
    browser_of_nobody.post(path(person))
    assert Suppression.objects.get().number == ME


def test_links_of_people_who_became_one_or_were_deleted_still_work(browser_of_nobody):
    winner, loser = make_contact(fictional(2)), make_contact(fictional(3))
    unite(winner, loser)
    browser_of_nobody.post(path(loser))
    assert Suppression.objects.get().number == fictional(2)
    gone = make_contact(fictional(4))
    contacts.delete(gone)
    browser_of_nobody.post(path(gone))
    assert Suppression.objects.filter(number=fictional(4)).exists()


def test_wrong_addresses_say_so_and_cannot_be_tried_without_end(browser_of_nobody):
    person = make_contact(ME)
    for wrong in ("x", "0" * 14, "%00", "é"):
        assert "This link does not work" in shown(browser_of_nobody.get(f"/o/{wrong}"), 404)
    for _try in range(60):
        browser_of_nobody.get("/o/" + "0" * 14)
    assert "Too many tries" in shown(browser_of_nobody.get(path(person)), 429)
    assert shown(browser_of_nobody.get(path(person), REMOTE_ADDR="203.0.113.7"))


def test_behind_our_proxy_its_word_says_who_tries(browser_of_nobody, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    person = make_contact(ME)
    for _try in range(61):
        browser_of_nobody.get("/o/" + "0" * 14, headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.9"})
    assert shown(browser_of_nobody.get(path(person), headers={"X-Forwarded-For": "203.0.113.9"}), 429)
    assert shown(browser_of_nobody.get(path(person), headers={"X-Forwarded-For": "203.0.113.9, 203.0.113.8"}))


def test_one_link_cannot_be_pressed_without_end(browser_of_nobody):
    person = make_contact(ME)
    for _press in range(20):
        browser_of_nobody.post(path(person), {"do": "stop"})
    assert "Too many tries" in shown(browser_of_nobody.post(path(person), {"do": "back"}), 429)
    assert ConsentEntry.objects.count() == 20


def test_who_was_forgotten_has_no_link(browser_of_nobody):
    person = make_contact(ME)
    Contact.objects.filter(pk=person.pk).update(sms_number=None)
    assert link_opt_outs.read(opt_out_links.code_of(person.pk)) is None


# --- tests and the composer ---


def test_the_link_of_a_test_opts_nobody_out(browser_of_nobody, client_for):
    mailing = make_mailing(make_people(1), text="Concert {optout.link}")
    client_for("author").post(NEW, form(mailing, ONE))
    ((_number, text),) = texts_sent()
    assert text == f"Concert https://sms.example.org/o/{opt_out_links.code_of(0)}"
    for response in (browser_of_nobody.get(f"/o/{opt_out_links.code_of(0)}"), browser_of_nobody.post(f"/o/{opt_out_links.code_of(0)}")):
        assert "This is the link of a test" in shown(response)
    assert not Suppression.objects.exists()


def test_the_composer_offers_it_and_a_name_that_nobody_answers_gets_it_with_one_click(step_2):
    mailing = make_mailing(make_people(1), provider=make_provider(senders=["RIVERSIDE"]), sender="RIVERSIDE")
    posted = {"origin": f"{mailing.provider_id}:RIVERSIDE", "text": "Concert on Friday", "do": "stop:text"}
    page = step_2(mailing, **posted)
    assert "Opt out: {optout.link}</textarea>" in page
    assert 'data-token="{optout.link}"' in page
    assert "does not say how to stop" not in page


def test_the_composer_counts_the_link_as_long_as_it_will_be(step_2):
    for people in (make_people(1), make_people(0)):
        page = step_2(make_mailing(people), text="{optout.link}" + "x" * 130, do="add:fr")
        assert "2 segments" in page


def test_without_a_public_address_the_composer_says_that_it_is_not_available(settings, step_2):
    settings.PUBLIC_BASE_URL = ""
    mailing = make_mailing(make_people(1), text="Concert {optout.link}")
    page = step_2(mailing, text="Concert {optout.link}")
    assert "The opt-out link is not available" in page
    assert 'data-token="{optout.link}"' not in page
    assert [problem.token for problem in vocabulary.check("Hello {optout.link} {contact.first_name}")] == ["{optout.link}"]


def test_a_misspelt_one_is_understood():
    assert vocabulary.check("Concert {optout.lnk}")[0].suggestion == "{optout.link}"


def test_the_link_ends_a_series_too(browser_of_nobody, gateway):
    provider = make_provider()
    people = make_people(2)
    make_sending(people, provider=provider, text="Concert {optout.link}", series="Concert")
    work(provider)
    following = make_sending(people, provider=provider, series="Concert")
    person = Contact.objects.get(sms_number=ME)
    browser_of_nobody.post(path(person))
    assert told(following)[person.pk] == (MessageStatus.SKIPPED, "replied")
