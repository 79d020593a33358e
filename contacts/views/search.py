"""Advanced search: rules are built step by step, counted while they are built, shown as the contact list's table, saved as a smart group."""

from contextlib import suppress
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from contacts.filters import Filters
from contacts.models import Group
from contacts.selection import visible_to
from contacts.services import smart_groups
from contacts.services.errors import ContactsError
from contacts.smart import addresses, counting, rules
from contacts.smart.asking import People
from contacts.smart.criteria import At, Catalogue
from contacts.smart.drafts import Draft, DraftRule
from contacts.smart.patience import TookTooLong
from contacts.smart.problems import RulesProblem
from contacts.smart.showing import Stage
from contacts.views.contact_list import people_table
from contacts.views.done import say
from contacts.views.smart_groups import get_smart_group
from smsapp.common.bidi import isolated


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.view_contact", raise_exception=True)
def search(request: HttpRequest) -> HttpResponse:
    """Any contacts."""
    return Builder(request, None).answer()


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.change_group", raise_exception=True)
def group_rules(request: HttpRequest, group_id: int) -> HttpResponse:
    """The rules of a smart group."""
    return Builder(request, get_smart_group(group_id)).answer()


@require_POST
@permission_required("contacts.view_contact", raise_exception=True)
def search_count(request: HttpRequest) -> HttpResponse:
    """How many people the rules of the form find."""
    draft = Draft.read(request.POST, Catalogue())
    shown = request.POST.get("shown", "")
    context: dict[str, Any] = {"shown": shown}
    try:
        found = rules.parse(draft.tree(), draft.catalogue)
        visible, condition = visible_to(request.user), found.condition(At.current())
        packed, counted = addresses.pack(found.as_json()), counting.count_people(People(visible, condition))
        context |= {"count": counted, "words": found.words(), "moved_on": shown != packed}
        context["everybody"] = counted.n != 0 and counting.leave_nobody_out(visible, condition)
    except RulesProblem as problem:
        context["problem"], packed = problem, _unfinished(draft)
    kept = {"rules": shown, "draft": "" if packed == shown else packed, "name": clean_text(request.POST.get("name", ""), 100)}
    query = urlencode({name: value for name, value in kept.items() if value})
    context["address"] = f"?{query}" if query else ""
    return render(request, "contacts/_search_count.html", context)


def _unfinished(draft: Draft) -> str:
    """Rules under work, for the address; nothing while no question is chosen."""
    with suppress(RulesProblem):
        return addresses.pack(draft.tree()) if any(node.question for node in draft.nodes() if isinstance(node, DraftRule)) else ""
    return ""


def clean_text(text: str, most: int) -> str:
    """What somebody typed, as far as it is kept."""
    return text.replace("\0", "").strip()[:most]


