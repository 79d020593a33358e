"""A mailing once more, as a draft of its own."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.models import Mailing
from campaigns.models.mailing import AUDIENCE

CONTENT = (
    "campaign_id", "provider_id", "sender", "template_id", "template_version_id", "kind", "text", "language", "translations", "max_segments", "rest_hours",
    "series",
)  # fmt: skip


def content_of(mailing: Mailing) -> dict[str, Any]:
    """What a copy has in common with its origin, but for name and audience."""
    return {field: getattr(mailing, field) for field in CONTENT}


@transaction.atomic
def copy(mailing: Mailing, by: Any) -> Mailing:
    """A new draft with the same audience and text, without a schedule."""
    name = (_("Copy of %(name)s") % {"name": mailing.name})[:120]
    new = Mailing.objects.create(author=by, name=name, **content_of(mailing))
    for side in AUDIENCE:
        getattr(new, side).set(getattr(mailing, side).all())
    return new
