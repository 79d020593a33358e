"""Marketing activities: campaigns, mailings and workflows in one list, with a search pane and columns to choose."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from smsapp.common import listing
from smsapp.common.bidi import isolated
from workflows import wording
from workflows.activities import columns, finding, rows
from workflows.activities.kinds import RIGHTS, Kind, seen_by
from workflows.forms.activities import ActivitySearch
from workflows.models import ShownColumns

FEW = 5  # columns that stand beside the label and the search pane; more of them scroll in a box of their own


@require_safe
def activities(request: HttpRequest) -> HttpResponse:
    """A page of what this person may see."""
    if not seen_by(request.user):
        raise PermissionDenied
    search, sort = ActivitySearch(request.GET, user=request.user), request.GET.get("sort", "")
    order = finding.order(sort or finding.NEWEST)
    found = listing.paginate_together(finding.querysets(search.wanted), request, order=order, label=lambda values: values["title"])
    page = replace(found, items=rows.read(found, request.user))
    shown = columns.chosen(_ticked(request.user))
    context = {
        "page": page, "search": search, "shown": shown, "offered": columns.COLUMNS, "ticked": {column.key for column in shown}, "sort": sort or finding.NEWEST,
        "chips": _chips(request, search), "pairs": search.pairs, "wide": len(shown) > FEW,
        "with_executions": _address(request, lambda query: query.update({"recurring": "on"})),
    }  # fmt: skip
    return render(request, "workflows/activities.html", context)


def _ticked(user: Any) -> list[str]:
    return ShownColumns.objects.filter(user=user).values_list("keys", flat=True).first() or []


def _address(request: HttpRequest, change: Callable[[QueryDict], Any]) -> str:
    query = request.GET.copy()
    for name in (listing.AFTER, listing.BEFORE):
        query.pop(name, None)
    change(query)
    return f"?{query.urlencode()}"


def _chips(request: HttpRequest, search: ActivitySearch) -> list[tuple[str, str]]:
    """(words, address without it) of what a link narrowed the list to."""
    found = []
    for name, part in search.parts.items():
        if part and request.user.has_perm(RIGHTS[Kind.WORKFLOW if name == "workflow" else Kind.MAILING]):
            found.append((_words(name, part), _address(request, lambda query, name=name: query.pop(name, None))))  # type: ignore[misc]
    return found


def _words(name: str, part: Any) -> str:
    if name == "workflow":
        return _("Made by %(name)s") % {"name": isolated(part.label)}
    if name == "parent":
        return _("Executions of %(name)s") % {"name": isolated(part.name)}
    return _("Sends of %(name)s") % {"name": f"{isolated(part.parent.name)} · {wording.span(part)}"}


@require_POST
def choose_columns(request: HttpRequest) -> HttpResponse:
    """Remember the columns that somebody ticked; without any, the usual ones."""
    if not seen_by(request.user):
        raise PermissionDenied
    keys = [column.key for column in columns.COLUMNS if column.key in request.POST.getlist("column")]
    if keys:
        ShownColumns.objects.update_or_create(user=request.user, defaults={"keys": keys})
    else:
        ShownColumns.objects.filter(user=request.user).delete()
    back = QueryDict(request.POST.get("back", "")[:2_000].lstrip("?")).urlencode()
    return redirect(f"{reverse('workflows:activities')}?{back}" if back else "workflows:activities")
