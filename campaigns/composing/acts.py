"""What the composer's own buttons do to what was written. They change fields of the form and save nothing.

A script does most of it at once in the browser; these are the same buttons without one, and those that need the server.
"""

from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from campaigns import text_files, vocabulary, wording
from campaigns.composing import offers
from campaigns.composing.written import Written
from campaigns.models import Mailing, SmsTemplate
from campaigns.models.template import CODES
from campaigns.texts import Texts
from campaigns.wizard.picker import id_in
from providers.lookalikes import replacement
from smsapp.common.bidi import isolated


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before something is lost: `sure` is the answer's value of "do"."""

    title: str
    text: str
    sure: str
    yes: str


@dataclass(slots=True)
class Acted:
    """The form's data after the button, and what is said about it."""

    data: QueryDict
    question: Question | None = None
    said: str = ""
    problem: str = ""
    panel: str = ""  # the box it was about

    @property
    def initial(self) -> dict[str, Any]:
        """For a form that shows it: nothing was asked for yet, so nothing is wrong."""
        return {**self.data.dict(), "written": self.data.getlist("written")}


def act(request: HttpRequest, fields: Container[str]) -> Acted | None:
    """What the pressed button did; None when it is none of the composer's. `fields` are those of the form."""
    data = request.POST.copy()
    if "show" in data:
        return Acted(data)
    name, _colon, about = data.get("do", "").partition(":")
    if "file" in request.FILES and name != "upload":
        name, about = "upload", "text"  # a file that somebody chose is looked at, whatever was pressed
    known: dict[str, Callable[[], Acted]] = {
        "template": lambda: _use_template(request, data, fields, about, sure=False),
        "template-sure": lambda: _use_template(request, data, fields, about, sure=True),
        "add": lambda: _add(data, about),
        "remove": lambda: _remove(data, about, sure=False),
        "remove-sure": lambda: _remove(data, about, sure=True),
        "swap": lambda: _swap(data, about),
        "meant": lambda: _write_what_was_meant(data, about),
        "upload": lambda: _upload(request, data, about),
        "upload-sure": lambda: _take_file(data, about),
        "stop": lambda: _say_how_to_stop(data, about),
        "keep": lambda: Acted(data),
    }
    return known[name]() if name in known else None


# --- templates ---


def _use_template(request: HttpRequest, data: QueryDict, fields: Container[str], about: str, *, sure: bool) -> Acted:
    chosen = id_in(about or data.get("use_template", "")) or 0
    if not chosen and data.get("template"):
        data["template"] = data["template_seen"] = ""
        return Acted(data, said=_("The text belongs to no template any more. It stays as it is."), panel="text")
    template = SmsTemplate.objects.active().select_related("provider").filter(id=chosen).first()
    if template is None:
        return Acted(data, problem=_("Choose a template from the list first.") if not chosen else _("This template is gone. Choose another one."))
    written = Written.read(data).texts
    if not sure and any(text.strip() for text in written.all.values()) and not _is_a_template(written):
        title = _("Replace your text by the template “%(name)s”?") % {"name": isolated(template.name)}
        return Acted(data, Question(title, _("What you wrote is lost."), f"template-sure:{template.pk}", _("Replace the text")))
    _put(data, Texts.of(template))
    data["template"], data["template_seen"] = str(template.pk), str(template.version)
    return Acted(data, said=_bring_along(request, data, fields, template), panel="text")


def _is_a_template(texts: Texts) -> bool:
    """Whether nothing is lost with it."""
    return any(Texts.of(other) == texts for other in SmsTemplate.objects.filter(text=texts.text))


def _put(data: QueryDict, texts: Texts) -> None:
    data["text"], data["language"] = texts.text, texts.language
    data.setlist("written", list(texts.translations))
    for code in CODES:
        data[f"text_{code}"] = texts.translations.get(code, "")


