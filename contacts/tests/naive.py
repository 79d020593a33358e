"""A naive reading of search rules over generated people, to hold the quick ways against."""

from calendar import isleap
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from contacts import eligibility
from contacts.models import Activity, ConsentEntry, Contact, CustomField, Suppression
from contacts.tests.factories import add_number, make_contact, make_group

ZONE = ZoneInfo("Europe/Paris")
MOMENTS = [  # an ordinary day, the end of February in an ordinary and in a leap year, the end of the year, just after midnight in Paris
    datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    datetime(2027, 2, 28, 12, 0, tzinfo=UTC),
    datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
    datetime(2026, 12, 29, 12, 0, tzinfo=UTC),
    datetime(2026, 7, 1, 22, 30, tzinfo=UTC),
]
WORDS = ["Anne", "ÉLODIE", "elodie", "Le Goff", "Straße", "O’Neil", "Zoë", "x%", "a_b", "", ""]
NUMBERS = [("+33639980001", "mobile"), ("+447700900123", "mobile"), ("+33465712210", "landline"), ("+12025550123", "mobile"), ("+33639980002", "mobile")]
TAGS = ["board", "choir", "press"]
BIRTHS = [None, date(1990, 2, 28), date(1988, 2, 29), date(2008, 2, 29), date(2001, 3, 1), date(1985, 12, 30), date(1990, 1, 3), date(1961, 11, 23), date(2008, 11, 24)]


class World:
    """Forty people of all sorts, and what is remembered of each in plain Python."""

    def __init__(self, dice, now):
        self.dice, self.now, self.today = dice, now, now.astimezone(ZONE).date()
        self.fields = [CustomField.objects.create(key=f"a_{kind}", label=kind, type=kind, choices=["gold", "silver"]) for kind in CustomField.Type.values]
        self.groups = [make_group() for _n in range(3)]
        Suppression.objects.create(number="+33639980002", reason="stop")
        self.people = [self.person() for _n in range(40)]
        for loser in self.people[:5]:
            self.merge(loser, dice.choice(self.people[5:]))
        reasons = eligibility.judge(Contact.objects.all(), marketing=True).values_list("id", "reason")
        one_off = dict(eligibility.judge(Contact.objects.all(), marketing=False).values_list("id", "reason"))
        for id_, reason in reasons:
            self.of(id_).update(reason=reason, one_off=one_off[id_])

    def of(self, id_):
        return next(person for person in self.people if person["id"] == id_)

    def person(self):
        dice = self.dice
        facts = {
            "first_name": dice.choice(WORDS), "last_name": dice.choice(WORDS), "organisation": dice.choice(WORDS), "birth_date": dice.choice(BIRTHS),
            "email": dice.choice(["", "ann@example.org", "Zoe.B@Example.org"]), "language": dice.choice(["", "en", "fr"]),
            "deceased": dice.random() < 0.1, "opted_out": dice.random() < 0.3, "do_not_sms": dice.random() < 0.2,
            "tags": sorted(dice.sample(TAGS, dice.randrange(4))), "custom": self.custom(),
        }  # fmt: skip
        contact = make_contact(None, **facts, external_id=dice.choice(["", f"M-{dice.random()}"]))
        moments = {name: self.now - timedelta(days=dice.choice([0, 1, 6, 7, 8, 40]), hours=dice.randrange(24)) for name in ("created_at", "updated_at")}
        facts |= moments | {"id": contact.pk, "alive": True, "external_id": contact.external_id, "activities": [], "consents": []}
        facts["numbers"] = [add_number(contact, *pair[:1], kind=pair[1]) for pair in dice.sample(NUMBERS, dice.randrange(3))]
        facts["groups"] = {group.pk for group in self.groups if dice.random() < 0.4}
        facts["joined"] = {group: self.now - timedelta(days=dice.choice([0, 1, 7, 8, 40]), hours=dice.randrange(24)) for group in facts["groups"]}
        for group, at in facts["joined"].items():
            contact.memberships.create(group_id=group)
            contact.memberships.filter(group_id=group).update(added_at=at)
        for _n in range(dice.randrange(3)):
            self.happened(facts)
        Contact.objects.filter(pk=contact.pk).update(**moments)
        return facts

    def custom(self):
        values = {"a_text": WORDS[:5], "a_number": [-1, 0, 2.5, 100], "a_date": ["2026-11-20", "2026-11-23", "2026-11-30", "2026-12-30", "1999-01-01"], "a_choice": ["gold", "lead"], "a_yes_no": [True, False]}
        return {key: self.dice.choice(some) for key, some in values.items() if self.dice.random() < 0.6}

    def happened(self, facts):
        at = self.now - timedelta(days=self.dice.choice([0, 1, 7, 8, 40]), hours=self.dice.randrange(24))
        if self.dice.random() < 0.6:
            kind, subject = self.dice.choice([("sms_sent", "x"), ("sms_received", "x"), ("call", "x"), ("change", "imported"), ("change", "edited")])
            Activity.objects.create(contact_id=facts["id"], kind=kind, subject=subject, at=at)
            facts["activities"].append((kind, subject, at))
        else:
            event, source = self.dice.choice(["opt_in", "opt_out"]), self.dice.choice(["staff", "import"])
            ConsentEntry.objects.create(contact_id=facts["id"], event=event, source=source, at=at)
            facts["consents"].append((event, source, at))

    def merge(self, loser, winner):
        Contact.objects.filter(pk=loser["id"]).update(merged_into=winner["id"], deleted_at=self.now)
        loser["alive"] = False
        winner["activities"] = winner["activities"] + loser["activities"]
        winner["consents"] = winner["consents"] + loser["consents"]


