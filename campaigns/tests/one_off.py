"""The form for one text, as tests fill it in."""

import uuid

URL = "/sms/send/"


def form(provider, *numbers, **changes):
    return {
        "key": str(uuid.uuid4()), "origin": f"{provider.pk}:36111", "subject": "Rehearsal moved", "text": "Hello {contact.first_name}",
        "to": [number.pk for number in numbers], **changes,
    }  # fmt: skip


def number_of(contact):
    return contact.numbers.get()