def _bring_along(request: HttpRequest, data: QueryDict, fields: Container[str], template: SmsTemplate) -> str:
    """Set what the form has a field for; the sentence that says so."""
    brought = []
    if "origin" in fields and (provider := template.provider) and provider.active:
        sender = template.sender if template.sender in provider.senders else next(iter(provider.senders), "")
        data["origin"] = f"{provider.pk}:{sender}"
        brought.append(_("sender %(sender)s") % {"sender": sender or provider.name})
    if "max_segments" in fields and request.user.has_perm("campaigns.long_texts"):
        data["max_segments"] = str(template.max_segments)
        brought.append(_("most segments: %(n)s") % {"n": template.max_segments})
    if "series" in fields and template.series:
        data["series"] = template.series
        brought.append(_("series: %(name)s") % {"name": template.series})
    if "kind" in fields:
        data["kind"] = template.kind
        brought.append(_("kind: %(kind)s") % {"kind": template.get_kind_display()})
    if template.translations:
        brought.append(_("languages: %(n)s") % {"n": len(Texts.of(template).all)})
    sentence = _("The template “%(name)s” is in the text.") % {"name": isolated(template.name)}
    return " ".join([sentence, _("It brought along: %(what)s.") % {"what": ", ".join(brought)}]) if brought else sentence


# --- files ---


def _upload(request: HttpRequest, data: QueryDict, about: str) -> Acted:
    """The text of a file, asked for before it takes the place of another one; the answer brings the text back."""
    name = _box(about)
    if (file := request.FILES.get("file")) is None:
        return Acted(data, problem=_("Choose a file first."), panel=name)
    try:
        text = text_files.read(file.read(text_files.LARGEST_FILE + 1))
    except text_files.TextFileProblem as problem:
        return Acted(data, problem=str(problem.message), panel=name)
    data["file_text"], data["file_name"] = text, str(file.name)[:100]
    now = Written.read(data).at(name)
    if now.strip() and now.strip() != text.strip():
        title = _("Replace your text by the file’s (%(name)s)?") % {"name": data["file_name"]}
        return Acted(data, Question(title, _("What you wrote is lost."), f"upload-sure:{name}", _("Replace the text")), panel=name)
    return _take_file(data, name)


def _take_file(data: QueryDict, about: str) -> Acted:
    name = _box(about)
    if not (text := data.get("file_text", "")):
        return Acted(data, problem=_("Choose a file first."), panel=name)
    data[name] = text
    return Acted(data, said=_("The text of the file “%(name)s” is in the box.") % {"name": data.get("file_name", "")}, panel=name)


def _box(about: str) -> str:
    """The field that a button names; the first one for nonsense."""
    return about if about.removeprefix("text_") in CODES else "text"


# --- languages ---


def _add(data: QueryDict, code: str) -> Acted:
    if code not in CODES or code == data.get("language"):
        return Acted(data)
    data.setlist("written", [*dict.fromkeys([*data.getlist("written"), code])])
    return Acted(data, panel=f"text_{code}")


def _remove(data: QueryDict, code: str, *, sure: bool) -> Acted:
    if code not in CODES:
        return Acted(data)
    if not sure and data.get(f"text_{code}", "").strip():
        title = _("Remove the text in this language (%(language)s)?") % {"language": wording.language(code)}
        words = _("What you wrote in it is lost. These people then read the first text.")
        return Acted(data, Question(title, words, f"remove-sure:{code}", _("Remove this text")), panel=f"text_{code}")
    data.setlist("written", [other for other in data.getlist("written") if other != code])
    data[f"text_{code}"] = ""
    return Acted(data)


# --- words ---


def _swap(data: QueryDict, about: str) -> Acted:
    name, _colon, char = about.partition(":")
    if text := data.get(name, ""):
        data[name] = offers.swapped(text, char) if char else replacement(text).text
    return Acted(data, panel=name)


def _say_how_to_stop(data: QueryDict, about: str) -> Acted:
    name = _box(about)
    written = Written.read(data)
    if sentence := offers.stop_sentence(written.language if name == "text" else name.removeprefix("text_"), written.sender):
        data[name] = f"{written.at(name).rstrip()}\n{sentence}"
    return Acted(data, panel=name)


def _write_what_was_meant(data: QueryDict, about: str) -> Acted:
    name, _colon, token = about.partition(":")
    text = data.get(name, "")
    for problem in vocabulary.check(text, _mailing(data)):
        if problem.token == token and problem.suggestion:
            data[name] = text.replace(token, problem.suggestion)
    return Acted(data, panel=name)


def _mailing(data: QueryDict) -> Mailing | None:
    """The one whose text it is, as campaigns.composing.readers names it."""
    kind, _dash, number = data.get("readers", "").partition("-")
    return Mailing.objects.filter(pk=id_in(number) or 0).first() if kind == "mailing" else None
