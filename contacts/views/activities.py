"""A contact's history: timeline, one activity, a new note."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from contacts import timeline as lines
from contacts.forms.note import NoteForm
from contacts.models import Activity
from contacts.services import history
from contacts.views.contact_page import get_contact, head
from contacts.views.done import say
from smsapp.common import listing


@require_safe
@permission_required("contacts.view_activity", raise_exception=True)
def timeline(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Newest first, all kinds or one."""
    contact = get_contact(request, contact_id)
    kind = request.GET.get("kind", "") if request.GET.get("kind") in Activity.Kind.values else ""
    activities = contact.activities.select_related("author")
    page = listing.paginate(activities.filter(kind=kind) if kind else activities, request, order=("-id",), size=25)
    context = head(request, contact, "activities") | {"page": page, "lines": lines.lines(page), "kinds": Activity.Kind.choices, "kind": kind}
    return render(request, "contacts/contact_activities.html", context)


@require_safe
@permission_required("contacts.view_activity", raise_exception=True)
def detail(request: HttpRequest, contact_id: int, activity_id: int) -> HttpResponse:
    """All that is known of one activity."""
    contact = get_contact(request, contact_id)
    activity = get_object_or_404(contact.activities.select_related("author"), pk=activity_id)
    context = {"contact": contact, "line": lines.lines([activity])[0]}
    return render(request, "contacts/activity.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.change_contact", raise_exception=True)
def note(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Write a note on the timeline."""
    contact = get_contact(request, contact_id)
    form = NoteForm(request.POST or None)
    if form.is_valid():
        history.record(contact, Activity.Kind.NOTE, form.cleaned_data["subject"], details=form.cleaned_data["details"], author=request.user)
        say(request, _("The note is on the timeline."))
        return redirect("contacts:activities", contact.pk)
    return render(request, "contacts/note.html", {"contact": contact, "form": form})
