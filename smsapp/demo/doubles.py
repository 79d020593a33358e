"""A few of the made-up people twice, as it happens to everybody: something for the page of duplicates to find."""

from contacts.models import Contact

AMOUNT = 6


def make_doubles() -> None:
    """The last people become the first ones under other numbers: same e-mail or birth date, the name written in capitals."""
    first = list(Contact.objects.exclude(email="").filter(birth_date__isnull=False).order_by("id")[:AMOUNT])
    last = list(Contact.objects.order_by("-id")[:AMOUNT])
    if len({person.pk for person in [*first, *last]}) < 2 * AMOUNT:
        return
    for index, (person, double) in enumerate(zip(first, last, strict=True)):
        double.first_name, double.last_name = person.first_name, person.last_name.upper()
        double.email = person.email if index % 2 else ""
        double.birth_date = None if index % 3 == 2 else person.birth_date
        double.save(update_fields=["first_name", "last_name", "email", "birth_date"])
