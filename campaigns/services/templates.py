"""Delivery templates: making, changing, archiving. Every text that was saved stays as a version."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.models import SmsTemplate, SmsTemplateVersion
from campaigns.services.errors import CampaignError
from campaigns.texts import Texts


@transaction.atomic
def create(name: str, texts: Texts, by: Any, **settings: Any) -> SmsTemplate:
    """A new template and its first version. `settings` are its other fields. Raises CampaignError `name_taken`."""
    name = _free(name)
    template = SmsTemplate.objects.create(name=name, changed_by=by, **texts.as_fields(), **settings)
    _keep_version(template, texts, by)
    return template


@transaction.atomic
def change(template: SmsTemplate, by: Any, *, version: int | None = None, name: str | None = None, texts: Texts | None = None, **settings: Any) -> SmsTemplate:
    """Change a template; another text makes another version.

    `version` is the one that the person saw: a text that somebody saved meanwhile is not overwritten (CampaignError `changed`).
    """
    row = SmsTemplate.objects.select_for_update().get(id=template.id)
    if version is not None and version != row.version:
        raise CampaignError("changed", _("Somebody saved another text of “%(name)s” meanwhile. Look at it, then save again.") % {"name": row.name})
    if name is not None:
        row.name = _free(name, but=row)
    if texts is not None and texts != Texts.of(row):
        row.version += 1
        for field, value in texts.as_fields().items():
            setattr(row, field, value)
        _keep_version(row, texts, by)
    for field, value in settings.items():
        setattr(row, field, value)
    row.changed_by = by
    row.save()
    return row


@transaction.atomic
def archive(template: SmsTemplate, by: Any, *, archived: bool = True) -> SmsTemplate:
    """Offer a template no longer, or again. What was made from it stays as it is."""
    return change(template, by, active=not archived)


def current_version(template: SmsTemplate) -> SmsTemplateVersion:
    """The version that says what the template says now, whatever `template` was read as."""
    return SmsTemplateVersion.objects.filter(template=template).order_by("-number")[0]


def _keep_version(template: SmsTemplate, texts: Texts, by: Any) -> None:
    SmsTemplateVersion.objects.create(template=template, number=template.version, author=by, **texts.as_fields())


def _free(name: str, *, but: SmsTemplate | None = None) -> str:
    """The name without blanks around it, when no other template has it in any spelling."""
    name = " ".join(name.split())
    others = SmsTemplate.objects.filter(name__iexact=name)
    if but is not None:
        others = others.exclude(id=but.id)
    if other := others.first():
        taken = _("There is a template “%(name)s” already. Choose another name.")
        kept = _("The archive has a template “%(name)s”. Choose another name.")
        raise CampaignError("name_taken", (taken if other.active else kept) % {"name": other.name})
    return name
