"""What each column means: guessed from its name in English or French, checked before the import."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from contacts.importing import refusals
from contacts.importing.problems import FileProblem
from contacts.models import CustomField

FIELDS: dict[str, Any] = {
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "organisation": _("Organisation"),
    "email": _("E-mail"),
    "mobile": _("Mobile"),
    "phone": _("Phone"),
    "landline": _("Landline"),
    "language": _("Language"),
    "birth_date": _("Birth date"),
    "external_id": _("External id"),
    "groups": _("Groups"),
    "tags": _("Tags"),
    "do_not_sms": _("Do not SMS"),
    "opted_out": _("Opted out of marketing"),
    "opted_in": _("Opted in to marketing"),
    "deceased": _("Deceased"),
    "opt_in_date": _("Opt-in date"),
}
MANY = {"mobile", "phone", "landline", "groups", "tags", "do_not_sms", "opted_out", "opted_in", "deceased"}  # several columns may mean these
IDENTIFYING = ("first_name", "last_name", "organisation", "email", "external_id")
PHONES = ("mobile", "phone", "landline")
CUSTOM = "custom:"  # before the key of a custom field
NEW = "new:"  # before the type of a custom field that the import makes, named as the column

NAMES = {
    "first_name": "firstname forename givenname given prenom prenoms",
    "last_name": "lastname surname familyname name nom nomdefamille nomusuel",
    "organisation": "organisation organization company companyname employer societe entreprise organisme raisonsociale structure association",
    "email": "email emailaddress mail courriel adressemail adresseemail adressecourriel adresseelectronique mel",
    "mobile": "mobile mobilephone mobilenumber cell cellphone cellular sms smsnumber gsm portable telephoneportable telportable telephonemobile "
    "telmobile "
    "mobilephonenumber cellphonenumber cellnumber numerodetelephonemobile numerodetelephoneportable "
    "numeroportable numerodeportable numeromobile numerodemobile numportable nportable",
    "phone": "phone phonenumber telephone telephonenumber tel number numero numerodetelephone numerotelephone numtel ntel ndetelephone num contactnumber"
    " homephone workphone officephone primaryphone mainphone telephonedomicile telephonebureau telbureau teldomicile telephoneprincipal",
    "landline": "landline landlinenumber fixe telephonefixe telfixe numerofixe numerodefixe",
    "language": "language lang preferredlanguage locale langue langueprefere languepreferee",
    "birth_date": "birthdate birthday dateofbirth dob born datedenaissance datenaissance naissance neele ne nee anniversaire",
    "external_id": "externalid extid id clientid contactid idcontact idclient "
    "customerid customernumber memberid memberno membernumber reference ref crmid identifiant identifiantexterne idexterne "
    "nadherent ndadherent nclient numeroclient numeroadherent numerodadherent numeromembre codeclient",
    "groups": "group groups list lists mailinggroup mailinggroups groupe groupes liste listes groupedediffusion",
    "tags": "tag tags etiquette etiquettes keywords motscles",
    "do_not_sms": "donotsms donottext nosms smsoptout nepasenvoyer nepasenvoyerdesms nepasenvoyersms pasdesms stopsms sanssms",
    "opted_out": "optedout optout optedoutofmarketing desinscritdumarketing "
    "unsubscribed nomarketing desabonne desinscrit desinscription oppositioncommerciale refuscommercial",
    "opted_in": "optedin optin optedintomarketing smsoptin marketingoptin smsconsent accordsms acceptelessms consentementsms"
    " acceptelemarketing consentementauxsmspromotionnels",
    "deceased": "deceased decede decedee deces personnedecedee datededeces datedudeces dateofdeath deathdate",
    "opt_in_date": "optindate optedinon optinon consentdate dateofconsent datedoptin datedaccord dateduconsentement dateconsentement",
}
BY_NAME = {name: field for field, names in NAMES.items() for name in names.split()}
Custom = Mapping[str, CustomField]  # meaning ("custom:…", "new:…") to the field, stored or not yet


def plain(name: str) -> str:
    """A column name without accents, case, spaces and signs: "N° de téléphone (2)" → "ndetelephone2"."""
    folded = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[^a-z0-9]", "", folded.replace("œ", "oe"))


def custom_fields() -> dict[str, CustomField]:
    """The custom fields that columns may become, by meaning."""
    return {f"{CUSTOM}{field.key}": field for field in CustomField.objects.active()}


def guess(header: Sequence[str], custom: Custom | None = None, answers: refusals.Found | None = None) -> dict[str, str]:
    """Column index (as text, as JSON keeps it) to meaning, for the columns whose names are known; the first of two wins.

    A name that sounds like refusals is enough; one that only sounds like consent needs cells that read like answers, as far as they were looked at.
    """
    own = {plain(name): meaning for meaning, field in (custom or {}).items() for name in (field.key, field.label)}
    mapping: dict[str, str] = {}
    for index, name in enumerate(header):
        key = plain(name)
        meaning = own.get(key) or BY_NAME.get(key) or BY_NAME.get(key.rstrip("0123456789"))
        meaning = meaning or _by_sound(name, index, answers or {})
        if key and meaning and ((meaning in MANY and meaning != "opted_in") or meaning not in mapping.values()):
            mapping[str(index)] = meaning
    return mapping


def _by_sound(name: str, index: int, answers: refusals.Found) -> str:
    meaning = refusals.meaning_of(name)
    return meaning if meaning != "opted_in" or refusals.can_be_read(index, answers) else ""


def names(header: Sequence[str]) -> list[str]:
    """What to call each column on screen, no two alike: its name, or its letter as in a spreadsheet, or both where a name stands twice."""
    told = [name.strip() for name in header]
    called = []
    for index, name in enumerate(told):
        if not name:
            called.append(_t("Column %(letter)s") % {"letter": letter(index)})
        else:
            called.append(f"{name} ({letter(index)})" if told.count(name) > 1 else name)
    return called


def repeated(header: Sequence[str]) -> list[int]:
    """Columns whose name another one before them has."""
    told = [name.strip() for name in header]
    return [index for index, name in enumerate(told) if name and name in told[:index]]


def watch(header: Sequence[str]) -> refusals.Watch:
    """Looks for refusals wherever they may be: not in names, addresses and keys."""
    return refusals.Watch(header, {index for index, name in enumerate(header) if BY_NAME.get(plain(name)) in IDENTIFYING})


def of_refused_rows(header: Sequence[str]) -> set[int]:
    """The columns that a file of refused rows has got from us (contacts.importing.refused), in any of our languages."""
    last = [plain(name) for name in header[-2:]]
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            if last == [plain(_t("Row")), plain(_t("Reason"))]:
                return {len(header) - 2, len(header) - 1}
    return set()


def of_exports(header: Sequence[str]) -> set[int]:
    """Columns in which an export of ours explains what its others say, in any of our languages."""
    ours = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            ours |= {plain(_t("Why not")), plain(_t("Consent since")), plain(_t("Consent from"))}
    return {index for index, name in enumerate(header) if plain(name) in ours}


def letter(index: int) -> str:
    """0 → A, 26 → AA."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def label_of(meaning: str, custom: Custom) -> str:
    """A meaning in words."""
    if meaning in FIELDS:
        return str(FIELDS[meaning])
    if meaning.startswith(NEW):
        return _t("New field, %(type)s") % {"type": type_label(meaning.removeprefix(NEW)).lower()}
    return custom[meaning].label if meaning in custom else pgettext("column", "Left out")


