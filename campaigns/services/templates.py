"""Delivery templates: making, changing, archiving, deleting. Every text that was saved stays as a version."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import template_uses
from campaigns.models import SmsTemplate, SmsTemplateVersion
from campaigns.services import names
from campaigns.services.errors import CampaignError
from campaigns.texts import Texts
from smsapp.common import audit
from smsapp.common.bidi import isolated


@transaction.atomic
def create(name: str, texts: Texts, by: Any, **settings: Any) -> SmsTemplate:
    """A new template and its first version. `settings` are its other fields. Raises CampaignError `name_taken`."""
    name = _free(name)
    template = SmsTemplate.objects.create(name=name, changed_by=by, **texts.as_fields(), **settings)
    _keep_version(template, texts, by)
    return template


@transaction.atomic
def change(
    template: SmsTemplate,
    by: Any,
    *,
    version: int | None = None,
    seen: datetime | None = None,
    name: str | None = None,
    texts: Texts | None = None,
    **settings: Any,
) -> SmsTemplate:
    """Change a template; another text makes another version.

    `version` is the one that the person saw, `seen` when what they saw was changed last: what somebody saved meanwhile is not
    overwritten (CampaignError `changed`). `version` heeds texts alone, `seen` the settings too.
    """
    row = SmsTemplate.objects.select_for_update().get(id=template.id)
    if version is not None and version != row.version:
        raise CampaignError("changed", _("Somebody saved another text of “%(name)s” meanwhile. Look at it, then save again.") % {"name": isolated(row.name)})
    if seen is not None and seen != row.updated_at:
        raise CampaignError("changed", _("Somebody saved “%(name)s” meanwhile. Look at what is there now, then save again.") % {"name": isolated(row.name)})
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


@transaction.atomic
def restore(template: SmsTemplate, number: int, by: Any) -> SmsTemplate:
    """What version `number` said is said again, as a new version; the others stay."""
    texts = Texts.of(SmsTemplateVersion.objects.get(template=template, number=number))
    row = change(template, by, texts=texts)
    audit.note(row, "restored", by, version=number)
    return row


@transaction.atomic
def delete(template: SmsTemplate, by: Any) -> None:
    """For good, with its versions; only a template that nothing was made from (CampaignError `used`)."""
    row = SmsTemplate.objects.select_for_update().get(id=template.id)
    if why := template_uses.why_kept(row):
        raise CampaignError("used", why)
    row.delete()


def current_version(template: SmsTemplate) -> SmsTemplateVersion:
    """The version that says what the template says now, whatever `template` was read as."""
    return SmsTemplateVersion.objects.filter(template=template).order_by("-number")[0]


def version_of(template: SmsTemplate, texts: Texts) -> SmsTemplateVersion | None:
    """The newest version that says just this; None for a text that was changed by hand."""
    return SmsTemplateVersion.objects.filter(template=template, **texts.as_fields()).order_by("-number").first()


def number_of(template: SmsTemplate | None, texts: Texts) -> int | None:
    """The version that texts are filed under: the one that has them, else the current one; None without a template."""
    return (version_of(template, texts) or current_version(template)).number if template else None


def _keep_version(template: SmsTemplate, texts: Texts, by: Any) -> None:
    SmsTemplateVersion.objects.create(template=template, number=template.version, author=by, **texts.as_fields())


def _free(name: str, *, but: SmsTemplate | None = None) -> str:
    """The name without blanks around it, when no other template has it in any spelling."""
    name = names.tidy(name)
    if other := names.holder(SmsTemplate.objects.all(), name, but=but):
        taken = _("There is a template “%(name)s” already. Choose another name.")
        kept = _("The archive has a template “%(name)s”. Choose another name.")
        raise CampaignError("name_taken", (taken if other.active else kept) % {"name": isolated(other.name)})
    return name
