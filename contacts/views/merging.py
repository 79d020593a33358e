"""Merge contacts: side by side, then what will happen, then once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from contacts import eligibility, looks, selection
from contacts.duplicates import comparison
from contacts.duplicates.choices import Choices
from contacts.models import Contact, NotDuplicate
from contacts.services import merge
from contacts.services.errors import ContactsError
from contacts.views.done import say, warn
from contacts.views.go_back import go_back

GONE = {"same_contact", "too_many", "already_merged", "deleted", "gone"}  # comparing these once more would not help
FIELD, SEEN = "keep-", "seen-"  # beginnings of names in the form


@require_POST
@permission_required("contacts.merge_contacts", raise_exception=True)
def chosen(request: HttpRequest) -> HttpResponse:
    """From a list: compare the ticked people; for a single one, look for the other."""
    people = list(selection.chosen(request.POST, request.user).order_by("id").values_list("id", flat=True)[: merge.MOST + 1])
    if len(people) == 1:
        return redirect("contacts:possible", people[0])
    if not people or len(people) > merge.MOST:
        warn(request, _too_many() if people else _("Nobody is chosen. Tick some contacts first."))
        return go_back(request, "contacts:list")
    return redirect(address(people))


def address(contact_ids: Sequence[int]) -> str:
    """Where these are compared."""
    query = QueryDict(mutable=True)
    query.setlist("contact", [str(id_) for id_ in contact_ids])
    return f"{reverse('contacts:merge')}?{query.urlencode()}"


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.merge_contacts", raise_exception=True)
def page(request: HttpRequest) -> HttpResponse:
    """Compare (GET), ask (POST), merge (POST with `confirmed`)."""
    return _merge(request) if request.method == "POST" else _compare(request, _people(request, _asked(request.GET)))


def _merge(request: HttpRequest) -> HttpResponse:
    ids = _ids(request.POST)
    choices, seen = _choices(request.POST), _seen(request.POST)
    try:
        if "confirmed" not in request.POST:
            merge.look(ids, choices, seen=seen)
            return _ask(request, _people(request, ids), choices)
        winner = merge.merge(ids, choices, seen=seen, author=request.user)
    except ContactsError as problem:
        return _refused(request, ids, choices, problem)
    words = ngettext("%(n)s contact is one with %(name)s now.", "%(n)s contacts are one with %(name)s now.", len(ids) - 1)
    say(request, words % {"n": len(ids) - 1, "name": winner.name})
    return redirect("contacts:detail", winner.pk)


def _refused(request: HttpRequest, ids: set[int], choices: Choices, problem: ContactsError) -> HttpResponse:
    """Back to comparing what is there now; where that makes no sense, to whom they became."""
    if problem.code not in GONE:
        return _compare(request, _people(request, ids), choices, problem=problem.message)
    warn(request, problem.message)
    return redirect(_stays(ids, choices.winner))


def _stays(ids: set[int], winner: int) -> Any:
    """The page of the winner, also when it was merged further; else the list of duplicates."""
    row = Contact.objects.filter(pk=winner).first() if winner in ids else None
    target = (row.merged_into or row) if row else None
    return reverse("contacts:detail", args=[target.pk]) if target and not target.deleted_at else reverse("contacts:duplicates")


def _ids(data: QueryDict) -> set[int]:
    return {int(value) for value in data.getlist("contact")[:50] if value.isascii() and value.isdigit() and len(value) < 19}


def _asked(data: QueryDict) -> set[int]:
    """A link may be older than a merge: then it means whom the contact became."""
    return {row.merged_into_id or row.pk for row in Contact.objects.filter(id__in=_ids(data)).only("id", "merged_into")}


def _people(request: HttpRequest, ids: set[int]) -> list[Any]:
    return list(eligibility.judge(selection.visible_to(request.user).filter(id__in=ids), marketing=True).order_by("id")[: merge.MOST + 1])


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _choices(data: QueryDict) -> Choices:
    values = {name.removeprefix(FIELD): _number(value) for name, value in data.items() if name.startswith(FIELD)}
    return Choices(_number(data.get("winner", "")), values, data.get("primary", ""))


def _seen(data: QueryDict) -> dict[int, datetime]:
    """When each contact was changed, as the page said; what makes no sense is as good as not seen."""
    found: dict[int, datetime] = {}
    for name, value in data.items():
        if name.startswith(SEEN):
            try:
                moment = parse_datetime(value)
            except ValueError:
                moment = None
            if moment:
                found[_number(name.removeprefix(SEEN))] = moment
    return found


def _compare(request: HttpRequest, people: list[Any], choices: Choices | None = None, *, problem: Any = "") -> HttpResponse:
    if refusal := _refusal(people):
        warn(request, problem or refusal)
        return redirect("contacts:possible", people[0].pk) if len(people) == 1 else redirect("contacts:duplicates")
    ids = [person.pk for person in people]
    if choices is None or choices.winner not in ids:
        wanted = _number(request.GET.get("winner", ""))
        choices = Choices(wanted if wanted in ids else comparison.likely_winner(people))
    for person in people:
        person.look = looks.of_reason(person.reason)
    context = {
        "comparison": comparison.of(people, choices), "problem": problem, "apart": NotDuplicate.objects.filter(first__in=ids, second__in=ids).exists(),
    }  # fmt: skip
    return render(request, "contacts/merge.html", context)


def _refusal(people: Sequence[Contact]) -> str:
    if len(people) < 2:
        return _("Choose at least two different contacts to merge.")
    if len(people) > merge.MOST:
        return _too_many()
    return ""


def _too_many() -> str:
    return _("At most 5 contacts can be merged at once. Choose fewer, and merge the others afterwards.")


def _ask(request: HttpRequest, people: list[Any], choices: Choices) -> HttpResponse:
    """What the merge would make, in words and numbers; the answer posts the same choices."""
    found = comparison.of(people, choices)
    posted = [(name, value) for name, value in request.POST.items() if name.startswith((FIELD, SEEN)) or name in ("winner", "primary")]
    context = {
        "comparison": found, "consequences": comparison.consequences(found), "stricter": comparison.stricter(found), "posted": posted,
        "back": f"{address([person.pk for person in people])}&winner={choices.winner}",
    }  # fmt: skip
    return render(request, "contacts/merge_confirm.html", context)