def type_label(kind: str) -> str:
    """The type of a custom field in words."""
    return str(dict(CustomField.Type.choices).get(kind, kind))


def check(mapping: Mapping[str, str], header: Sequence[str], custom: Custom | None = None) -> dict[int, str]:
    """The mapping with numbers as keys. Raises FileProblem when it cannot lead to contacts."""
    chosen = {int(index): meaning for index, meaning in mapping.items() if meaning and int(index) < len(header)}
    known = {*FIELDS, *(custom or {}), *(f"{NEW}{kind}" for kind in CustomField.Type.values)}
    if unknown := set(chosen.values()) - known:
        raise FileProblem("unknown_field", _t("There is no field %(field)s.") % {"field": ", ".join(sorted(unknown))})
    if not {*IDENTIFYING, *PHONES} & set(chosen.values()):
        raise FileProblem(
            "no_columns",
            _t("No column says who somebody is. The first row must name the columns, for example First name, Last name, Mobile, E-mail."),
        )
    called = partial(label_of, custom=custom or {})
    for meaning in set(chosen.values()) - MANY:
        twice = [names(header)[index] for index, other in chosen.items() if other == meaning]
        if len(twice) > 1 and not meaning.startswith(NEW):
            message = _t("%(columns)s all become %(field)s. Keep one of them and leave the others out.")
            raise FileProblem("field_twice", message % {"columns": ", ".join(twice), "field": called(meaning)})
    return dict(sorted(chosen.items()))


def check_key(chosen: Mapping[int, str], match_by: str) -> None:
    """Raises FileProblem when no column has the only thing that people are to be found by."""
    keys = {"external_id": {"external_id"}, "email": {"email"}, "number": set(PHONES)}
    if match_by in keys and not keys[match_by] & set(chosen.values()):
        raise FileProblem("no_key_column", _t("No column has what people are to be found by. Choose another way, or say which column has it."))
