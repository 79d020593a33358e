"""Every main page in English on a wide window and in French on a phone, light and dark: axe finds nothing, nothing scrolls sideways, no script
fails, nothing loads from elsewhere."""

import json
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from campaigns.models import Campaign, Conversation, Mailing, Message, SmsTemplate, TestNumber, TestSend
from campaigns.opt_out_links import code_of
from campaigns.pipeline.prepare import prepare
from campaigns.services import campaigns, copies, made, mailings, quick_send, templates, transitions, unknowns
from campaigns.services.transitions import Outcome
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import make_message
from campaigns.texts import Texts
from contacts.importing.jobs import work as import_work
from contacts.models import Activity, ConsentEntry, Contact, Duplicate, ExportJob, Group, ImportJob, PeopleChange, Quarantine, Suppression
from contacts.services import contacts, groups, imports
from contacts.smart import addresses
from contacts.smart.criteria import Catalogue
from contacts.tests import workbooks
from providers.models import WebhookEvent
from smsapp.accounts.models import User
from smsapp.testing.accessibility import violations
from workflows.engine import start, wake
from workflows.engine.advance import advance
from workflows.models import Execution, Send
from workflows.services import workflows
from workflows.tests.factories import drawn, make_workflow, query

pytestmark = pytest.mark.e2e

