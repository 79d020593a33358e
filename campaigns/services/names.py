"""Names that only one of its kind has, in any spelling: templates, campaigns."""

from typing import Any
from unicodedata import normalize

from django.db import connection
from django.db.models import Model, QuerySet

from contacts.models.folding import fold, folded


def tidy(name: str) -> str:
    """Without blanks around it or several in a row, each letter in one piece."""
    return normalize("NFC", " ".join(name.split()))


def holder(rows: QuerySet[Any], name: str, *, but: Model | None = None) -> Any:
    """The row that has this name already, accents and case aside; None when it is free.

    Inside a transaction: of two people who choose one name at once the second waits, and is told.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"name of a {rows.model._meta.model_name}"])
    others = rows.annotate(spelled=folded("name")).filter(spelled=fold(name))
    return (others if but is None else others.exclude(pk=but.pk)).first()