class Builder:
    """One request of the builder: a page, a step, people to show, or rules to save. Others who keep rules say where theirs are, and save them."""

    template = "contacts/search.html"

    def __init__(self, request: HttpRequest, group: Group | None) -> None:
        self.request, self.group = request, group
        self.catalogue = Catalogue()
        self.name = self._text("name", 100)
        self.context: dict[str, Any] = {"smart_group": group, "name": self.name, "description": self._text("description", 300)}

    def _text(self, name: str, most: int) -> str:
        return clean_text(self.request.POST.get(name, self.request.GET.get(name, "")), most)

    def answer(self) -> HttpResponse:
        """The page, or where to go next."""
        if self.request.method != "POST":
            return self._opened()
        draft, command = Draft.read(self.request.POST, self.catalogue), self.request.POST.get("do", "")
        if command not in ("show", "save"):
            draft.step(command)
            self._keep_shown()
            return self.page(draft, [])
        try:
            return self.save(draft) if command == "save" else self._show(rules.parse(draft.tree(), self.catalogue))
        except RulesProblem as problem:
            return self.page(draft, problem.all)
        except ContactsError as problem:
            self.context["name_problem"] = problem.message
            return self.page(draft, [])

    def _opened(self) -> HttpResponse:
        """By its address: with packed rules, with the list's filters, with rules under work, or anew."""
        filters = Filters.read(self.request.GET)
        try:
            tree = filters.as_tree() if filters.pairs() else self.stored()
            draft = self._under_work() or (Draft.of(tree, self.catalogue) if tree else Draft.empty(self.catalogue))
        except RulesProblem as problem:
            return self.page(Draft.empty(self.catalogue), [problem])
        if tree is None:
            return self.page(draft, [])
        try:
            found = rules.parse(tree, self.catalogue)
            if filters.pairs() and filters != Filters(packed=filters.packed):
                return self._show(found)
        except RulesProblem as problem:
            return self.page(draft, problem.all)
        if filters.packed:
            self._people(found, filters)
        return self.page(draft, [])

    def _keep_shown(self) -> None:
        """A step that is a page of its own leaves the people below where they were."""
        shown = Filters(packed=self.request.POST.get("shown", ""))
        if shown.packed and not self._is_step():
            with suppress(RulesProblem):
                self._people(rules.parse(shown.as_tree(), self.catalogue), shown)

    def _is_step(self) -> bool:
        """Whether a script asks for the builder alone."""
        return bool(self.request.headers.get("HX-Request")) and self.request.headers.get("HX-Target") == "builder"

    def _under_work(self) -> Draft | None:
        """Rules that were changed since people were shown, complete or not, if the address names some."""
        with suppress(RulesProblem):
            return Draft.of(addresses.unpack(self.request.GET.get("draft", "")), self.catalogue)
        return None

    def _people(self, found: rules.Rules, filters: Filters) -> None:
        """The table of those whom the rules find, or a sentence where that takes too long."""
        people = People(visible_to(self.request.user), found.condition(At.current()))
        self.context |= {"shown": filters.packed, "words": found.words()}
        try:
            self.context |= people_table(self.request, people, filters)
        except TookTooLong:
            self.context["too_long"] = True

    def page(self, draft: Draft, problems: list[RulesProblem]) -> HttpResponse:
        """The builder as it stands, alone where a script asks for it."""
        stage = Stage(draft, problems)
        step = self._is_step()
        focus = {"focus": draft.focus, "focus_by": "data-focus" if step else "autofocus"}  # a script gives it once, at once
        self.context |= {"stage": stage, "root": stage.root(), "problems": problems} | focus
        answer = render(self.request, "contacts/_builder.html" if step else self.template, self.context)
        if step:
            answer["HX-Trigger-After-Settle"] = "recount"
        return answer

    def stored(self) -> Any:
        """The rules that are kept, as JSON."""
        return self.group.rules if self.group else None

    def here(self) -> str:
        """The page's address."""
        return reverse("contacts:group_rules", args=[self.group.pk]) if self.group else reverse("contacts:search")

    def _show(self, found: rules.Rules) -> HttpResponse:
        more = {name: self.context[name] for name in ("name", "description") if self.context[name] and not self.group}
        return redirect(f"{self.here()}?{urlencode({'rules': addresses.pack(found.as_json()), **more})}#people")

    def save(self, draft: Draft) -> HttpResponse:
        """Keep the rules. Raises RulesProblem, ContactsError."""
        tree = rules.parse(draft.tree(), self.catalogue).as_json()
        if self.group is None:
            self._check_new()
        group = smart_groups.save(self.group, tree=tree, name=self.name, description=self.context["description"])
        say(self.request, _("%(name)s is saved. Its members are looked for now.") % {"name": isolated(group.name)})
        return redirect("contacts:group", group.pk)

    def _check_new(self) -> None:
        if not self.request.user.has_perm("contacts.add_group"):
            raise ContactsError("not_allowed", _("You may not make groups. Ask somebody who may."), "name")
        if not self.name:
            raise ContactsError("no_name", _("Give the group a name, for example Lyon, French speakers."), "name")
