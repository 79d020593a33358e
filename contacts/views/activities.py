"""A contact's history: timeline, one activity, a new note, a call that took place."""

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from contacts import timeline as lines
from contacts.forms.activity_filter import ActivityFilterForm
from contacts.forms.call import CallForm
from contacts.forms.note import NoteForm
from contacts.models import Activity
from contacts.services import history
from contacts.views.contact_page import get_contact, head
from contacts.views.done import say
from smsapp.common import listing


@require_safe
@permission_required("contacts.view_activity", raise_exception=True)
def timeline(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Newest first, all or what the filters keep; nothing is counted."""
    contact = get_contact(request, contact_id)
    ids = contact.past_ids()
    filters = ActivityFilterForm(request.GET, ids)
    matching = filters.apply(Activity.objects.filter(contact__in=ids)).select_related("author")
    page = listing.paginate(matching, request, order=("-at", "-id"), size=25)
    coming = lines.coming(contact, request.user) if filters.shows_coming and not page.previous_url else []
    context = head(request, contact, "activities") | {"page": page, "lines": lines.lines(page), "filters": filters, "coming": coming}
    return render(request, "contacts/contact_activities.html", context)


@require_safe
@permission_required("contacts.view_activity", raise_exception=True)
def detail(request: HttpRequest, contact_id: int, activity_id: int) -> HttpResponse:
    """All that is known of one activity."""
    contact = get_contact(request, contact_id)
    activity = get_object_or_404(Activity.objects.of(contact).select_related("author"), pk=activity_id)
    context = {"contact": contact, "line": lines.lines([activity])[0], "may_delete": _may_delete(request, activity)}
    return render(request, "contacts/activity.html", context)


def _may_delete(request: HttpRequest, activity: Activity) -> bool:
    return request.user.has_perm("contacts.change_contact") and history.may_delete(activity, request.user)


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


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.change_contact", raise_exception=True)
def call(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Log a call."""
    contact = get_contact(request, contact_id)
    form = CallForm(contact, request.POST or None)
    if form.is_valid():
        told = form.cleaned_data
        history.record(contact, Activity.Kind.CALL, told["subject"], details=told["details"], author=request.user, at=told["at"], extra=form.facts())
        say(request, _("The call is on the timeline."))
        return redirect("contacts:activities", contact.pk)
    return render(request, "contacts/call.html", {"contact": contact, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.change_contact", raise_exception=True)
def delete(request: HttpRequest, contact_id: int, activity_id: int) -> HttpResponse:
    """Ask, then delete a note or a call."""
    contact = get_contact(request, contact_id)
    activity = get_object_or_404(Activity.objects.of(contact), pk=activity_id)
    if not history.may_delete(activity, request.user):
        raise PermissionDenied
    if request.method != "POST":
        return render(request, "contacts/activity_delete.html", {"contact": contact, "line": lines.lines([activity])[0]})
    history.delete(activity, author=request.user)
    say(request, _("It is deleted."))
    return redirect("contacts:activities", contact.pk)
