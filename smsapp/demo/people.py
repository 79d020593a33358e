"""Plausible people with numbers that belong to nobody, in six groups."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

from django.utils import timezone

from contacts.models import Contact, Group, Membership, PhoneNumber
from contacts.services import numbers

FIRST = {
    "FR": "Camille Léa Manon Chloé Inès Jade Louise Alice Anaïs Noémie Hugo Lucas Nathan Théo Jules Gabriel Arthur Raphaël Zoé Éloïse François Benoît",
    "GB": "Imogen Olivia Amelia Isla Freya Harriet Priya Aisha Oliver George Felix Alfie Rory Callum Theodore Hugh Eleanor Beatrice Edward Rohan",
    "US": "Emma Ava Sophia Madison Harper Grace Ella Liam Noah Mason Ethan Logan Caleb Wyatt Hazel Ruby Marcus Darius Sofia Diego",
    "TN": "Amina Rania Hela Yasmine Mariem Salma Ines Nour Anis Yassine Mehdi Karim Sami Walid Fares Aymen Skander Zied Amira Sirine",
}
LAST = {
    "FR": "Aubert Marchand Perrin Morel Fontaine Lefèvre Girard Renaud Blanchard Chevalier Dupuis Guérin Barbier Lacroix Noël Besson Collet Tessier",
    "GB": "Barrett Marlow Langdon Hartley Ashworth Whitcombe Pemberton Okafor Sinclair Bramley Thornton Everett Holloway Kingsley Radcliffe Patel",
    "US": "Sullivan Ramirez Bennett Coleman Brooks Fletcher Hayes Jennings Moreno Parker Reyes Sanders Turner Vasquez Whitaker Nguyen",
    "TN": "Trabelsi Khelifi Ayari Mansour Gharbi Jaziri Hamdi Bouazizi Chebbi Sassi Mejri Karoui Dridi Zouari Ferchichi",
}
BORN = date(1940, 1, 1).toordinal(), date(2006, 12, 31).toordinal()
AREAS_US = ("212", "415", "312", "206", "617", "303", "512", "404")
SHARE = {"FR": 0.5, "GB": 0.2, "US": 0.15, "TN": 0.15}
GROUPS = {
    "Newsletter": 0.55,
    "Friends of the house": 0.3,
    "Members": 0.25,
    "Choir": 0.05,
    "Volunteers": 0.08,
    "Staff": 0.02,
}


# Endings that the simulated gateway answers with trouble. A demonstration keeps a few harmless ones: not a mobile, out of
# reach, not in service, a reply. One that refuses our credentials would pause the lane before anybody has seen a text go.
TROUBLE = frozenset(f"{ending:04d}" for ending in range(150, 175)) - {"0152", "0164", "0165", "0168"}


def demo_numbers(country: str) -> Iterator[str]:
    """Fictional mobiles of a country that give no trouble."""
    return (number for number in fictional_numbers(country) if number[-4:] not in TROUBLE)


def fictional_numbers(country: str) -> Iterator[str]:
    """Mobile numbers of a country from its range for examples, see smsapp.common.phone."""
    if country == "FR":
        yield from (f"+3363998{n:04d}" for n in range(10_000))
    if country == "GB":
        yield from (f"+447700900{n:03d}" for n in range(1_000))
    if country == "US":
        yield from (f"+1{area}55501{n:02d}" for n in range(100) for area in AREAS_US)
    if country == "TN":
        yield from (f"+216499{n:05d}" for n in range(1_000))


def make_people(amount: int = 2_000, *, seed: int = 7) -> list[Group]:
    """Make the contacts and their groups; the same every time."""
    dice = random.Random(seed)
    supply = {country: demo_numbers(country) for country in SHARE}
    countries = dice.choices(list(SHARE), weights=list(SHARE.values()), k=amount)
    for_long = timezone.now() - timedelta(days=400)  # longer than the mailing of the demonstration
    people = Contact.objects.bulk_create([_person(dice, country, index) for index, country in enumerate(countries)])
    Contact.objects.update(created_at=for_long)
    rows = [row for person, country in zip(people, countries, strict=True) for row in _numbers(dice, person, country, supply)]
    PhoneNumber.objects.bulk_create(rows)
    numbers.refresh([person.pk for person in people])
    return _groups(dice, people)


def _person(dice: random.Random, country: str, index: int) -> Contact:
    first, last = dice.choice(FIRST[country].split()), dice.choice(LAST[country].split())
    return Contact(
        first_name=first,
        last_name=last,
        email=f"{_plain(first)}.{_plain(last)}.{index}@example.org" if dice.random() < 0.8 else "",
        language="fr" if country in ("FR", "TN") else "en",
        birth_date=date.fromordinal(dice.randint(*BORN)) if dice.random() < 0.7 else None,
        external_id=f"M{10_000 + index}",
        do_not_sms=dice.random() < 0.01,
        opted_out=dice.random() < 0.03,
        deceased=dice.random() < 0.003,
    )


def _plain(name: str) -> str:
    return name.lower().translate(str.maketrans("éèëïîçô", "eeeiico"))


def _numbers(dice: random.Random, person: Contact, country: str, supply: dict[str, Iterator[str]]) -> Iterator[PhoneNumber]:
    chance = dice.random()
    if chance < 0.02:
        return
    if country == "FR" and chance < 0.06:  # a landline only
        yield numbers.new_row(person, f"+3346571{dice.randint(0, 9999):04d}", "landline", primary=True)
        return
    yield numbers.new_row(person, next(supply[country]), "mobile", primary=True)


def _groups(dice: random.Random, people: list[Contact]) -> list[Group]:
    groups = [Group.objects.get_or_create(name=name)[0] for name in GROUPS]
    for group in groups:
        members = [person for person in people if dice.random() < GROUPS[group.name]]
        Membership.objects.bulk_create([Membership(group=group, contact=person) for person in members], ignore_conflicts=True)
    _set_back_memberships(groups[0])
    return groups


def _set_back_memberships(lively: Group) -> None:
    """Members since long; in one group somebody joined on each of the last days."""
    now = timezone.now()
    Membership.objects.update(added_at=now - timedelta(days=400))
    for days, member in enumerate(Membership.objects.filter(group=lively).order_by("-contact")[:9], start=1):
        Membership.objects.filter(pk=member.pk).update(added_at=now - timedelta(days=days))
