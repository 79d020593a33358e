"""Walks the forms of an app: which ones there are, and what they say to nonsense."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from django import forms
from django.core import validators

from smsapp.common.forms import HouseForm

BAD = ["", "\0", "x" * 6_000, "2026-02-31", "-7", "99999999999999999999", "1.5"]


def forms_of(package: ModuleType) -> list[type[forms.BaseForm]]:
    """All forms of a package of forms, by name."""
    for found in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{found.name}")
    inside = (kind for kind in kinds_of(forms.BaseForm) if kind.__module__.startswith(f"{package.__name__}."))
    return sorted(inside, key=lambda kind: kind.__qualname__)


def kinds_of(kind: type[Any]) -> set[type[Any]]:
    """A class and all below it."""
    return {kind, *(deeper for sub in kind.__subclasses__() for deeper in kinds_of(sub))}


def django_sentences() -> set[str]:
    """How the sentences of the framework begin, in the language of the moment."""
    own: list[Any] = [
        sentence for kind in kinds_of(forms.Field) if kind.__module__.startswith("django.") for sentence in getattr(kind, "default_error_messages", {}).values()
    ]
    checks = [kind for kind in vars(validators).values() if isinstance(kind, type) and isinstance(getattr(kind, "message", None), object)]
    return {str(sentence).partition("%")[0] for sentence in [*own, *(getattr(kind, "message", "") for kind in checks)] if len(str(sentence)) > 3} - {""}


def made(kind: type) -> type[forms.BaseForm]:
    """The form's fields without what its own __init__ asks for."""
    return type("Walked", (kind,), {"__init__": lambda self, data: forms.BaseForm.__init__(self, data) if issubclass(kind, forms.Form) else
                                    forms.models.BaseModelForm.__init__(self, data)})  # fmt: skip


def answers(kind: type[forms.BaseForm]) -> Iterator[tuple[str, str]]:
    """(field, sentence) of everything that a form's fields say to nonsense."""
    for bad in BAD:
        form = made(kind)(dict.fromkeys(kind.base_fields, bad))  # type: ignore[attr-defined,arg-type]
        HouseForm.teach(form)  # type: ignore[arg-type]
        for name, field in form.fields.items():
            if getattr(field, "queryset", field) is None:
                continue  # its form gives it choices when it is made
            try:
                field.clean(bad)
            except forms.ValidationError as problem:
                yield from ((name, sentence) for sentence in problem.messages)


def silent(kind: type[forms.BaseForm]) -> list[str]:
    """Texts and days that must be written, and whose field only says that something is missing."""
    form = made(kind)({})  # type: ignore[arg-type]
    HouseForm.teach(form)  # type: ignore[arg-type]
    asked = {name: field for name, field in form.fields.items() if isinstance(field, (forms.CharField, forms.DateField)) and not field.widget.is_hidden}
    empty = {"Fill this in.", "This field is required."}
    return [name for name, field in asked.items() if field.required and str(field.error_messages["required"]) in empty]