DRESSES = {
    "1280-en": {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"},
    "360-fr": {"viewport": {"width": 360, "height": 740}, "locale": "fr-FR"},
}


def rule_of(question):
    """A rule that asks it in its first way; None where there is nothing to choose."""
    comparison = question.comparisons[0]
    chosen = [key for key, _label in comparison.value.choices()][:1]
    if comparison.value.widget in ("choices", "rows") and not chosen:
        return None
    samples = {"text": "a", "texts": ["a"], "number": 1, "whole": 7, "date": "2000-01-01", "choice": "yes", "day_month": "02-29"}
    return {"q": question.name, "test": comparison.name, "value": samples.get(comparison.value.widget, chosen)}


def pages():
    """Addresses to visit, with something on each."""
    contact = Contact.objects.filter(id__in=Activity.objects.filter(kind="sms_sent").values("contact")).first()
    activity = Activity.objects.filter(contact=contact, kind="sms_sent").first()
    finished, group = Mailing.objects.get(name="Open evening"), Group.objects.first()
    winter, old = Campaign.objects.get(name="Winter season"), campaigns.create("Put away")
    campaigns.archive(old)
    draft = copies.copy(finished, None)
    dear = "Bonjour {contact.first_name}, le programme est prêt… l’atelier « Être sur scène » {contact.frist_name}"
    bilingual = copies.copy(finished, None)
    Mailing.objects.filter(id=bilingual.id).update(text="Hello {contact.first_name}", language="en", translations={"fr": dear}, kind="marketing")
    ready, stuck = (copies.copy(finished, None) for _mailing in range(2))
    for mailing in (ready, stuck):
        mailings.prepare(mailing, None)
        prepare(mailing.id)
    Mailing.objects.filter(id=stuck.id).update(sender="36999", problem="The audience grew from 10 to 13 people.")
    agreed, refused = (ConsentEntry.objects.filter(event=event).latest("id").contact_id for event in ("opt_in", "opt_out"))
    block, quarantine = Suppression.objects.get(reason="staff", ended_at=None), Quarantine.objects.latest("id")
    blocked = Contact.objects.filter(sms_number=block.number).first()
    call, note = Activity.objects.filter(kind="call").first(), Activity.objects.filter(kind="note").first()
    twin = Contact.objects.create(first_name=contact.first_name, last_name=contact.last_name, email=contact.email, birth_date=contact.birth_date)
    others = Contact.objects.exclude(id__in=[contact.id, twin.id])[:6]
    many = Duplicate.objects.create(kind="number", key="+33465712210", contacts=[other.id for other in others], size=500, found_at=timezone.now())
    pair = f"/contacts/merge/?contact={contact.id}&contact={twin.id}"
    smart = Group.objects.filter(kind="smart", memberships__isnull=False).first()
    groups.remove_members(smart, [smart.memberships.first().contact_id])
    either = {"any": [{"q": "group", "test": "any", "value": [group.id]}, {"q": "age", "test": "between", "value": [18, 80]}]}
    nested = {"all": [{"q": "search", "test": "contains", "value": "a"}, either]}
    every = {"any": [rule for question in Catalogue() if (rule := rule_of(question))][:50]}
    export = ExportJob.objects.create(author=User.objects.get(username="marketer"), described="Contacts: in Choir", columns=["first_name"], total=9)
    tagged = [PeopleChange.objects.create(tag="Family", state=state, moved=9, full=2, problem="Too many.") for state in ("waiting", "finished", "failed")]
    template, test = SmsTemplate.objects.get(name="Rehearsal moved"), TestSend.objects.get()
    sent = Message.objects.get(kind=Message.Kind.TEST)
    templates.archive(SmsTemplate.objects.get(name="Rappel de cotisation"), None)
    TestNumber.objects.create(user=User.objects.get(username="administrator"), number="+33639989991")
    page = f"/sms/templates/{template.id}/"
    lost, repeated = (lose_text(finished.provider, contact) for _text in range(2))
    unknowns.settle([repeated.id], unknowns.Choice.AGAIN, User.objects.get(username="marketer"))
    failed = Message.objects.filter(mailing=finished, status=MessageStatus.UNDELIVERED).first()
    unknown = Conversation.objects.get(contact=None)
    events = [f"/providers/events/{event.id}/" for event in WebhookEvent.objects.all()]
    return [
        "/providers/events/", "/providers/events/?state=trouble&q=SM", "/providers/events/?kind=inbound", *events, f"/sms/messages/{failed.id}/",
        "/sms/routing/", f"/sms/routing/?number=%2B447700900101&kind=one_off&provider={finished.provider_id}", "/sms/routing/?number=x",
        f"/sms/mailings/{finished.id}/messages/?stage=arrived-not",
        "/sms/unknown/", "/sms/unknown/?cause=poison", f"/sms/unknown/?provider={finished.provider_id}", f"/sms/messages/{lost.id}/", f"/sms/messages/{repeated.id}/",
        "/sms/campaigns/", "/sms/campaigns/?phase=coming", "/sms/campaigns/?q=nothing", "/sms/campaigns/?archived=1", "/sms/campaigns/new/",
        *(f"/sms/campaigns/{winter.id}/{part}" for part in ("", "edit/", "archive/", "delete/", "mailings/", "mailings/?elsewhere=1")),
        f"/sms/campaigns/{old.id}/", f"/sms/campaigns/{old.id}/delete/", f"/sms/mailings/{finished.id}/campaign/",
        "/sms/templates/", "/sms/templates/?q=rehearsal&language=fr", "/sms/templates/?q=nothing", "/sms/templates/?archived=1", "/sms/templates/new/",
        page, f"{page}edit/", f"{page}archive/", f"{page}delete/", f"{page}texts/", f"{page}versions/", f"{page}versions/2/", f"{page}versions/1/restore/",
        f"/sms/tests/new/?template={template.id}", f"/sms/tests/new/?mailing={draft.id}&rq=an", f"/sms/tests/{test.key}/", f"/sms/messages/{sent.id}/",
        "/contacts/search/", f"/contacts/search/?rules={addresses.pack(nested)}", f"/contacts/search/?rules={addresses.pack(every)}", "/contacts/search/?rules=x",
        f"/contacts/?rules={addresses.pack(nested)}", "/contacts/groups/new/", f"/contacts/{contact.id}/groups/", f"/contacts/groups/{group.id}/edit/", f"/contacts/groups/{smart.id}/", f"/contacts/groups/{smart.id}/rules/",
        f"/contacts/groups/{smart.id}/taken-out/", f"/contacts/groups/{smart.id}/delete/",
        f"/sms/why/?contact={contact.id}", f"/sms/mailings/{finished.id}/why/?contact={contact.id}", f"/sms/mailings/{finished.id}/why/?q=a",
        "/contacts/duplicates/", f"/contacts/duplicates/{many.id}/", f"/contacts/{contact.id}/duplicates/?q=a", pair, f"{pair}&contact={others[0].id}",
        f"/contacts/{blocked.id}/why/", f"/contacts/{blocked.id}/", "/contacts/suppressions/?state=any", "/contacts/suppressions/new/", f"/contacts/suppressions/{block.id}/",
        f"/contacts/suppressions/{block.id}/end/", "/contacts/quarantine/", "/contacts/quarantine/new/", f"/contacts/quarantine/{quarantine.id}/",
        f"/contacts/quarantine/{quarantine.id}/end/", f"/o/{code_of(contact.id)}",
        f"/contacts/{call.contact_id}/activities/?since=2020-01-01&kind=call", f"/contacts/{call.contact_id}/activities/{call.id}/",
        f"/contacts/{contact.id}/activities/call/", f"/contacts/{note.contact_id}/activities/{note.id}/delete/", "/contacts/?tag=Family", "/contacts/new/", "/contacts/deleted/",
        *(f"/contacts/tags/changes/{change.id}/" for change in tagged),
        "/contacts/export/?all=1&sms=yes", "/contacts/exports/", f"/contacts/exports/{export.id}/",
        f"/contacts/{agreed}/consent/", f"/contacts/{agreed}/consent/proof/", f"/contacts/{agreed}/consent/opt-out/", f"/contacts/{refused}/consent/opt-in/",
        "/contacts/consent/",
        "/inbox/", "/inbox/?show=mine&q=nothing", *(f"/inbox/{thread.pk}/" for thread in Conversation.objects.all()), f"/inbox/{unknown.pk}/contact/?find=an",
        "/", "/profile/", "/search/?q=an", "/contacts/", f"/contacts/{contact.id}/", f"/contacts/{contact.id}/activities/",
        f"/contacts/{contact.id}/activities/{activity.id}/", f"/contacts/{contact.id}/edit/", f"/contacts/{contact.id}/delete/", "/contacts/groups/", f"/contacts/groups/{group.id}/",
        "/contacts/imports/", "/contacts/imports/new/", "/providers/", f"/sms/test/{finished.provider_id}/", f"/sms/send/?contact={contact.id}", "/sms/mailings/", "/sms/mailings/drafts/",
        "/sms/mailings/archived/",
        "/sms/mailings/new/", f"/sms/mailings/new/?group={group.id}", f"/sms/mailings/count/?include={group.id}",
        f"/sms/mailings/left-out/no_number/?include={group.id}", f"/sms/mailings/taken-out/m{finished.id}/?include={group.id}",
        f"/sms/mailings/{draft.id}/recipients/", f"/sms/mailings/{draft.id}/content/", f"/sms/mailings/{bilingual.id}/content/", f"/sms/mailings/{draft.id}/plan/",
        f"/sms/mailings/{ready.id}/plan/", f"/sms/mailings/{ready.id}/preview/", f"/sms/mailings/{ready.id}/", f"/sms/mailings/{ready.id}/messages/?country=FR", f"/sms/mailings/{stuck.id}/plan/",
        f"/sms/mailings/{finished.id}/", f"/sms/mailings/{finished.id}/messages/", f"/sms/mailings/{finished.id}/left-out/", "/nowhere/",
    ]  # fmt: skip


def lose_text(provider, contact):
    """A one-off text of which nobody knows whether it was sent."""
    text = make_message(provider, contact.sms_number, contact=contact, subject="Your appointment")
    transitions.move_messages([Outcome(text.id, MessageStatus.UNKNOWN, reason="no_answer", detail="ReadTimeout")])
    return text


def open_retry_question(page, live_url):
    """The question before failed texts are sent again."""
    page.goto(f"{live_url}/sms/mailings/{Mailing.objects.get(name='Open evening').pk}/")
    page.locator("form[action$='/retry/'] button:visible").first.click()
    page.locator("button[name=sure]").wait_for()
    return page.url


def open_unknown_question(page, live_url):
    """The question before an unknown text is sent again."""
    page.goto(f"{live_url}/sms/unknown/")
    page.locator("button[formaction$='/again/']:visible").first.click()
    page.locator("input[name=sure]").wait_for(state="attached")
    return f"{page.url} (send again)"


def scheduled_pages():
    """A mailing for tomorrow whose recipients are recalculated, another whose are just now, and a one-off text: their pages and questions."""
    finished, author = Mailing.objects.get(name="Open evening"), User.objects.get(username="marketer")
    tomorrow = timezone.now() + timedelta(days=1)
    later, now, paused = (copies.copy(finished, None) for _mailing in range(3))
    for mailing in (later, now, paused):
        mailings.prepare(mailing, author)
        prepare(mailing.id)
        mailings.confirm(mailing, author, at=tomorrow, recount=True)
    mailings.pause(paused, author)
    Mailing.objects.filter(id=now.id).update(scheduled_at=timezone.now())
    mailings.start_due(now)
    reader, key = Contact.objects.active().filter(reach=Contact.Reach.MOBILE, do_not_sms=False, language="en").first(), str(uuid4())
    texts = Texts("Hello {contact.first_name}, we expect you at 10.")
    recipients = [(reader.pk, reader.sms_number)]
    facts = {"provider": finished.provider, "sender": finished.sender, "subject": "Your appointment", "texts": texts}
    (text,) = quick_send.queue(author=author, recipients=recipients, key=key, at=tomorrow, **facts)
    return [
        "/", f"/sms/mailings/{later.id}/", *(f"/sms/mailings/{later.id}/{name}/" for name in ("reschedule", "take-back", "cancel")), f"/sms/mailings/{now.id}/",
        f"/sms/mailings/{now.id}/plan/", f"/sms/mailings/{paused.id}/give-up/", "/sms/mailings/", "/sms/mailings/drafts/", "/sms/scheduled/", f"/sms/send/{key}/", f"/sms/send/{key}/cancel/", f"/sms/send/{key}/time/",
        f"/sms/messages/{text.id}/", f"/sms/messages/{text.id}/cancel/", f"/sms/messages/{text.id}/time/", f"/contacts/{reader.pk}/activities/", f"/contacts/{reader.pk}/",
    ]  # fmt: skip


def open_restoring(page, live_url):
    """What comes back with a deleted contact, before it does."""
    contacts.delete(Contact.objects.create(first_name="Léa", last_name="Gone"), author=User.objects.get(username="marketer"))
    page.goto(f"{live_url}/contacts/deleted/")
    page.locator("tbody input[type=checkbox]").first.check()
    page.locator("form[action$='/restore/'] button[type=submit]:visible").first.click()
    page.locator("[name=sure]").wait_for(state="attached")
    return page.url


def open_recount(page, live_url):
    """The question before a mailing is scheduled whose recipients are recalculated."""
    ready = Mailing.objects.filter(status="ready").exclude(sender="36999").first()
    page.goto(f"{live_url}/sms/mailings/{ready.id}/plan/")
    page.locator("[name=when][value=at]").check()
    page.locator("#id_recount").check()
    page.locator("button[data-now]").click()
    page.locator("#dialog.show").wait_for()
    return f"{page.url} (recount)"


def workflow_pages():
    """A workflow whose scheduler began a run that waits with its mailing, one under work, and the list of all activities."""
    author, template = User.objects.get(username="marketer"), SmsTemplate.objects.filter(active=True).first()
    campaign = Campaign.objects.get(name="Winter season")
    content = made.keep_content("Happy birthday", author, template=template, campaign=campaign)
    sms = ("sms", {"content": content.pk, "how": "recurring", "period": "month", "afterwards": "same", "confirm": True})
    daily = {"rule": {"every": "day", "times": ["09:00"], "from": f"{timezone.localdate():%Y-%m-%d}", "zone": "Europe/Paris"}}
    steps = {"s1": ("scheduler", daily), "s2": query(), "s3": sms, "s4": ("end", {})}
    workflow = make_workflow(drawn(steps, "s1 s2", "s2 s3", "s3 s4"), author, label="Birthdays", campaign=campaign)
    start.start(workflow, author, timezone.now())
    later = timezone.now() + timedelta(days=1, minutes=5)
    wake.tick(later)
    run = workflow.runs.get()
    advance(run.pk, later)
    prepare(Send.objects.get(run=run).mailing_id)
    sketch = make_workflow(drawn({"s1": query(), "s2": ("sms", {})}, "s1 s2"), author, label="Lapsed members")
    old = make_workflow(label="Put away")
    workflows.archive(old)
    page, arrival = f"/workflows/{workflow.pk}/", run.arrivals.get(step="s2")
    return [
        "/workflows/", "/workflows/?q=nothing", "/workflows/?archived=1", "/workflows/new/",
        page, *(f"{page}?step={step}" for step in steps), f"{page}edit/", f"{page}log/", f"{page}runs/", f"{page}runs/1/", f"{page}runs/1/people/{arrival.pk}/",
        f"{page}run/stop/", f"{page}run/restart/", f"{page}steps/s3/sms/", f"{page}steps/s2/rules/",
        f"/workflows/{sketch.pk}/", f"/workflows/{sketch.pk}/?step=s2", f"/workflows/{old.pk}/",
        "/workflows/activities/", "/workflows/activities/?recurring=on", "/workflows/activities/?id=x&q=nothing", f"/workflows/activities/?recurring=on&parent={content.pk}",
        f"/workflows/activities/?kind=send&execution={Execution.objects.get(parent=content).pk}", f"/sms/campaigns/{campaign.pk}/?recurring=on",
        "/sms/mailings/drafts/?recurring=on", f"/sms/mailings/{Send.objects.get(run=run).mailing_id}/", f"/sms/mailings/{content.pk}/content/",
    ]  # fmt: skip


def import_pages():
    """Imports at each stage: columns of a workbook with two sheets, tried with faults, done, failed."""
    author = User.objects.get(username="marketer")
    jobs_at = {}
    for stage in ("columns", "tried", "done", "failed"):
        path = workbooks.table(Path(settings.MEDIA_ROOT) / "people.xlsx", [["Nom", "Portable", "Nom"], ["Bon", "0639980001", ""], ["Sassi", "12", ""]], "Friends")
        job = jobs_at[stage] = imports.upload(SimpleUploadedFile("people.xlsx", path.read_bytes()), region="FR", author=author)
        if stage != "columns":
            imports.check(job, mapping=job.mapping, tags=["Fair"], consent_source="Fair", consent_wording="Yes, send me texts", by=author)
            import_work(job.pk)
            job.refresh_from_db()
        if stage == "done":
            imports.start(job, author)
            import_work(job.pk)
    ImportJob.objects.filter(pk=jobs_at["failed"].pk).update(state="failed", problem="A row could not be stored.")
    return [f"/contacts/imports/{jobs_at['columns'].pk}/columns/", *(f"/contacts/imports/{job.pk}/" for stage, job in jobs_at.items() if stage != "columns")]


# How much of the window the bars take that do not scroll away.
BARS = """[...document.querySelectorAll(".topbar, .tabbar, .actions-bar")].filter(bar => ["sticky", "fixed"].includes(getComputedStyle(bar).position))
  .reduce((taken, bar) => taken + bar.getBoundingClientRect().height, 0) / innerHeight"""


AXE_ON_A_PHONE = 3  # of so many pages one: but for their width they are what axe saw on a wide window


def found_by_axe(page, where):
    """What axe says against the page as it stands; in the dark only colours differ."""
    page.emulate_media(color_scheme="dark")
    dark = violations(page, only=["color-contrast"])
    page.emulate_media(color_scheme="light")
    found = [("dark", each) for each in dark] + [("light", each) for each in violations(page)]
    return [f"{where}, {colours}: {each['id']} {json.dumps([node['html'][:160] for node in each['nodes']][:3])}" for colours, each in found]


def signed_in(browser, url, dress):
    client = Client()
    client.force_login(User.objects.get(username="administrator"), backend="django.contrib.auth.backends.ModelBackend")
    context = browser.new_context(**dress, reduced_motion="reduce")  # colours change at once
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value, "url": url}])
    return context


@pytest.mark.long
@pytest.mark.parametrize("dress", DRESSES)
def test_every_page_can_be_used(transactional_db, live_url, browser, dress, monkeypatch, tmp_path):
    monkeypatch.setattr(settings, "MEDIA_ROOT", str(tmp_path))
    call_command("demo", people=120)
    faults = []
    context = signed_in(browser, live_url, DRESSES[dress])
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    page.on("request", lambda request: None if request.url.startswith((live_url, "data:")) else faults.append(f"{page.url} asks {request.url}"))
    for place, path in enumerate([*import_pages(), *pages(), *scheduled_pages(), *workflow_pages()]):
        answer = page.goto(live_url + path)
        if answer.status != (404 if path == "/nowhere/" else 200):
            faults.append(f"{path}: {answer.status}")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
            faults.append(f"{path} scrolls sideways")
        if page.evaluate(BARS) > 0.25:
            faults.append(f"{path}: bars cover the page")
        if dress == "1280-en" or place % AXE_ON_A_PHONE == 0:
            faults += found_by_axe(page, path)
    for ask in (open_recount, open_unknown_question, open_retry_question, open_restoring):
        faults += found_by_axe(page, ask(page, live_url))
    context.close()
    assert faults == []
