"""What *Send test* is about: a mailing or a template, and whether there is anything to try."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.composing import readers, showing
from campaigns.composing.readers import OfTemplate
from campaigns.composing.showing import Place
from campaigns.models import Mailing, SmsTemplate
from campaigns.services.test_send import Trial
from campaigns.statuses import DRAFTS
from campaigns.texts import Texts
from campaigns.vocabulary import Occasion
from campaigns.wizard.picker import id_in
from contacts import selection
from contacts.models import Contact
from providers.models import Provider


@dataclass(slots=True)
class Subject:
    """What is tried, as far as it can be: `problems` say in words what it lacks."""

    mailing: Mailing | None = None
    template: SmsTemplate | None = None
    problems: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, request: HttpRequest) -> "Subject":
        """The mailing or template that the address names; 404 for none. Who may not write a mailing or see a template may not try its text."""
        data = request.POST if request.method == "POST" else request.GET
        mailing, template = (id_in(data.get(name, "")) for name in ("mailing", "template"))
        if mailing is not None:
            return cls._of_mailing(request, mailing)
        if template is None:
            raise Http404
        if not request.user.has_perm("campaigns.view_smstemplate"):
            raise PermissionDenied
        found = cls(template=get_object_or_404(SmsTemplate.objects.select_related("provider"), pk=template))
        if not Provider.objects.active().exists():
            found.problems.append(_("There is no active provider. An administrator can switch one on."))
        return found

    @classmethod
    def _of_mailing(cls, request: HttpRequest, pk: int) -> "Subject":
        if not request.user.has_perm("campaigns.change_mailing"):
            raise PermissionDenied
        mailing = get_object_or_404(Mailing.objects.select_related("provider", "template", "template_version"), pk=pk)
        found = cls(mailing=mailing)
        if mailing.status not in DRAFTS:
            found.problems.append(_("This mailing was launched: a test would come too late. Look at its messages instead."))
        if mailing.provider is None or not mailing.provider.active:
            found.problems.append(_("Choose an active provider in step 2."))
        if not mailing.text.strip():
            found.problems.append(_("Write the text in step 2."))
        return found

    @property
    def row(self) -> Any:
        """The mailing or the template."""
        return self.mailing or self.template

    @property
    def field(self) -> tuple[str, int]:
        """Its hidden field."""
        return ("mailing" if self.mailing else "template", self.row.pk)

    @property
    def url(self) -> str:
        """Its page."""
        return reverse("campaigns:mailing" if self.mailing else "campaigns:template", args=[self.row.pk])

    def trial(self, user: Any, origin: tuple[Provider, str] | None) -> Trial | None:
        """What the service sends; None as long as nobody chose through whom."""
        if self.mailing is not None:
            version = self.mailing.template_version
            if self.mailing.provider is None:
                return None
            return Trial(
                Texts.of(self.mailing), self.mailing.provider, self.mailing.sender, self.mailing.max_segments, mailing=self.mailing,
                template=self.mailing.template, version=version.number if version else None,
            )  # fmt: skip
        if self.template is None or origin is None:
            return None
        most = self.template.max_segments if user.has_perm("campaigns.long_texts") else 1
        return Trial(Texts.of(self.template), *origin, most, template=self.template, version=self.template.version, author=user)

    def first_reader(self, user: Any) -> Contact | None:
        """Of the mailing's audience the one whom previews show first; of a template anybody who can be texted."""
        people = readers.kept(self.mailing) if self.mailing else OfTemplate(user, Occasion())
        shown = showing.show(people, Texts.of(self.row), Place())
        return selection.visible_to(user).filter(pk=shown.contact.pk).first() if shown else None
