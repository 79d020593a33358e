"""The counter under a text that is being written: the server's count is the truth."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from campaigns import composer, tokens, vocabulary
from campaigns.composer import Counter
from campaigns.models import Mailing
from campaigns.services.quick_send import MOST_AT_ONCE
from campaigns.tokens import LONGEST_TEXT
from campaigns.views.recipients import Refused, provider_of, refused_by
from campaigns.vocabulary import Occasion
from campaigns.wizard.picker import ids
from contacts import selection
from contacts.models import Contact, PhoneNumber
from providers.models import Provider

MEASURED = 200  # recipients of a one-off whose texts the live counter renders; `quick_send.queue` measures all
MOST_WORKED_ON = LONGEST_TEXT * 2  # enough to say how much too long a text is; more would only cost time


@require_POST
@login_required
def count(request: HttpRequest) -> HttpResponse:
    """Size of `text` for the longest of the mailing's people, or of the numbers ticked in a one-off form."""
    user = request.user
    if not (user.has_perm("campaigns.add_message") or user.has_perm("campaigns.change_mailing")):
        raise PermissionDenied
    text = being_written(request.POST.get("text", ""))
    if request.POST.get("mailing"):
        return render(request, "campaigns/_counter.html", {"counter": _counter(request, text)})
    return render(request, "campaigns/_counter_one_off.html", {"counter": _counter(request, text), "refused": _refused(request)})


def _refused(request: HttpRequest) -> list[Refused]:
    """Of the numbers ticked in a one-off form, those that the chosen provider may not text."""
    numbers = PhoneNumber.objects.filter(id__in=ids(request.POST.getlist("to"))[:MOST_AT_ONCE], contact__in=selection.visible_to(request.user))
    return refused_by(provider_of(request.POST.get("origin", "")), list(numbers.select_related("contact").order_by("contact__sort_name", "id")))


def being_written(value: str) -> str:
    """A text that is being written, as counter and preview take it."""
    return value.replace("\r\n", "\n")[:MOST_WORKED_ON]


def _counter(request: HttpRequest, text: str) -> Counter:
    mailing_id = next(iter(ids([request.POST.get("mailing", "")])), None)
    if mailing_id is None:
        origin = request.POST.get("origin", "")
        occasion = Occasion(request.POST.get("subject", ""), origin.partition(":")[2], request.user)
        return counter_for_numbers(text, ids(request.POST.getlist("to")), user=request.user, limit=limit_for(request.user, origin), occasion=occasion)
    if not request.user.has_perm("campaigns.change_mailing"):
        raise PermissionDenied
    mailing = Mailing.objects.filter(id=mailing_id).first()
    most = next(iter(ids([request.POST.get("max_segments", "")])), None)
    if mailing is None:
        return _count(text, [], most or 1, Occasion(user=request.user))
    return counter_for_mailing(mailing, text, limit=most or mailing.max_segments)


def counter_for_mailing(mailing: Mailing, text: str, *, limit: int) -> Counter:
    """For the person with the longest values."""
    from campaigns.wizard.preview import longest_of

    contact = longest_of(mailing, text) if tokens.find(text) else None
    return _count(text, [(contact, "")] if contact else [], limit, Occasion.of(mailing))


def counter_for_numbers(text: str, number_ids: list[int], *, user: Any, limit: int, occasion: Occasion | None = None) -> Counter:
    """For the recipients of a one-off, as far as this person may see them."""
    people: list[tuple[Contact, str]] = []
    if tokens.find(text):
        rows = PhoneNumber.objects.filter(id__in=number_ids, contact__in=selection.visible_to(user))
        people = [(row.contact, row.number) for row in rows.select_related("contact")[:MEASURED]]
    return _count(text, people, limit, occasion or Occasion(user=user))


def _count(text: str, people: list[tuple[Contact, str]], limit: int, occasion: Occasion) -> Counter:
    """For people and the numbers that are texted ("": their usual ones); without any, what is the same for everybody is filled in."""
    words = vocabulary.Vocabulary.of(text, occasion)
    values = [(contact.name, words.values(contact, number=number)) for contact, number in people] or [("", words.same)]
    return composer.count(text, values, limit=limit, check=vocabulary.check)


def limit_for(user: Any, origin: str) -> int:
    """Segments that this person may send through a provider."""
    provider = Provider.objects.filter(id=next(iter(ids([origin.partition(":")[0]])), 0)).first()
    most = provider.max_segments if provider else 1
    return most if user.has_perm("campaigns.long_texts") else 1
