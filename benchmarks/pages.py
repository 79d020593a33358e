"""Pages at a million contacts: server time of each, warm, beside a page that shows nothing; and no page may go through a whole table."""

import json
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group as Role
from django.core.management.base import CommandError
from django.test import Client
from django.utils.http import urlencode

from benchmarks import drawn, plans, seed, stage
from benchmarks.result import Result
from campaigns.models import Mailing
from campaigns.pipeline.prepare import prepare
from campaigns.services import campaigns, mailings
from campaigns.texts import Texts
from contacts.models import Contact, Group
from contacts.smart.addresses import pack
from contacts.smart.criteria import Catalogue
from contacts.smart.drafts import Draft, DraftRule, signature
from providers.models import Provider
from smsapp.roles import sync_roles

SIZE = 1_000_000
ROUNDS = 9
LONGEST_PAGE, LONGEST_COUNT = 100.0, 1_000.0  # milliseconds of server time that are promised


@dataclass(frozen=True, slots=True)
class Page:
    """An address to measure. A count goes through its whole audience, so it may scan tables and take longer; `post` is sent instead of asked.
    Where words find a large part of all people, or no index knows the answer, an index may be read from end to end (`reads_all`)."""

    name: str
    path: str
    is_count: bool = False
    post: dict[str, Any] | None = None
    reads_all: bool = False

    @property
    def longest(self) -> float:
        """Milliseconds that it may take."""
        return LONGEST_COUNT if self.is_count else LONGEST_PAGE


READ_ALL = ("part_of_a_name", "beginning_of_numbers", "custom_range")  # searches
EMPTY = Page("nothing", "/profile/")  # the whole frame, and no people


def pages(world: seed.Seeded) -> list[Page]:
    """Everything that stands on a list of people, or looks for some, or sums up their texts."""
    drawn_pages = _workflows(world)  # first, for the statistics that follow their texts
    return [*_lists(world), *_searches(), *_deleted(), *_groups(world), *_step_1(world), *_plan(world), *_smart(world), *_mailings(world), *drawn_pages]


def _lists(world: seed.Seeded) -> list[Page]:
    contact = _somebody()
    further_on = urlsafe_b64encode(json.dumps(["MOREL ANA", 1]).encode()).decode()
    return [
        Page("contacts", "/contacts/"),
        Page("contacts_further_on", f"/contacts/?after={further_on}"),
        Page("contacts_textable", "/contacts/?sms=yes"),
        Page("contacts_not_textable", "/contacts/?sms=no"),
        Page("contacts_of_a_large_group", f"/contacts/?group={world.groups[0]}"),
        Page("contacts_of_a_small_group", f"/contacts/?group={world.groups[-1]}"),
        Page("contacts_with_a_tag", "/contacts/?tag=choir"),
        Page("contact", f"/contacts/{contact.pk}/"),
        Page("contact_activities", f"/contacts/{contact.pk}/activities/"),
        Page("duplicates", "/contacts/duplicates/"),
        Page("exports", "/contacts/exports/"),
    ]


def _searches() -> list[Page]:
    contact = _somebody()
    number = contact.sms_number or ""
    words = {
        "frequent_name": "lefèvre", "rare_name": "bardit", "first_name": "camille", "two_words": "camille lefevre", "part_of_a_name": "an", "nobody": "zzyzx",
        "email": contact.email, "part_of_an_email": "camille@example", "whole_number": number, "part_of_a_number": number[-6:],
        "beginning_of_numbers": number[:6],
    }  # fmt: skip
    pages = [Page(f"search_{name}", f"/contacts/?{urlencode({'q': q})}", reads_all=name in READ_ALL) for name, q in words.items()]
    return [*pages, Page("search_of_everything", "/search/?q=aubert")]


def _deleted() -> list[Page]:
    somebody = Contact.objects.deleted().filter(sms_number__isnull=False).order_by("id")[100]
    number = (somebody.sms_number or "")[-6:]
    words = {"frequent_name": "lefèvre", "part_of_a_name": "an", "nobody": "zzyzx", "email": "camille@example", "part_of_a_number": number}
    further_on = urlsafe_b64encode(json.dumps([somebody.deleted_at, somebody.pk], default=str).encode()).decode()
    found = [Page(f"deleted_{name}", f"/contacts/deleted/?{urlencode({'q': q})}") for name, q in words.items()]
    return [Page("deleted", "/contacts/deleted/"), Page("deleted_further_on", f"/contacts/deleted/?after={further_on}"), *found]