def plain(text):
    for letters, one in [("ÉÈË", "E"), ("éèë", "E"), ("ßẞ", "SS"), ("’", "'")]:
        for letter in letters:
            text = text.replace(letter, one)
    return text.upper()


def text_holds(own, test, value, same=plain):
    if test in ("not", "not_contains", "none", "filled"):
        return not text_holds(own, {"not": "is", "not_contains": "contains", "none": "any", "filled": "empty"}[test], value, same)
    if test == "empty":
        return own == ""
    if own == "":
        return False
    if test == "any":
        return same(own) in map(same, value)
    own, value = same(own), same(value)
    return {"is": own == value, "contains": value in own, "begins": own.startswith(value)}[test]


def days_ago(world, days):
    return datetime.combine(world.today - timedelta(days=days), time(), ZONE)


def in_time(world, moments, test, value):
    if test in ("ever", "never"):
        return bool(moments) is (test == "ever")
    return any(at >= days_ago(world, value) for at in moments) is (test == "within")


def birthday_this_year(born, year):
    return date(year, 2, 28) if (born.month, born.day) == (2, 29) and not isleap(year) else born.replace(year=year)


def age(born, today):
    return today.year - born.year - (birthday_this_year(born, today.year) > today)


def birthday_holds(born, test, value, today):
    if born is None:
        return False
    if test == "month":
        return str(born.month) in value
    celebrated = [birthday_this_year(born, year) for year in (today.year - 1, today.year, today.year + 1)]
    if test == "on":
        return (born.month, born.day) == (int(value[:2]), int(value[3:])) or f"{celebrated[1]:%m-%d}" == value
    span = timedelta(days=value or 0)
    first, last = (today - span, today) if test == "within" else (today, today + span)
    return any(first <= day <= last for day in celebrated)


