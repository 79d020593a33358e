"""Which way a text takes, as plain rules: a table of examples."""

import pytest

from campaigns.routing import Gateway, Rule, Table, Via, facts_of

HERE, WORLD, SPARE = 1, 2, 3
CHOSEN = Via(HERE, "36111")


def gateways(**changes):
    found = {
        HERE: Gateway(HERE, "Here", ("36111", "RIVERSIDE")),
        WORLD: Gateway(WORLD, "World", ("+15550100", "+15550101"), frozenset({"US", "CA"}), 3),
        SPARE: Gateway(SPARE, "Spare", ()),
    }
    return {**found, **{gateway.id: gateway for gateway in changes.values()}}


def table(*rules, **changes):
    return Table([Rule(number, **rule) for number, rule in enumerate(rules, 1)], gateways(**changes))


def way(rules, kind="mailing", country="FR", **more):
    found = rules.way(kind, country, CHOSEN, **more)
    return found.provider, found.sender, found.rule.number if found.rule else None


@pytest.mark.parametrize(("rules", "asked", "expected"), [
    ([], {}, (HERE, "36111", None)),
    ([{"provider": WORLD, "countries": frozenset({"US"})}], {"country": "US"}, (WORLD, "+15550100", 1)),
    ([{"provider": WORLD, "countries": frozenset({"US"})}], {"country": "FR"}, (HERE, "36111", None)),
    ([{"provider": WORLD}], {"country": "FR"}, (HERE, "36111", None)),  # it may not text that country
    ([{"provider": WORLD}], {"country": ""}, (HERE, "36111", None)),
    ([{"provider": SPARE, "kinds": frozenset({"test"})}], {"kind": "test"}, (SPARE, "", 1)),
    ([{"provider": SPARE, "kinds": frozenset({"test"})}], {"kind": "one_off"}, (HERE, "36111", None)),
    ([{"provider": WORLD, "sender": "+15550101"}], {"country": "CA"}, (WORLD, "+15550101", 1)),
    ([{"provider": WORLD, "sender": "+19"}], {"country": "CA"}, (WORLD, "+15550100", 1)),  # no longer there
    ([{"provider": SPARE, "sender": "ANY"}], {}, (SPARE, "ANY", 1)),  # the gateway chooses, or takes what it is given
    ([{"provider": WORLD}, {"provider": SPARE}], {"country": "FR"}, (SPARE, "", 2)),
    ([{"provider": WORLD}, {"provider": SPARE}], {"country": "US", "segments": 4}, (SPARE, "", 2)),
    ([{"provider": 99}, {"provider": SPARE}], {}, (SPARE, "", 2)),  # one that is switched off
    ([{"provider": None, "keep_sender": True}], {}, (HERE, "36111", 1)),
    ([{"provider": None, "keep_sender": True}], {"last": Via(HERE, "RIVERSIDE")}, (HERE, "RIVERSIDE", 1)),
    ([{"provider": None, "keep_sender": True}], {"last": Via(HERE, "GONE")}, (HERE, "36111", 1)),
    ([{"provider": None, "keep_sender": True}], {"last": Via(WORLD, "+15550101")}, (HERE, "36111", 1)),
    ([{"provider": WORLD, "keep_sender": True, "sender": "+15550100"}], {"country": "US", "last": Via(WORLD, "+15550101")}, (WORLD, "+15550101", 1)),
])  # fmt: skip
def test_the_first_rule_that_can_be_followed_decides(rules, asked, expected):
    assert way(table(*rules), **asked) == expected


def test_a_lane_that_runs_goes_before_one_that_is_paused():
    paused = Gateway(WORLD, "World", ("+15550100",), paused=True)
    rules = table({"provider": WORLD}, {"provider": SPARE}, world=paused)
    assert way(rules) == (SPARE, "", 2)
    assert rules.way("mailing", "FR", CHOSEN).passed_by == ("World",)
    assert way(table({"provider": WORLD}, world=paused)) == (WORLD, "+15550100", 1)  # then it waits there


def test_where_a_text_goes_on():
    rules = table({"provider": HERE}, {"provider": WORLD}, {"provider": SPARE})
    assert rules.next_way("mailing", "US", tried={HERE}).provider == WORLD
    assert rules.next_way("mailing", "FR", tried={HERE}).provider == SPARE
    assert rules.next_way("mailing", "FR", tried={HERE, SPARE}) is None
    assert table().next_way("mailing", "FR", tried=set()) is None
    assert table({"provider": None, "keep_sender": True}).next_way("mailing", "FR", tried=set()) is None
    paused = table({"provider": SPARE}, spare=Gateway(SPARE, "Spare", paused=True))
    assert paused.next_way("mailing", "FR", tried={HERE}) is None


def test_why_is_kept_as_the_rule_was():
    found = table({"provider": WORLD, "countries": frozenset({"US", "CA"}), "kinds": frozenset({"mailing"})}).way("mailing", "US", CHOSEN)
    assert facts_of(found) == {"rule": 1, "countries": ["CA", "US"], "kinds": ["mailing"], "kept": False, "passed_by": [], "earlier": []}