def _somebody() -> Contact:
    return Contact.objects.filter(deleted_at=None, sms_number__isnull=False).exclude(email="").order_by("id")[500]


def _groups(world: seed.Seeded) -> list[Page]:
    large, middle = world.groups[0], world.groups[10]
    return [
        Page("groups", "/contacts/groups/"),
        Page("group_large", f"/contacts/groups/{large}/"),
        Page("group_middle", f"/contacts/groups/{middle}/"),
        Page("group_search", f"/contacts/groups/{middle}/?q=aubert"),
    ]


def _step_1(world: seed.Seeded) -> list[Page]:
    groups = Group.objects.in_bulk(world.groups)
    include, exclude = world.groups[4:7], world.groups[7:9]
    draft = mailings.create(None, "Draft", include=[groups[pk] for pk in include], exclude=[groups[pk] for pk in exclude])
    counts: dict[str, dict[str, Any]] = {
        "3_less_2": {"include": include, "exclude": exclude}, "largest": {"include": world.groups[:1]}, "small": {"include": world.groups[-1:]},
        "earlier_mailing": {"include": [f"m{world.mailings[-1]}"], "exclude": world.groups[10:11]},
    }  # fmt: skip
    return [
        Page("step_1_empty", "/sms/mailings/new/"),
        Page("step_1", f"/sms/mailings/{draft.pk}/recipients/"),
        *(Page(f"count_{name}", f"/sms/mailings/count/?{urlencode(sides, doseq=True)}", is_count=True) for name, sides in counts.items()),
    ]


def _plan(world: seed.Seeded) -> list[Page]:
    """Step 3 of a mailing to the largest group, really prepared, and what its numbers lead to."""
    provider, largest = Provider.objects.get(pk=world.provider), Group.objects.get(pk=world.groups[0])
    draft = mailings.create(None, "Plan", include=[largest])
    texts = Texts("Hello {contact.first_name}, see you on Thursday. STOP 36111")
    draft = mailings.save_content(draft, by=None, version=draft.version, provider=provider, sender=provider.senders[0], texts=texts)
    prepare(mailings.prepare(draft, None).pk)
    ready = f"/sms/mailings/{draft.pk}/"
    return [
        Page("plan", f"{ready}plan/"), Page("plan_times", f"{ready}plan/times/?when=now&version=0", is_count=True), Page("mailing_prepared", ready),
        Page("plan_country", f"{ready}messages/?country=FR"), Page("plan_segments", f"{ready}messages/?segments=1"),
    ]  # fmt: skip


def _smart(world: seed.Seeded) -> list[Page]:
    trees: dict[str, Any] = {
        "few": {"all": [{"q": "language", "test": "is", "value": ["fr"]}, {"q": "birthday", "test": "coming", "value": 7}]},
        "many": {"all": [{"q": "language", "test": "is", "value": ["fr"]}]},
        "group": {"all": [{"q": "group", "test": "any", "value": world.groups[20:21]}, {"q": "textable", "test": "is", "value": True}]},
    }
    either = {"any": [{"q": "birthday", "test": "coming", "value": 7}, {"q": "texted", "test": "within", "value": 30}]}
    old_members = {"all": [{"q": "age", "test": "at_least", "value": 70}, {"q": "group", "test": "any", "value": world.groups[30:31]}]}
    dear = {
        "either": either,
        "nested": {"all": [*trees["many"]["all"], {"any": [either, old_members]}]},
        "neither": {"none": [{"q": "texted", "test": "ever"}, {"q": "replied", "test": "ever"}]},
        "custom_range": {"all": [{"q": "custom.points", "test": "between", "value": ["4990", "4999"]}]},
    }
    shown = [Page(f"smart_{name}", f"/contacts/search/?rules={pack(tree)}", reads_all=name in READ_ALL) for name, tree in {**trees, **dear}.items()]
    counted = [Page(f"smart_count_{name}", "/contacts/search/count/", is_count=True, post=_builder(tree)) for name, tree in trees.items()]
    return [*shown, *counted]


