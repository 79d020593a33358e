"""What each column means: guessed from its name in English or French, checked before the import."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from contacts.importing.problems import FileProblem

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
    "do_not_sms": _("Do not SMS"),
    "opted_out": _("Opted out of marketing"),
}
MANY = {"mobile", "phone", "landline", "groups"}  # several columns may mean these
IDENTIFYING = {"first_name", "last_name", "organisation", "email", "mobile", "phone", "landline", "external_id"}

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
    "nadherent nclient numeroclient numeroadherent numerodadherent numeromembre codeclient",
    "groups": "group groups list lists mailinggroup mailinggroups groupe groupes liste listes groupedediffusion",
    "do_not_sms": "donotsms donottext nosms smsoptout nepasenvoyer nepasenvoyerdesms nepasenvoyersms pasdesms stopsms sanssms",
    "opted_out": "optedout optout optedoutofmarketing desinscritdumarketing "
    "unsubscribed nomarketing desabonne desinscrit desinscription oppositioncommerciale refuscommercial",
}
BY_NAME = {name: field for field, names in NAMES.items() for name in names.split()}


def plain(name: str) -> str:
    """A column name without accents, case, spaces and signs: "N° de téléphone (2)" → "ndetelephone2"."""
    folded = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[^a-z0-9]", "", folded.replace("œ", "oe"))


def guess(header: Sequence[str]) -> dict[str, str]:
    """Column index (as text, as JSON keeps it) to field, for the columns whose names are known; the first of two wins."""
    mapping: dict[str, str] = {}
    for index, name in enumerate(header):
        key = plain(name)
        field = BY_NAME.get(key) or BY_NAME.get(key.rstrip("0123456789"))
        if field and (field in MANY or field not in mapping.values()):
            mapping[str(index)] = field
    return mapping


def names(header: Sequence[str]) -> list[str]:
    """What to call each column on screen, no two alike: its name, or its letter as in a spreadsheet, or both where a name stands twice."""
    told = [name.strip() for name in header]
    called = []
    for index, name in enumerate(told):
        if not name:
            called.append(_("Column %(letter)s") % {"letter": letter(index)})
        else:
            called.append(f"{name} ({letter(index)})" if told.count(name) > 1 else name)
    return [str(name) for name in called]


def repeated(header: Sequence[str]) -> list[int]:
    """Columns whose name another one before them has."""
    told = [name.strip() for name in header]
    return [index for index, name in enumerate(told) if name and name in told[:index]]


def letter(index: int) -> str:
    """0 → A, 26 → AA."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def check(mapping: Mapping[str, str], header: Sequence[str]) -> dict[int, str]:
    """The mapping with numbers as keys. Raises FileProblem when it cannot lead to contacts."""
    chosen = {int(index): field for index, field in mapping.items() if field and int(index) < len(header)}
    if unknown := set(chosen.values()) - set(FIELDS):
        raise FileProblem("unknown_field", _("There is no field %(field)s.") % {"field": ", ".join(sorted(unknown))})
    if not IDENTIFYING & set(chosen.values()):
        raise FileProblem(
            "no_columns",
            _("No column says who somebody is. The first row must name the columns, for example First name, Last name, Mobile, E-mail."),
        )
    for field in set(chosen.values()) - MANY:
        twice = [names(header)[index] for index, other in chosen.items() if other == field]
        if len(twice) > 1:
            message = _("%(columns)s all become %(field)s. Keep one of them and leave the others out.")
            raise FileProblem("field_twice", message % {"columns": ", ".join(twice), "field": FIELDS[field]})
    return dict(sorted(chosen.items()))
