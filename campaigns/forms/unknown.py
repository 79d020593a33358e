"""What the list of unknown texts is narrowed to."""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import wording
from campaigns.models import Mailing, UnknownText
from campaigns.wizard.picker import id_in
from providers.models import Provider
from smsapp.common.forms import FilterForm

NO_MAILING = "none"
SOME = 200  # mailings and causes that are offered


class UnknownFilters(FilterForm, forms.Form):
    """Mailing, provider, cause, and the days on which they became unknown; only what some of them have is offered."""

    mailing = forms.ChoiceField(label=_("Mailing"), required=False)
    provider = forms.ChoiceField(label=_("Provider"), required=False)
    cause = forms.ChoiceField(label=_("Cause"), required=False)
    since = forms.DateField(label=_("Unknown since"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(label=_("until"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        for name, offered in (("mailing", _mailings), ("provider", _providers), ("cause", _causes)):
            self.fields[name].choices = [("", _("Any")), *offered(str(data.get(name, "")))]  # type: ignore[attr-defined]

    def texts(self) -> QuerySet[UnknownText]:
        """The waiting texts that match. What makes no sense matches none: an answer to all that match must never reach further than meant."""
        if not self.is_valid():
            return UnknownText.objects.none()
        found, wanted = UnknownText.objects.all(), self.cleaned_data
        if mailing := wanted.get("mailing"):
            found = found.filter(mailing__isnull=True) if mailing == NO_MAILING else found.filter(mailing=mailing)
        if wanted.get("provider"):
            found = found.filter(provider=wanted["provider"])
        if wanted.get("cause"):
            found = found.filter(reason=wanted["cause"])
        return found.filter(_days(wanted))


def _days(wanted: dict[str, Any]) -> Q:
    found = Q()
    if wanted.get("since"):
        found &= Q(since__date__gte=wanted["since"])
    if wanted.get("until"):
        found &= Q(since__date__lt=wanted["until"] + timedelta(days=1))
    return found


def _distinct(name: str) -> list[Any]:
    return list(UnknownText.objects.order_by(name).values_list(name, flat=True).distinct()[:SOME])


# What is asked for is offered too, although none of that kind waits any more.


def _mailings(asked: str) -> list[tuple[str, Any]]:
    ids = [*_distinct("mailing_id"), id_in(asked)]
    rows = Mailing.objects.filter(id__in=[pk for pk in ids if pk]).order_by("-id").values_list("id", "name")
    return [*((str(pk), name) for pk, name in rows), (NO_MAILING, _("None: one-off texts and tests"))]


def _providers(asked: str) -> list[tuple[str, Any]]:
    ids = [*_distinct("provider_id"), id_in(asked)]
    return [(str(pk), name) for pk, name in Provider.objects.filter(id__in=[pk for pk in ids if pk]).order_by("name").values_list("id", "name")]


def _causes(asked: str) -> list[tuple[str, Any]]:
    codes = dict.fromkeys([*_distinct("reason"), asked])
    return [(code, words) for code in codes if code and (words := wording.reason(code, "unknown")) != code]


def asked_at() -> str:
    """This moment, for a form that means what matched when it was shown."""
    return timezone.now().isoformat()