def _builder(tree: Any) -> dict[str, Any]:
    """What the builder posts for these rules, which stand side by side."""
    draft = Draft.of(tree, Catalogue())
    data: dict[str, Any] = {"how-1": "all", "node": []}
    for rule in [node for node in draft.nodes() if isinstance(node, DraftRule)]:
        comparison = draft.comparison(rule)
        assert comparison
        data["node"].append(f"r{rule.id}.1")
        data |= {f"q-{rule.id}": rule.question, f"test-{rule.id}": rule.test, f"w-{rule.id}": signature(rule.question, comparison), f"v-{rule.id}": rule.fields}
    return data


def _mailings(world: seed.Seeded) -> list[Page]:
    old, new = world.mailings[0], world.mailings[-1]
    season = campaigns.create("Season")
    Mailing.objects.filter(id__in=world.mailings).update(campaign=season)
    return [
        Page("mailings", "/sms/mailings/"),
        Page("mailing", f"/sms/mailings/{old}/"),
        Page("campaigns", "/sms/campaigns/"),
        Page("campaign", f"/sms/campaigns/{season.pk}/"),
        Page("mailing_recipients", f"/sms/mailings/{new}/messages/"),
        Page("mailing_left_out", f"/sms/mailings/{new}/left-out/"),
        Page("unknown_texts", "/sms/unknown/"),
    ]


def _workflows(world: seed.Seeded) -> list[Page]:
    workflow, content = drawn.make_birthdays()
    stage.quiet_start()  # so many texts are news to the planner
    found = drawn.paths(workflow, content, drawn.make_large(world.groups[-1]))
    return [Page(name, path, is_count=name == "sms_causes") for name, path in found.items()]  # causes are counted from the texts, up to a limit


def signed_in() -> Client:
    """A client of somebody who may see all of these pages."""
    sync_roles()
    user = get_user_model().objects.get_or_create(username="measuring", defaults={"email": "measuring@example.org"})[0]
    user.groups.add(Role.objects.get(name__iexact="administrator"))
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def ask(client: Client, page: Page) -> None:
    """Ask for it, for a count as a script would; anything but a page is a fault."""
    headers = {"HX-Request": "true"} if page.is_count else {}
    answer = client.get(page.path, headers=headers) if page.post is None else client.post(page.path, page.post, headers=headers)
    if answer.status_code != 200:
        raise RuntimeError(f"{page.path} answers {answer.status_code}")


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of one page, by the clock and of processor time in this process and its database session; nothing: those of an empty page."""

    taken: float
    busy: float
    nothing: float


def times(client: Client, page: Page, rounds: int = ROUNDS) -> Times:
    """Medians of some rounds, the first two left out, in each of which an empty page is asked for too: what else the machine does weighs on both."""
    taken: list[tuple[float, float]] = []
    beside: list[float] = []
    for _round in range(rounds + 2):
        beside.append(_clocked(client, EMPTY)[0])
        taken.append(_clocked(client, page))
    by_clock, busy = zip(*taken[2:], strict=True)
    return Times(median(by_clock), median(busy), median(beside[2:]))


def _clocked(client: Client, page: Page) -> tuple[float, float]:
    began, worked, session = time.perf_counter(), time.process_time(), stage.processor_time()
    ask(client, page)
    return 1000 * (time.perf_counter() - began), 1000 * (time.process_time() - worked + stage.processor_time() - session)


def faults(client: Client, page: Page) -> list[str]:
    """What the database must not do for a page: go through a large table."""
    with plans.watched() as watch:
        ask(client, page)
    if page.is_count:
        return []
    return [f"{page.name} reads {scan.how}: {scan.sql[:600]}" for scan in watch.scans if not (page.reads_all and scan.index)]


def run(size: int = SIZE) -> Result:
    """Milliseconds of each page; the ratios are against the page that shows nothing. Fails when a page scans a large table."""
    result = Result("pages", notes=[f"{size:,} people; milliseconds, median of {ROUNDS}; _busy: processor time of server and database session"])
    wrong: list[str] = []
    with stage.scratch_database():
        world = seed.fill(seed.Size(size))
        stage.quiet_start()
        client = signed_in()
        for page in pages(world):
            found = times(client, page)
            result.figures |= {page.name: found.taken, f"{page.name}_busy": found.busy}
            result.ratios[f"{page.name}_vs_nothing"] = found.taken / found.nothing
            result.notes += [f"longer than {page.longest:.0f} ms: {page.name}, {found.taken:.0f} ms"] if found.taken > page.longest else []
            wrong += faults(client, page)
    if wrong:
        raise CommandError("\n".join(["Pages go through whole tables:", *wrong]))
    return result
