"""Demo data: nobody real, nothing that stops the demonstration, and made once."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Campaign, Conversation, InboundMessage, Mailing, Message, Route, SmsTemplate
from campaigns.phases import Phase, phase_of
from campaigns.plans import Plan
from campaigns.services import campaign_figures, figures, lane_figures
from campaigns.services.proof import differences
from campaigns.statuses import MailingStatus
from contacts.models import Activity, ConsentEntry, Contact, Duplicate, Group, PhoneNumber, Quarantine, Suppression
from providers.models import Provider, WebhookEvent
from smsapp.accounts.models import User
from smsapp.common import phone
from smsapp.demo.people import TROUBLE
from smsapp.management.commands import run
from smsapp.management.commands.demo import PASSWORD
from workflows.engine import start
from workflows.models import Execution, Run, Workflow
from workflows.steps.sms import content_of

pytestmark = pytest.mark.django_db


def test_demo_data_is_plausible_and_reaches_nobody(capsys):
    call_command("demo", people=300)
    call_command("demo", "--if-empty", people=300)
    assert Contact.objects.count() == 300
    assert (Group.objects.filter(kind="static").count(), SmsTemplate.objects.count()) == (6, 3)
    numbers = list(PhoneNumber.objects.values_list("number", flat=True))
    assert [number for number in numbers if not phone.is_fictional(number)] == []
    assert {phone.country_of(number) for number in numbers} == {"FR", "GB", "US", "TN"}
    blocked = Contact.objects.filter(Q(opted_out=True) | Q(do_not_sms=True)).values_list("id", flat=True)
    stopped = InboundMessage.objects.filter(action="opt_out").values_list("contact_id", flat=True)  # blocks the number, not the contact
    assert set(ConsentEntry.objects.filter(event="opt_out").values_list("contact_id", flat=True)) == {*blocked, *stopped}
    assert not [number for number in numbers if number[-4:] in TROUBLE and not number.startswith("+3346571")]
    assert "password" in capsys.readouterr().out


def test_the_demo_mailing_has_mixed_outcomes_and_true_figures():
    call_command("demo", people=600)
    mailing = Mailing.objects.get(name="Open evening")
    found = figures.of(mailing)
    assert mailing.status == MailingStatus.FINISHED
    assert found.delivered > found.undelivered > 0
    assert found.total == Message.objects.filter(mailing=mailing).count() > 0
    finished = Message.objects.filter(mailing__status=MailingStatus.FINISHED)
    assert Activity.objects.filter(kind="sms_sent", source__in=finished.values("id")).count() == finished.count()
    assert found.open == 0


def test_the_demo_has_conversations_of_each_kind():
    call_command("demo", people=300)
    threads = Conversation.objects.all()
    assert [threads.filter(**which).count() for which in ({"needs_review": True}, {"contact": None}, {"assigned_to__isnull": False}, {"state": "done"})] == [1, 1, 1, 2]
    assert InboundMessage.objects.filter(action="opt_out").count() == 1


def test_the_demo_has_campaigns_before_in_and_after_their_time():
    call_command("demo", people=300)
    today = timezone.localdate()
    assert {row.name: phase_of(row.starts_on, row.ends_on, today) for row in Campaign.objects.all()} == {
        "Winter season": Phase.RUNNING, "Spring tour": Phase.COMING, "Summer concerts": Phase.OVER, "All year round": Phase.UNDATED,
    }  # fmt: skip
    totals = campaign_figures.of(Campaign.objects.get(name="Winter season"))
    assert totals.filed == 3 and totals.figures.delivered and totals.planned_mailings == 2


def test_the_story_of_the_demo_mailing_is_in_order_and_takes_its_time():
    call_command("demo", people=600)
    mailing = Mailing.objects.get(name="Open evening")
    story = dict(mailing.events.values_list("status", "at"))
    plan, taken = Plan.read(mailing.planned), mailing.finished_at - mailing.started_at
    assert mailing.created_at < story["preparing"] < story["ready"] == plan.made < mailing.confirmed_at == mailing.started_at == story["sending"]
    assert taken.total_seconds() == plan.seconds > 1 and mailing.finished_at == story["finished"]
    texts = Message.objects.filter(mailing=mailing)
    assert all(mailing.started_at <= text.sent_at <= mailing.finished_at for text in texts.filter(sent_at__isnull=False))
    assert all(text.sent_at < text.reported_at for text in texts.filter(reported_at__isnull=False))
    said = dict(Activity.objects.filter(kind="sms_sent").values_list("source", "at"))
    assert all(said[text.pk] == text.sent_at for text in texts.filter(sent_at__isnull=False))


def test_the_demo_has_smart_groups_custom_fields_and_tags():
    call_command("demo", people=900)
    smart = Group.objects.filter(kind="smart")
    assert [group.state for group in smart] == ["fresh"] * 3
    assert all(group.memberships.exists() for group in smart)
    assert Contact.objects.filter(custom__member_level="Patron", tags__contains=["Family"]).exists()


def test_the_demo_has_suppressed_and_quarantined_numbers():
    call_command("demo", people=300)
    assert set(Suppression.objects.values_list("reason", flat=True)) == {"stop", "staff"}
    assert Suppression.objects.filter(ended_at__isnull=False).count() == 1
    failed = Quarantine.objects.exclude(message=None)  # by themselves; one was put there by hand
    assert Quarantine.objects.count() == failed.count() + 1 > 1


def test_the_demo_has_people_who_are_in_it_twice():
    call_command("demo", people=300)
    assert Duplicate.objects.filter(confidence=Duplicate.Confidence.STRONG).count() >= 4
    assert Contact.objects.count() == 300


def test_the_dates_of_consent_are_those_of_the_ledger():
    call_command("demo", people=300)
    told = dict(ConsentEntry.objects.values_list("id", "at"))
    lines = dict(Activity.objects.filter(kind="consent").values_list("source", "at"))
    assert lines == told and len(set(told.values())) > 10


def test_the_demo_has_a_template_in_two_languages_with_versions_and_a_test():
    call_command("demo", people=300)
    template = SmsTemplate.objects.get(name="Rehearsal moved")
    assert template.translations["fr"] and template.versions.count() == 3
    assert Message.objects.get(kind=Message.Kind.TEST).template == template


def test_each_role_has_a_login_that_run_prints():
    call_command("demo", people=120)
    stack = SimpleNamespace(said=[])
    stack.say = stack.said.append
    run.Command()._welcome(stack, {"PUBLIC_BASE_URL": "http://127.0.0.1:8000", "SIMULATOR_URL": "http://127.0.0.1:8090", "SIMULATOR_SMPP_PORT": "2775"})
    shown = [line.split()[3] for line in stack.said if "sign in as" in line]
    assert shown == ["viewer", "staff", "author", "marketer", "administrator"]
    for name in shown:
        user = User.objects.get(username=name)
        assert user.check_password(PASSWORD) and [role.name.lower() for role in user.groups.all()] == [name]


def test_the_demo_has_a_second_gateway_a_rule_and_what_gateways_posted():
    call_command("demo", people=300)
    assert [rule.provider and rule.provider.name for rule in Route.objects.in_use()] == ["Second gateway"]
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"applied", "unmatched", "broken"}
    assert lane_figures.since(timezone.now() - lane_figures.LOOKS_BACK)[Provider.objects.get(is_default=True).pk].delivered


def test_the_demo_has_three_months_of_a_birthday_workflow_with_true_figures():
    call_command("demo", people=600)
    workflow = Workflow.objects.get(label="Birthday SMS")
    runs = workflow.runs.order_by("number")
    assert workflow.state == "running" and workflow.schedules.get().next_at.date() >= timezone.now().date() - timedelta(days=1)
    assert runs.count() >= 85 and set(runs.values_list("state", flat=True)) == {"finished"}
    assert [run.started_at for run in runs] == [run.due_at for run in runs] and runs[0].due_at < timezone.now() - timedelta(days=85)
    months = Execution.objects.filter(parent=content_of(workflow.drawing.steps["s3"]))
    assert months.count() in (3, 4) and all(month.sends.exists() for month in months)
    mailing = months.latest("first").sends.latest("pk").mailing
    assert (figures.of(mailing).total, figures.of(mailing).texted) == (Message.objects.filter(mailing=mailing).count(),) * 2
    assert differences() == []
    filed = {row.campaign.name for row in (workflow, mailing, content_of(workflow.drawing.steps["s3"]))}
    assert filed == {"All year round"}  # from the workflow to its text, each send and their campaign, and back
    said = [line.said.partition("” ")[2] for line in workflow.log.filter(run=mailing.made_by.run, step="s3").order_by("pk")]
    assert [words[:20] for words in said] == ["is being prepared.", "is prepared and wait", "was confirmed and is", "is finished. Texts: "]
    text = Message.objects.filter(mailing=mailing).latest("pk")
    born = text.contact.birth_date
    assert (born.month, born.day) == (text.sent_at.month, text.sent_at.day) and text.contact.first_name in text.text
    assert Activity.objects.get(source=text.pk).at == text.sent_at


def test_workflows_of_the_demo_are_in_progress_paused_and_being_drawn(client_for):
    call_command("demo", people=300)
    assert sorted(Workflow.objects.values_list("state", flat=True)) == ["editing", "paused", "running"]
    drawn = Workflow.objects.get(state="editing")
    assert [str(problem.message)[:30] for problem in start.problems(drawn)] == ["The text still has a blank: [W"]
    page = client_for("viewer")
    for workflow in Workflow.objects.all():
        for name in ("canvas", "runs", "log"):
            assert page.get(reverse(f"workflows:{name}", args=[workflow.pk])).status_code == 200


def test_the_history_of_the_demo_outlives_the_first_night():
    call_command("demo", people=300)
    before = Run.objects.count()
    call_command("purge")
    assert Run.objects.count() == before
