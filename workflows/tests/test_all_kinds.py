"""One run through every kind of step, real texts included: the figures that people see are those of Python's own sets."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.services import made
from campaigns.tests.factories import fictional, make_provider, make_template
from contacts.models import Contact
from contacts.tests.factories import make_contact, make_group
from workflows.engine import start
from workflows.steps import registry
from workflows.tests.factories import drawn, make_workflow, query
from workflows.tests.working import work
from workflows.views.signals import address

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("short_slices")]
ROW = re.compile(r'<tr><th scope="row"[^>]*>(.*?)</th><td[^>]*>(.*?)</td><td[^>]*>(.*?)</td></tr>', re.DOTALL)


def ids(people):
    return {one.pk for one in people}


@pytest.fixture
def people():
    """Forty: every second one is called Ana, every fifth shares an e-mail with the one before, every seventh wants no texts."""
    return [
        make_contact(
            fictional(n), first_name="Ana" if n % 2 else "Ben", last_name=f"No{n:02}", email=f"a{n - 1 if n % 5 == 4 else n}@example.org", do_not_sms=n % 7 == 0
        )
        for n in range(40)
    ]  # fmt: skip


def figures(client, workflow):
    """{step and exit: people} of the page of its only run."""
    page = client.get(reverse("workflows:run", args=[workflow.pk, 1])).content.decode()
    return {tuple(re.sub(r"<[^>]*>", "", cell).strip() for cell in row[:2]): re.sub(r"<[^>]*>", "", row[2]).strip() for row in ROW.findall(page)}


def test_a_run_through_all_kinds_of_steps_has_the_figures_of_pythons_sets(people, user_for, client_for, gateway, clock):
    clock.set(datetime(2027, 3, 1, 10, 0, tzinfo=ZoneInfo("Europe/Paris")))
    make_provider()
    marketer = user_for("marketer")
    first, few, ours, saved = make_group(*people[:30]), make_group(*people[5:9]), make_group(*people[10:16]), make_group()
    content = made.keep_content("Hello", marketer, template=make_template("Hello {contact.first_name}"))
    segments = [
        {"name": "part1", "label": "ours", "rules": {"all": [{"q": "group", "test": "any", "value": [ours.pk]}]}},
        {"name": "part2", "label": "share", "percent": 20, "order": "name"},
        {"name": "part3", "label": "last", "group": first.pk, "limit": 4, "order": "last"},
        {"name": "part4", "label": "drawn", "limit": 3, "order": "random"},
    ]
    graph = drawn(
        {
            "s1": ("external_signal", {"by": "api"}), "s2": query(q="last_name", test="filled"), "s3": ("read_group", {"group": first.pk}),
            "s4": ("intersection", {}), "s5": ("fork", {"ways": 2}), "s6": ("read_group", {"group": few.pk}), "s7": ("exclusion", {}),
            "s8": ("segmentation", {"segments": segments}), "s9": ("union", {}), "s10": ("deduplication", {"by": "email"}), "s11": ("end", {}),
            "s12": ("incremental_query", {"rules": {"all": [{"q": "first_name", "test": "is", "value": "Ana"}]}}), "s13": ("and_join", {}),
            "s14": ("test", {"figure": "people", "test": "least", "number": 20}), "s15": ("save_group", {"how": "add", "group": saved.pk}),
            "s16": ("wait", {"amount": 2, "unit": "hours"}), "s17": ("sms", {"content": content.pk, "how": "single", "afterwards": "texted", "confirm": False}),
            "s18": ("end", {}),
        },
        "s1 s2", "s2 s4", "s3 s4", "s4 s5", "s5.way1 s7.main", "s6 s7.minus", "s7 s8", "s8.part1 s9", "s8.part2 s9", "s8.part3 s9", "s9 s10", "s10.doubles s11",
        "s10 s13", "s5.way2 s12", "s12 s13", "s13 s14", "s14.yes s15", "s15 s16", "s16 s17", "s17 s18",
    )  # fmt: skip
    named = graph
    for node in graph.steps.values():
        named = named.with_step(type(node)(node.id, node.kind, f"{node.id} {node.kind}", node.options))
    assert {node.kind for node in graph.steps.values()} == registry.kinds().keys() - {"scheduler"}, "a signal begins this one"
    workflow = start.start(make_workflow(named, marketer), marketer)
    assert Client().post(address(workflow.pk, "s1")).json() == {"run": 1}
    work()
    start.run_now(workflow, "s16", marketer)
    work()

    both = ids(people) & ids(people[:30])
    taken, left = both & ids(people[5:9]), both - ids(people[5:9])
    in_order = [one for one in people if one.pk in left]
    part1 = left & ids(people[10:16])
    part2 = ids([one for one in in_order if one.pk not in part1][: len(left) * 20 // 100])
    part3 = ids([one for one in in_order if one.pk not in part1 | part2][-4:])
    joined = part1 | part2 | part3
    seen, kept = set(), set()
    for one in people:
        if one.pk in joined and one.email not in seen:
            seen.add(one.email)
            kept.add(one.pk)
    anas = {one.pk for one in people if one.first_name == "Ana"}
    everybody = kept | anas
    texted = {one.pk for one in people if one.pk in everybody and not one.do_not_sms}
    assert len(everybody) >= 20 and joined - kept and everybody - texted, "each step has something to do"
    expected = {
        ("s1 external_signal", "Goes on"): "without people", ("s2 query", "Goes on"): 40, ("s3 read_group", "Goes on"): 30,
        ("s4 intersection", "Goes on"): len(both), ("s5 fork", "way 1"): len(both), ("s5 fork", "way 2"): len(both), ("s6 read_group", "Goes on"): 4,
        ("s7 exclusion", "Goes on"): len(left), ("s7 exclusion", "taken out"): len(taken), ("s8 segmentation", "ours"): len(part1),
        ("s8 segmentation", "share"): len(part2), ("s8 segmentation", "last"): len(part3), ("s8 segmentation", "drawn"): 3,
        ("s8 segmentation", "rest"): len(left - joined) - 3, ("s9 union", "Goes on"): len(joined), ("s10 deduplication", "Goes on"): len(kept),
        ("s10 deduplication", "doubles"): len(joined - kept), ("s12 incremental_query", "Goes on"): len(anas), ("s13 and_join", "Goes on"): len(everybody),
        ("s14 test", "yes"): len(everybody), ("s14 test", "no"): "nobody", ("s15 save_group", "Goes on"): len(everybody),
        ("s16 wait", "Goes on"): len(everybody), ("s17 sms", "Goes on"): len(texted),
    }  # fmt: skip
    client = client_for("marketer")
    assert figures(client, workflow) == {where: str(figure) for where, figure in expected.items()}
    canvas = client.get(reverse("workflows:canvas", args=[workflow.pk])).content.decode()
    assert f"{len(kept) + len(anas)} in, by 2 links" in canvas and f"{len(left)} people in" in canvas
    assert set(saved.memberships.values_list("contact", flat=True)) == everybody
    assert set(gateway.calls) == set(Contact.objects.filter(pk__in=texted).values_list("sms_number", flat=True)) and set(gateway.calls.values()) == {1}
