"""What a browser posts from *Send test*, and what was sent."""

import uuid

from campaigns.models import Message
from campaigns.tests.factories import make_mailing, make_people

NEW = "/sms/tests/new/"
ONE, TWO = "+33639985001", "+33639985002"


def form(subject, *numbers, **changes):
    name = "mailing" if hasattr(subject, "audience_size") else "template"
    return {"key": str(uuid.uuid4()), name: subject.pk, "typed": "\n".join(numbers), "do": "send", **changes}


def draft(**changes):
    people = make_people(1, first_name="Zoë", language="fr")
    return make_mailing(people, **{"text": "Hello {contact.first_name|friend}", "language": "en", "translations": {"fr": "Bonjour {contact.first_name}"}, **changes})


def texts_sent():
    return list(Message.objects.filter(kind=Message.Kind.TEST).order_by("id").values_list("number", "text"))
