"""Suppressed and quarantined numbers: lists, the history of a number, adding and ending."""

from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views import View

from contacts import blocks, number_facts
from contacts.blocks import QUARANTINE, REGISTERS, SUPPRESSIONS, Register
from contacts.forms.blocks import BlockForm, EndForm
from contacts.models import PhoneNumber
from contacts.selection import visible_to
from contacts.services import suppressions
from contacts.services.errors import ContactsError
from contacts.views.done import say, warn
from contacts.views.go_back import go_back
from smsapp.common import dates, listing, phone

LONGEST = {SUPPRESSIONS.noun: 300, QUARANTINE.noun: 100}


class RegisterView(PermissionRequiredMixin, View):
    """A page of one of the registers; `action` names the right that it needs."""

    register: Register = SUPPRESSIONS
    action = "view"
    raise_exception = True

    def get_permission_required(self) -> tuple[str, ...]:
        """Of this register."""
        return (self.register.permission(self.action),)

    def page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        """With what every page of a register shows."""
        readable = [each for each in REGISTERS if request.user.has_perm(each.permission("view"))]
        may = {action: request.user.has_perm(self.register.permission(action)) for action in ("add", "change")}
        return render(request, template, {"register": self.register, "readable": readable, "may": may, **context})


class BlockList(RegisterView):
    """Numbers, newest first, by state, reason and number."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page that the address asks for."""
        q = request.GET.get("q", "").replace("\0", "").strip()[:100]
        state = request.GET.get("state", "") if request.GET.get("state") in (blocks.ENDED, blocks.ANY) else blocks.ACTIVE
        reason = request.GET.get("reason", "") if request.GET.get("reason") in dict(self.register.reasons) else ""
        page = listing.paginate(self.register.find(q, state, reason), request, order=("-id",), label=lambda entry: phone.display(entry.number))
        people = blocks.people_with([entry.number for entry in page], visible_to(request.user))
        rows = [(blocks.line(self.register, entry), people.get(entry.number, [])) for entry in page]
        states = [(blocks.ACTIVE, _("Active")), (blocks.ENDED, pgettext("several blocks", "Ended")), (blocks.ANY, _("All"))]
        anything = bool(page) or self.register.model.objects.exists()
        shown = {"q": q, "state": state, "reason": reason, "states": states, "rows": rows, "page": page, "anything": anything, "most": blocks.MOST_PEOPLE}
        return self.page(request, "contacts/blocks.html", **shown)


class BlockedNumber(RegisterView):
    """All that happened to the number of an entry, and who has it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Its history, newest first."""
        entry = get_object_or_404(self.register.model, pk=pk)
        readable = [each for each in REGISTERS if request.user.has_perm(each.permission("view"))]
        lines = blocks.history_of([entry.number], readable)
        people = visible_to(request.user).filter(numbers__number=entry.number).order_by("sort_name", "id")
        page = listing.paginate(people, request, order=("sort_name", "id"), label=lambda contact: contact.list_name)
        ends = {each.noun for each in REGISTERS if request.user.has_perm(each.permission("change"))}
        about = number_facts.of(entry.number, timezone.now())
        return self.page(request, "contacts/blocked_number.html", entry=entry, lines=lines, page=page, about=about, ends=ends)


class BlockAdd(RegisterView):
    """A number to suppress or to quarantine."""

    action = "add"

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form, with a contact's number when the address names one."""
        return self._form(request, BlockForm(initial={"number": _asked_for(request)}, longest=LONGEST[self.register.noun]))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Block it, once."""
        form = BlockForm(request.POST, longest=LONGEST[self.register.noun])
        if not form.is_valid():
            return self._form(request, form)
        entry, new = _add(self.register, form.cleaned_data, request.user)
        if new:
            say(request, _added(self.register, entry, visible_to(request.user).filter(numbers__number=entry.number).count()))
        else:
            warn(request, _already(blocks.line(self.register, entry)))
        return go_back(request, self.register.page_url, entry.pk)

    def _form(self, request: HttpRequest, form: BlockForm) -> HttpResponse:
        return self.page(request, "contacts/block_form.html", form=form, next=request.POST.get("next") or request.GET.get("next", ""))


class BlockEnd(RegisterView):
    """Lift a suppression by staff, or end a quarantine, with the reason."""

    action = "change"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask why."""
        return self._form(request, self._entry(pk), EndForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End it, once."""
        entry, form = self._entry(pk), EndForm(request.POST)
        if not form.is_valid():
            return self._form(request, entry, form)
        try:
            ended = _end(self.register, entry, form.cleaned_data["because"], request.user)
        except ContactsError as problem:
            warn(request, problem.message)
        else:
            words = _("%(number)s can be texted again.") if ended else _("This had ended already: %(number)s.")
            (say if ended else warn)(request, words % {"number": phone.display(entry.number)})
        return redirect(self.register.page_url, pk)

    def _entry(self, pk: int) -> Any:
        return get_object_or_404(self.register.model, pk=pk)

    def _form(self, request: HttpRequest, entry: Any, form: EndForm) -> HttpResponse:
        if entry.ended_at or blocks.line(self.register, entry).own_act:
            return redirect(self.register.page_url, entry.pk)  # that page says why not
        people = visible_to(request.user).filter(numbers__number=entry.number).count()
        return self.page(request, "contacts/block_end.html", line=blocks.line(self.register, entry), form=form, people=people)


def _asked_for(request: HttpRequest) -> str:
    """The number of a contact, named by its id: numbers do not belong into addresses."""
    wanted = request.GET.get("number", "")
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 19):
        return ""
    row = PhoneNumber.objects.filter(pk=int(wanted), contact__in=visible_to(request.user)).first()
    return phone.display(row.number) if row else ""


def _add(register: Register, data: dict[str, str], by: Any) -> tuple[Any, bool]:
    if register is SUPPRESSIONS:
        return suppressions.suppress(data["number"], note=data["why"], author=by)
    return suppressions.quarantine(data["number"], because=data["why"], author=by)


def _end(register: Register, entry: Any, because: str, by: Any) -> bool:
    return suppressions.lift(entry, because=because, author=by) if register is SUPPRESSIONS else suppressions.end_quarantine(entry, because=because, author=by)


def _added(register: Register, entry: Any, people: int) -> str:
    words = {"number": phone.display(entry.number), "n": people}
    if register is SUPPRESSIONS:
        told = ngettext("%(number)s gets no more texts. %(n)s contact has it.", "%(number)s gets no more texts. %(n)s contacts have it.", people)
    else:
        told = ngettext("%(number)s is in quarantine. %(n)s contact has it.", "%(number)s is in quarantine. %(n)s contacts have it.", people)
    return told % words


def _already(line: blocks.Line) -> str:
    facts = {"number": phone.display(line.entry.number), "day": dates.said(timezone.localtime(line.entry.since), "DATETIME_FORMAT"), "why": line.reason}
    facts["why"] = f"{line.reason} ({line.note})" if line.note else line.reason
    if line.register is SUPPRESSIONS:
        return _("%(number)s is suppressed already, since %(day)s: %(why)s.") % facts
    return _("%(number)s is in quarantine already, since %(day)s: %(why)s.") % facts
