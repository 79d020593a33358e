"""Under which heads questions are offered."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

PERSON = _("Person")
NUMBERS = pgettext_lazy("phone numbers", "Numbers")
GROUPS = _("Groups")
TEXTS = _("Texts and calls")
DATES = _("Dates")
CONSENT = _("Consent")
CUSTOM = _("Custom fields")
