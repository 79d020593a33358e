"""Keeping a text as a template while it is sent or saved: both happen, or neither."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from campaigns.models import SmsTemplate
from campaigns.services import templates
from campaigns.services.errors import CampaignError
from campaigns.texts import Texts
from smsapp.common.bidi import isolated


@dataclass(frozen=True, slots=True)
class Keep:
    """What the two checkboxes ask for: a new template of this name, and that the chosen one says the text from now on."""

    new_name: str = ""
    change: SmsTemplate | None = None
    seen: int = 0  # version of it that the person saw; who saw none overwrites nothing

    @classmethod
    def asked(cls, data: dict[str, Any], user: Any) -> "Keep":
        """By a form with TemplateFields; nothing for somebody who has not the right."""
        new = data.get("save_new") and user.has_perm("campaigns.add_smstemplate")
        change = data.get("save_changed") and user.has_perm("campaigns.change_smstemplate")
        return cls(data["new_name"] if new else "", data.get("template") if change else None, data.get("template_seen") or 0)


def keep(asked: Keep, texts: Texts, by: Any, **settings: Any) -> SmsTemplate | None:
    """Do it, inside the caller's transaction; the template that the text is now made from, if it was kept as one.

    `settings` go with a new template only. Raises CampaignError `name_taken`, `changed` or `no_text`.
    """
    if (asked.change or asked.new_name) and not texts.text.strip():
        raise CampaignError("no_text", _("There is no text to keep as a template. Write it first."))
    kept = None
    if asked.change:
        if not asked.change.active:
            words = _("The template “%(name)s” is in the archive. Keep the text under another name, or without a template.")
            raise CampaignError("archived", words % {"name": isolated(asked.change.name)})
        kept = templates.change(asked.change, by, version=asked.seen, texts=texts)
    if asked.new_name:
        kept = templates.create(asked.new_name, texts, by, **settings)
    return kept
