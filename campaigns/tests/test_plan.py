"""The send plan: made once at the end of the preparation, equal to the rows, read from one row."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Exclusion, Mailing, Message
from campaigns.plans import Extreme, Plan, Share
from campaigns.services import mailings
from campaigns.services.errors import CampaignError
from campaigns.statuses import MailingStatus
from campaigns.tests.factories import fictional, make_people, make_provider, make_ready, make_template
from contacts.models import Contact, CustomField
from contacts.tests.factories import make_contact, make_field, make_group
from providers.models import Provider

pytestmark = pytest.mark.django_db
STOP = " STOP au 36111"


def plan_of(mailing):
    mailing.refresh_from_db()
    return Plan.read(mailing.plan)


def page_of(client_for, mailing, role="marketer"):
    return client_for(role).get(f"/sms/mailings/{mailing.pk}/plan/").content.decode()


def test_a_plan_comes_back_as_it_was_stored():
    plan = Plan("2026-11-25T10:00:00+00:00", {"deceased": 1}, {"1": Share(2, 2), "2": Share(1, 2)}, longest=Extreme(7, 170, 2), price="0.07", rate=3)
    assert Plan.read(plan.stored() | {"something_newer": 1}) == plan
    assert (plan.recipients, plan.segments, plan.left_out, plan.chosen, plan.seconds, str(plan.cost)) == (3, 4, 1, 4, 2, "0.28")


@pytest.mark.parametrize("stored", [{}, {"recipients": 4}, {"made_at": ""}])
def test_no_plan_is_none(stored):
    assert Plan.read(stored) is None


def test_the_plan_says_what_the_rows_say():
    french = make_contact(fictional(1), first_name="Ana", language="fr")
    long = make_contact("+447700900142", first_name="B" * 100, last_name="C" * 60)
    odd = make_contact(fictional(3), first_name="Zoê")
    mailing = make_ready(make_group(french, long, odd, make_contact(None)), max_segments=2, text="Hi {contact.first_name}{contact.last_name}", translations={"fr": "Salut"})
    plan, rows = plan_of(mailing), list(Message.objects.filter(mailing=mailing))
    assert (plan.recipients, plan.segments) == (len(rows), sum(row.segments for row in rows)) == (3, 4)
    assert plan.excluded == {"no_number": 1} and plan.chosen == 4
    assert plan.by_segments == {"1": Share(2, 2), "2": Share(1, 2)}
    assert plan.by_encoding == {"GSM-7": Share(2, 3), "UCS-2": Share(1, 1)}
    assert plan.by_country == {"FR": Share(2, 2), "GB": Share(1, 2)}
    assert plan.longest == plan.dearest == Extreme(long.pk, 163, 2)
    assert plan.shortest.contact in {french.pk, odd.pk}


def test_plan_and_composer_count_the_same_characters(client_for):
    """€ takes the place of two, in both."""
    mailing = make_ready(make_people(1, first_name="Ana"), text="10 € {contact.first_name}")
    assert "9 characters." in page_of(client_for, mailing)
    page = client_for("author").post("/sms/count/", {"readers": f"mailing-{mailing.pk}", "text": mailing.text}).content.decode()
    assert "9 of 160 characters" in page


def test_the_plan_names_the_three_whose_text_is_too_long():
    crowd = make_people(50, first_name="Al")
    long = [make_contact(fictional(100 + n), first_name="L" * 99, last_name=f"Long{n}") for n in range(3)]
    mailing = make_ready(crowd, make_group(*long), text="Hello {contact.first_name}, see you on Thursday at our open evening, from 18:00." + STOP)
    plan = plan_of(mailing)
    assert (plan.recipients, plan.excluded, plan.too_long) == (50, {"too_long": 3}, [person.pk for person in long])
    assert set(Exclusion.objects.filter(mailing=mailing).values_list("contact_id", flat=True)) == set(plan.too_long)


def test_too_long_people_stand_on_the_page(client_for):
    long = make_contact(fictional(2), first_name="L" * 99, last_name="Lefort")
    page = page_of(client_for, make_ready(make_group(make_contact(fictional(1)), long), text="Hello {contact.first_name}" + "!" * 60))
    assert "The text is too long for 1 person" in page and "Lefort</a>" in page and "reason=too_long" in page


def test_names_that_make_a_text_unicode_are_told_as_the_cause(client_for):
    odd = [make_contact(fictional(n), first_name="Zoê", last_name="Agnê" if n == 3 else "Ana", language="fr" if n == 1 else "") for n in (1, 2, 3)]
    group = make_group(*odd, make_contact(fictional(4), first_name="L" * 99), make_contact(fictional(5), first_name="Ana"))
    mailing = make_ready(group, text="Hello {contact.first_name} {contact.last_name}" + "!" * 80, translations={"fr": "ê" * 80 + "{contact.first_name}"})
    assert (plan_of(mailing).excluded, plan_of(mailing).unicode) == ({"too_long": 4}, {"contact.first_name": 2, "contact.last_name": 1}), "the French text is Unicode by itself"
    page = page_of(client_for, mailing)
    assert "2 of 4 because {contact.first_name} holds letters outside GSM-7" in page and "Leave the token out, or allow more segments." in page
    assert page.index("2 of 4 because") < page.index("1 of 4 because {contact.last_name}"), "the most frequent cause first"


def test_empty_tokens_are_counted_of_the_text_that_each_reads(client_for):
    make_field("club")
    people = [
        make_contact(fictional(1), first_name="", language="fr", custom={"club": "Rowing"}), make_contact(fictional(2), first_name="", birth_date=None),
        make_contact(fictional(3), first_name="Ana", custom={"club": "Choir"}),
    ]  # fmt: skip
    text = "Hi {contact.first_name}, {contact.birth_date} {contact.custom.club} {contact.last_name|friend}"
    mailing = make_ready(make_group(*people), text=text, translations={"fr": "Salut"})
    assert plan_of(mailing).empty == {"contact.birth_date": 2, "contact.first_name": 1, "contact.custom.club": 1}
    client = client_for("marketer")
    for name, last in (("contact.first_name", people[1]), ("contact.custom.club", people[1])):
        page = client.get(f"/sms/mailings/{mailing.pk}/messages/?empty={name}").content.decode()
        assert page.count('<th scope="row">') == 1 and last.last_name in page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("country=FR", {"Ana", "Zoê"}), ("country=GB", {"Ben"}), ("country=none", set()), ("encoding=UCS-2", {"Zoê"}), ("encoding=nonsense", {"Ana", "Ben", "Zoê"}),
        ("language=fr", {"Ana"}), ("language=none", {"Ben", "Zoê"}), ("segments=1", {"Ana", "Ben", "Zoê"}), ("segments=2", set()),
        ("also=99999999", {"Ana", "Ben", "Zoê"}), ("country=%00%00", set()), ("empty=contact.first_name", set()),
    ],
)  # fmt: skip
def test_each_number_leads_to_the_people_behind_it(client_for, query, names):
    people = [make_contact(fictional(1), first_name="Ana", language="fr"), make_contact("+447700900142", first_name="Ben"), make_contact(fictional(3), first_name="Zoê")]
    mailing = make_ready(make_group(*people), translations={"fr": "Salut {contact.first_name}"})
    page = client_for("viewer").get(f"/sms/mailings/{mailing.pk}/messages/?{query}").content.decode()
    assert {name for name in ("Ana", "Ben", "Zoê") if f"{name} Aubert" in page} == names


def test_the_plan_s_page_reads_its_row_whatever_the_size(client_for, django_assert_max_num_queries):
    mailing, client = make_ready(make_people(30)), client_for("marketer")
    url = f"/sms/mailings/{mailing.pk}/plan/"
    client.get(url)
    with django_assert_max_num_queries(21) as asked:
        client.get(url)
    assert not [query["sql"] for query in asked if "COUNT(" in query["sql"] and "campaigns_message" in query["sql"]]


# --- what keeps it from being sent ---


def lose_the_sender(mailing):
    Provider.objects.update(senders=["36222"])


def switch_off(mailing):
    Provider.objects.update(active=False)


def pause_the_lane(mailing):
    Provider.objects.update(lane=Provider.Lane.PAUSED, lane_reason="No credit left.")


def lose_a_field(mailing):
    CustomField.objects.all().delete()


def lose_the_text(mailing):
    Mailing.objects.update(text="")


def lose_the_plan(mailing):
    Mailing.objects.update(plan={})


@pytest.mark.parametrize(
    ("happens", "code", "words", "cure"),
    [
        (lose_the_sender, "no_sender", "Choose one of the provider", "/content/"), (switch_off, "no_provider", "Choose an active provider", "/content/"),
        (pause_the_lane, "paused", "is paused: No credit left.", "/providers/"), (lose_a_field, "unknown_token", "is not a token", "/content/"),
        (lose_the_text, "no_text", "Write the text in step 2", "/content/"), (lose_the_plan, "no_plan", "earlier version", 'value="anew"'),
    ],
)  # fmt: skip
def test_a_blocker_says_so_leads_to_its_cure_and_refuses(client_for, happens, code, words, cure):
    make_field("club")
    mailing = make_ready(make_people(2), text="Hi {contact.custom.club|you}")
    happens(mailing)
    page = page_of(client_for, mailing)
    checks = page[page.index('<ul class="checks">') : page.index("</ul>", page.index('<ul class="checks">'))]
    assert words in page.replace("&#x27;", "'") and cure in checks
    assert "It cannot be sent like this" in page and ' value="launch" disabled' in page
    answer = client_for("marketer").post(
        f"/sms/mailings/{mailing.pk}/plan/", {"version": mailing.version, "when": "now", "do": "launch", "sure": "1"}, follow=True
    )
    assert words in answer.content.decode().replace("&#x27;", "'")
    with pytest.raises(CampaignError) as refused:
        mailings.confirm(mailing, None)
    assert refused.value.code == code
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.READY


@pytest.mark.parametrize(
    ("people", "changes", "words"),
    [
        (lambda: make_group(), {}, "the groups are empty"),
        (lambda: make_people(2, opted_out=True), {}, "left out for this reason: Opted out"),
        (lambda: make_people(2, first_name="ж" * 66), {}, "too long for everybody"),
        (lambda: make_people(2), {"allowed_countries": ["GB"]}, "may not text the country"),
    ],
)
def test_nobody_left_says_why(client_for, people, changes, words):
    assert words in page_of(client_for, make_ready(people(), provider=make_provider(**changes)))


def test_a_price_that_nobody_entered_and_an_old_template_warn_and_do_not_block(client_for):
    mailing = make_ready(make_people(1), template=make_template(active=False, name="Old one"))
    page = page_of(client_for, mailing)
    assert "What this costs is not known" in page and "“Old one” is in the archive" in page and "It can be sent; look at the warnings first" in page
    mailings.confirm(mailing, None)


def test_an_old_plan_is_told_and_made_anew_of_the_people_there_are_now(client_for):
    group = make_people(1)
    mailing = make_ready(group)
    assert "more than an hour old" not in page_of(client_for, mailing)
    old = mailing.plan | {"made_at": (timezone.now() - timedelta(hours=2)).isoformat()}
    Mailing.objects.update(plan=old)
    assert "more than an hour old" in page_of(client_for, mailing)
    group.memberships.create(contact=make_contact(fictional(50)))
    client_for("author").post(f"/sms/mailings/{mailing.pk}/plan/", {"do": "anew"})
    from campaigns.pipeline.prepare import prepare

    prepare(mailing.pk)
    assert plan_of(mailing).recipients == 2


def test_the_plan_takes_the_price_of_the_day(client_for):
    mailing = make_ready(make_people(2), provider=make_provider(price_per_segment="0.07"))
    assert "€0.14" in page_of(client_for, mailing)
    Provider.objects.update(price_per_segment="0.10")
    assert "€0.20" in page_of(client_for, mailing)
    mailings.confirm(mailing, None)
    mailing.refresh_from_db()
    assert str(Plan.read(mailing.planned).cost) == "0.20000"


def test_a_person_erased_after_the_preparation_breaks_no_page(client_for):
    mailing = make_ready(make_people(2))
    Contact.objects.all().delete()
    assert "Erased contact" in page_of(client_for, mailing)
