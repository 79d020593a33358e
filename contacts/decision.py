"""Why a contact may be texted, or not: the rules in their order, with what they were decided on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contacts import blocks, eligibility, explanations, ledger, slots
from contacts.eligibility_rules import Number, Person, World, reasons, texted_number
from contacts.models import Contact, PhoneNumber
from contacts.services import number_policy
from contacts.services.consent import FLAGS
from contacts.services.numbers import Policy

# then what upper apps hold back
ORDER = ("deleted", "deceased", "no_number", "not_mobile", "invalid_number", "do_not_sms", "opted_out", "suppressed", "quarantined")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule and what it says of this contact."""

    code: str
    applies: bool
    decides: tuple[str, ...] = ()  # "marketing", "one_off": where it is the first that applies
    held: Sequence[blocks.Line] = ()  # entries of the number that hold
    entry: Any = None  # the consent entry that says since when
    numbers: Sequence[PhoneNumber] = ()  # those that the rule found unfit

    @property
    def label(self) -> Any:
        """Its short name."""
        return eligibility.LABELS[self.code]

    @property
    def meaning(self) -> Any:
        """In a sentence."""
        return explanations.meaning(self.code)

    @property
    def remedy(self) -> Any:
        """What to do; a number's entry knows it more exactly."""
        if self.code == "suppressed" and self.held:
            return self.held[0].way_out
        return explanations.remedy(self.code)

    @property
    def marketing_only(self) -> bool:
        """Asked for marketing only."""
        return self.code == "opted_out" or self.code in slots.marketing_holds.names()


@dataclass(frozen=True, slots=True)
class Decision:
    """Both answers, and how they came about."""

    number: str  # that a text would go to; empty without one
    marketing: str | None  # the deciding reason; None: may be texted
    one_off: str | None
    rules: Sequence[Rule]
    past: Sequence[blocks.Line]  # all that ever blocked one of the numbers
    in_force: bool = True  # False while a new choice of number types is being applied: lists and counts may lag behind this page


def explain(contact: Contact) -> Decision:
    """The decision of this moment, with every rule."""
    rows, policy = list(contact.numbers.order_by("id")), Policy.chosen()
    past = blocks.history_of([row.number for row in rows])
    held = [line for line in past if line.active]
    theirs = [row.number for row in rows]
    holds = {code: hold.among(theirs) for code, hold in slots.marketing_holds.items()}
    world = World(policy.kinds, policy.ranges, _numbers(held, blocks.SUPPRESSIONS), _numbers(held, blocks.QUARANTINE), held=holds)
    person = person_of(contact, rows)
    texted = texted_number(person, world)
    found = {name: reasons(person, world, marketing=name == "marketing") for name in ("marketing", "one_off")}
    first = {name: next(iter(codes), None) for name, codes in found.items()}
    evidence = _evidence(contact, rows, [line for line in held if texted and line.entry.number == texted.number], policy)
    facts = {code: evidence.get(code, {}) for code in found["marketing"]}  # marketing asks every rule
    rules = [Rule(code, code in facts, tuple(name for name in first if first[name] == code), **facts.get(code, {})) for code in (*ORDER, *holds)]
    return Decision(texted.number if texted else "", first["marketing"], first["one_off"], rules, past, number_policy.state().in_force)


def person_of(contact: Contact, rows: Sequence[PhoneNumber]) -> Person:
    """The contact as plain facts; `rows` are its numbers in the order of their ids."""
    return Person(
        numbers=[Number(row.number, row.kind, row.line, row.country, row.is_primary) for row in rows],
        deleted=contact.deleted_at is not None,
        deceased=contact.deceased,
        do_not_sms=contact.do_not_sms,
        opted_out=contact.opted_out,
    )


def _numbers(lines: Sequence[blocks.Line], register: blocks.Register) -> frozenset[str]:
    return frozenset(line.entry.number for line in lines if line.register is register)


def _evidence(contact: Contact, rows: Sequence[PhoneNumber], held: Sequence[blocks.Line], policy: Policy) -> dict[str, dict[str, Any]]:
    """What each rule was decided on: since when, by whom, which number."""
    unfit = [row for row in rows if not policy.allows(row.number, row.kind, row.line)]
    consent = {FLAGS[state.scope]: {"entry": state.entry} for state in ledger.states_of(contact)}
    return {
        "not_mobile": {"numbers": unfit},
        "invalid_number": {"numbers": [row for row in unfit if row.line == "unknown"]},
        "suppressed": {"held": [line for line in held if line.register is blocks.SUPPRESSIONS]},
        "quarantined": {"held": [line for line in held if line.register is blocks.QUARANTINE]},
        **consent,
    }