def holds(world, person, question, test, value):
    """The naive reading."""
    if question in ("first_name", "last_name", "organisation"):
        return text_holds(person[question], test, value)
    if question == "email":
        return text_holds(person["email"], test, value, str.upper)
    if question == "external_id":
        return text_holds(person["external_id"], test, value, str)
    if question == "language":
        return {"empty": not person["language"], "filled": bool(person["language"])}.get(test, (person["language"] in (value or [])) is (test == "is"))
    if question == "tags":
        own, wanted = set(person["tags"]), set(value or [])
        return {"any": bool(own & wanted), "none": not own & wanted, "all": own >= wanted, "empty": not own, "filled": bool(own)}[test]
    if question in ("deceased", "opted_out", "do_not_sms"):
        return person[question] is value
    if question == "has_number":
        return bool(person["numbers"]) is value
    if question == "number":
        found = any(number.number[1:].startswith(value) if test == "begins" else value in number.number for number in person["numbers"])
        return found is (test != "not_contains")
    if question in ("number_country", "number_kind", "number_line"):
        return any(getattr(number, question[7:]) in value for number in person["numbers"]) is (test == "is")
    if question == "sms_country":
        own = next((number.country for number in person["numbers"] if number.kind == "mobile"), "")
        return {"is": own in (value or []), "not": own not in (value or []), "empty": own == "", "filled": own != ""}[test]
    if question in ("textable", "textable_one_off"):
        return (person["reason" if question == "textable" else "one_off"] is None) is value
    if question == "why_not":
        return (person["reason"] in value) is (test == "is")
    if question == "group":
        if test == "joined":
            return any(group in value["rows"] and at >= days_ago(world, value["days"]) for group, at in person["joined"].items())
        own, wanted = person["groups"], set(value)
        return {"any": bool(own & wanted), "none": not own & wanted, "all": own >= wanted}[test]
    if question in ("texted", "replied", "called"):
        kind = {"texted": "sms_sent", "replied": "sms_received", "called": "call"}[question]
        return in_time(world, [at for own, _subject, at in person["activities"] if own == kind], test, value)
    if question == "imported":
        return any((kind, subject) == ("change", "imported") for kind, subject, _at in person["activities"]) is value
    if question in ("opt_in", "opt_out"):
        return in_time(world, [at for event, _source, at in person["consents"] if event == question], test, value)
    if question == "opt_in_source":
        return any(event == "opt_in" and source in value for event, source, _at in person["consents"]) is (test == "is")
    if question in ("created_at", "updated_at"):
        if test in ("within", "not_within"):
            return (person[question] >= days_ago(world, value)) is (test == "within")
        return date_holds(person[question].astimezone(ZONE).date(), test, value)
    if question == "birth_date":
        return date_holds(person["birth_date"], test, value)
    if question == "birthday":
        return birthday_holds(person["birth_date"], test, value, world.today)
    if question == "age":
        years = age(person["birth_date"], world.today) if person["birth_date"] else None
        return years is not None and number_holds(years, test, value)
    return custom_holds(world, person["custom"].get(question.removeprefix("custom.")), question, test, value)


def date_holds(own, test, value):
    if test in ("empty", "filled"):
        return (own is None) is (test == "empty")
    if own is None:
        return False
    own = own.isoformat()
    return {"is": own == value, "before": own < str(value), "after": own > str(value), "between": value[0] <= own <= value[1]}[test]


def number_holds(own, test, value):
    if test == "between":
        return value[0] <= own <= value[1]
    return {"is": own == value, "not": own != value, "at_least": own >= value, "at_most": own <= value}[test]


def custom_holds(world, own, question, test, value):
    if test in ("empty", "filled"):
        return (own is None) is (test == "empty")
    if own is None:
        return test in ("not", "none", "not_contains", "not_within")
    if question == "custom.a_text":
        return text_holds(own, test, value)
    if question == "custom.a_number":
        return number_holds(own, test, value)
    if question == "custom.a_date":
        span = timedelta(days=value) if test in ("within", "coming") else timedelta()
        if test in ("within", "coming"):
            first, last = (world.today - span, world.today) if test == "within" else (world.today, world.today + span)
            return first.isoformat() <= own <= last.isoformat()
        if test in ("ahead", "ago"):
            return own == (world.today + timedelta(days=value if test == "ahead" else -value)).isoformat()
        return date_holds(date.fromisoformat(own), test, value)
    if question == "custom.a_choice":
        return (own in value) is (test == "is")
    return own is value
