"""People who have nothing for a token, as a condition of the database: what `tokens.empty_in` says of one person, of all at once."""

from django.db.models import Q, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull, Regex

from campaigns import tokens
from campaigns.vocabulary import Vocabulary

BLANKS = "\\s\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"  # what str.strip takes away
BLANK = f"^[{BLANKS}]*$"
NOBODY, EVERYBODY = Q(pk__in=[]), Q(pk__isnull=False)


def nothing_for(name: str, words: Vocabulary, *, prefix: str = "") -> Q:
    """True of rows whose contact has neither a value nor more than blanks for the token `name`.

    `words` are those of the text in which it stands; `prefix` leads from a row to its contact ("contact__").
    """
    for column in words.computed:
        if column.name == name:
            return NOBODY if column.is_certain else Q(IsNull(column.expression(prefix), True))
    name = words.stands_for.get(name, name)
    if name in tokens.SHARED_NAMES:
        return NOBODY if words.same.get(name, "").strip() else EVERYBODY
    if name.startswith(tokens.CUSTOM):
        value = KeyTextTransform(name.removeprefix(tokens.CUSTOM), f"{prefix}custom")
        return Q(Regex(Coalesce(value, Value(""), output_field=TextField()), BLANK))
    return _nothing_in(name.removeprefix("contact."), prefix) if name in tokens.NAMES else NOBODY


def _nothing_in(field: str, prefix: str) -> Q:
    if field in ("number", tokens.OPT_OUT_LINK):  # whoever is texted has one
        return NOBODY
    if field == "birth_date":
        return Q(**{f"{prefix}birth_date__isnull": True})
    if field == "name":
        return _blank("first_name", prefix) & _blank("last_name", prefix) & _blank("organisation", prefix)
    return _blank("sms_country" if field == "country" else field, prefix)


def _blank(field: str, prefix: str) -> Q:
    return Q(**{f"{prefix}{field}__regex": BLANK})
