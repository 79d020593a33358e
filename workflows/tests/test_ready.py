"""Workflows to start from: each works from end to end once its blanks are filled, and says in words what it lacks before."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from campaigns.models import Mailing
from campaigns.pipeline.writing import measured
from campaigns.tests.factories import fictional, make_provider
from campaigns.tests.working import unite
from campaigns.tokens import render
from contacts.models import Activity, Contact, Membership
from contacts.services import groups, numbers
from contacts.tests.factories import make_contact, make_field, make_group
from workflows import ready
from workflows.engine import start
from workflows.errors import WorkflowError
from workflows.graph import check
from workflows.models import Execution
from workflows.steps import registry
from workflows.tests.starting import Played, choose, make, moment, write

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = [one.name for one in ready.ALL]


@pytest.fixture
def marketer(user_for):
    make_provider()
    return user_for("marketer")


@pytest.fixture
def people():
    """`people("Anne", birth_date=…)`: a contact with a number of its own, unless it says otherwise."""
    numbers = iter(range(1, 100))

    def make(first_name, number="", **facts):
        created = facts.pop("created_at", None)
        found = make_contact(fictional(next(numbers)) if number == "" else number, first_name=first_name, **facts)
        if created:
            Contact.objects.filter(pk=found.pk).update(created_at=created)
        return found

    return make


def begun(clock, name, by, at, *, rules=None, **facts):
    """In progress since that moment, its blanks filled."""
    clock.set(at)
    workflow = make(name, by, **facts)
    write(workflow, by)
    return Played(clock, choose(workflow, "s2", by, rules=rules) if rules else workflow, by)


def joined(group, contact, at):
    groups.add_members(group, [contact.pk])
    Membership.objects.filter(group=group, contact=contact).update(added_at=at)


# --- blanks ---


@pytest.mark.parametrize("name", NAMES)
def test_each_is_an_ordinary_drawing_that_says_what_it_lacks_and_does_not_start(name, marketer):
    workflow = make(name, marketer)
    assert check(workflow.drawing, registry.shape) == []
    found = start.problems(workflow)
    assert "The text still has a blank: [" in {problem.step: str(problem.message) for problem in found}["s3"]
    with pytest.raises(WorkflowError):
        start.start(workflow, marketer)
    write(workflow, marketer)
    left = {problem.step: str(problem.message) for problem in start.problems(workflow)}
    assert left == {"welcome": {"s2": "Choose the group whose new members are welcomed."},
                    "reminder": {"s2": "Choose the field with the date, and how many days before it people are texted."}}.get(name, {})  # fmt: skip


def test_what_is_left_blank_is_said_in_the_language_of_who_looks(marketer):
    workflow = make("welcome", marketer)
    with translation.override("fr"):
        said = str(start.problems(workflow)[0].message)
    assert said != "Choose the group whose new members are welcomed." and "groupe" in said


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_texts_are_in_the_language_of_who_makes_it_and_fit_into_one_segment(name, language, marketer):
    with translation.override(language):
        workflow = make(name, marketer)
    content = Mailing.objects.get(role="content")
    said = render(content.text, {"contact.first_name": "Maximilienne", "organisation.name": "Les Amis du Conservatoire"})
    assert content.language == language and ("STOP : répondez" in said) is (language == "fr")
    assert measured(said)[1:] == (0, 1) and "{" not in said
    assert (workflow.label == str(ready.get(name).label)) is (language == "en") and content.name == workflow.label


def test_brackets_that_somebody_writes_are_no_blanks(marketer):
    workflow = make("birthday", marketer)
    write(workflow, marketer)
    Mailing.objects.filter(role="content").update(text="Happy birthday [from all of us]")
    assert start.problems(workflow) == []


# --- birthday ---


def test_birthday_texts_who_has_it_today_and_may_be_texted(clock, gateway, marketer, people):
    born = date(1990, 5, 15)
    people("Anne", birth_date=born)
    people("Opted out", birth_date=born, opted_out=True)
    people("No number", number=None, birth_date=born)
    people("Tomorrow", birth_date=born + timedelta(days=1))
    people("Unknown")
    played = begun(clock, "birthday", marketer, moment("2027-05-14 12:00"))
    assert played.on("2027-05-15 08:59") == []
    assert played.on("2027-05-15 09:00") == ["Anne"]
    assert played.on("2027-05-15 23:59") == []
    assert played.on("2027-05-16 09:00") == ["Tomorrow"]
    assert played.on("2027-05-17 09:00") == []
    assert [(found.key, found.sends.count()) for found in Execution.objects.all()] == [("2027-05", 2)]
    assert played.on("2028-05-15 09:00") == ["Anne"]


def test_who_was_born_on_29_february_is_texted_on_the_28th_in_other_years(clock, gateway, marketer, people):
    people("Leap", birth_date=date(1988, 2, 29))
    played = begun(clock, "birthday", marketer, moment("2027-02-01 12:00"))
    days = [f"{year}-{day} 09:00" for year in (2027, 2028) for day in ("02-28", "02-29", "03-01") if (year, day) != (2027, "02-29")]
    assert [day[:10] for day in days if played.on(day)] == ["2027-02-28", "2028-02-29"]


def test_today_is_the_day_of_the_workflow_wherever_the_organisation_is(clock, gateway, marketer, people):
    people("There", birth_date=date(1990, 5, 15))
    people("Here", birth_date=date(1990, 5, 16))
    zone = "America/New_York"
    clock.set(moment("2027-05-15 12:00", zone))
    workflow = make("birthday", marketer, time_zone=zone)
    write(workflow, marketer)
    late = {**workflow.drawing.steps["s1"].options["rule"], "times": ["23:30"]}  # Paris has the 16th already
    played = Played(clock, choose(workflow, "s1", marketer, rule=late), marketer)
    assert played.on("2027-05-15 23:30", zone) == ["There"]
    assert played.on("2027-05-16 23:30", zone) == ["Here"]


# --- welcome ---


def welcoming(clock, marketer, group, at="2027-03-10 12:00"):
    rules = {"all": [{"q": "group", "test": "joined", "value": {"days": 7, "rows": [group.pk]}}, {"q": "textable", "test": "is", "value": True}]}
    return begun(clock, "welcome", marketer, moment(at), rules=rules)


def test_welcome_texts_who_joined_lately_and_each_once(clock, gateway, marketer, people):
    group, other = make_group(), make_group()
    old, new = people("Old"), people("New")
    joined(group, old, moment("2027-01-01 12:00"))
    joined(group, new, moment("2027-03-10 12:00"))
    joined(other, people("Elsewhere"), moment("2027-03-10 12:00"))
    joined(group, people("Opted out", opted_out=True), moment("2027-03-10 12:00"))
    played = welcoming(clock, marketer, group)
    assert played.on("2027-03-11 10:00") == ["New"]
    assert played.on("2027-03-12 10:00") == []
    groups.remove_members(group, [new.pk, old.pk])
    joined(group, new, moment("2027-03-12 12:00"))
    joined(group, old, moment("2027-03-12 12:00"))
    assert played.on("2027-03-13 10:00") == ["Old"]  # never welcomed before


def test_who_joins_without_a_number_is_welcomed_when_they_have_one(clock, gateway, marketer, people):
    group, late = make_group(), people("Late", number=None)
    joined(group, late, moment("2027-03-10 12:00"))
    played = welcoming(clock, marketer, group)
    assert played.on("2027-03-11 10:00") == []
    numbers.replace(late, [(fictional(90), "mobile", True)])
    assert played.on("2027-03-12 10:00") == ["Late"]


def test_who_was_welcomed_is_not_welcomed_again_as_the_person_that_two_became(clock, gateway, marketer, people):
    group, one, other = make_group(), people("One"), people("Other")
    joined(group, one, moment("2027-03-10 12:00"))
    played = welcoming(clock, marketer, group)
    assert played.on("2027-03-11 10:00") == ["One"]
    unite(other, one)
    assert Membership.objects.get(group=group).contact_id == other.pk
    assert played.on("2027-03-12 10:00") == []


# --- reminder ---


def test_reminder_texts_so_many_days_before_a_date_also_one_that_moved(clock, gateway, marketer, people):
    field = make_field("appointment", "date")
    anne = people("Anne", custom={"appointment": "2027-04-10"})
    moved = people("Moved away", custom={"appointment": "2027-04-10"})
    people("Opted out", custom={"appointment": "2027-04-10"}, opted_out=True)
    people("Without")
    rules = {"all": [{"q": f"custom.{field.key}", "test": "ahead", "value": 3}]}
    played = begun(clock, "reminder", marketer, moment("2027-04-05 12:00"), rules=rules)
    Contact.objects.filter(pk=moved.pk).update(custom={"appointment": "2027-05-10"})
    assert played.on("2027-04-06 10:00") == []
    assert played.on("2027-04-07 10:00") == ["Anne"]
    assert played.on("2027-04-08 10:00") == []
    Contact.objects.filter(pk=anne.pk).update(custom={"appointment": "2027-04-12"})
    assert played.on("2027-04-09 10:00") == ["Anne"]  # of the new one
    assert played.on("2027-05-07 10:00") == ["Moved away"]


# --- win back ---


def heard(contact, kind, at):
    Activity.objects.create(contact=contact, kind=kind, subject="Before", at=at)


def test_who_was_not_texted_for_half_a_year_is_won_back_once_in_that_time(clock, gateway, marketer, people):
    long_ago = moment("2026-01-01 12:00")
    people("Silent", created_at=long_ago)
    heard(people("Texted", created_at=long_ago), "sms_sent", moment("2027-01-15 12:00"))
    heard(people("Texted long ago", created_at=long_ago), "sms_sent", moment("2026-06-01 12:00"))
    people("New", created_at=moment("2027-01-20 12:00"))
    people("Opted out", created_at=long_ago, opted_out=True)
    played = begun(clock, "silent", marketer, moment("2027-02-01 12:00"))
    assert played.on("2027-02-02 10:00") == ["Silent", "Texted long ago"]
    assert played.on("2027-03-02 10:00") == []
    assert played.on("2027-08-03 10:00") == ["New", "Silent", "Texted", "Texted long ago"]


def test_who_never_answers_is_asked_once_in_half_a_year(clock, gateway, marketer, people):
    long_ago, lately = moment("2026-01-01 12:00"), moment("2027-01-15 12:00")
    heard(people("Mute", created_at=long_ago), "sms_sent", lately)
    answers = people("Answers", created_at=long_ago)
    heard(answers, "sms_sent", lately)
    heard(answers, "sms_received", lately)
    people("Never texted", created_at=long_ago)
    heard(people("Opted out", created_at=long_ago, opted_out=True), "sms_sent", lately)
    played = begun(clock, "no-answer", marketer, moment("2027-02-01 12:00"))
    assert played.on("2027-02-02 10:00") == ["Mute"]
    assert played.on("2027-03-02 10:00") == []
    assert played.on("2027-07-06 10:00") == []
    heard(Contact.objects.get(first_name="Mute"), "sms_sent", moment("2027-06-20 12:00"))
    assert played.on("2027-08-03 10:00") == ["Mute"]
