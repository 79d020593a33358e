"""A text leaves the composer: sent or saved, and kept as a template in the same transaction."""

from typing import Any

from django.db import transaction

from campaigns.models import Mailing, Message
from campaigns.services import keeping, mailings, quick_send
from campaigns.services.keeping import Keep
from campaigns.texts import Texts


@transaction.atomic
def send(keep: Keep, texts: Texts, by: Any, *, provider: Any, sender: str, template: Any, key: str, most_segments: int, **values: Any) -> list[Message]:
    """`quick_send.queue`, and the template: once, however often one form is posted."""
    quick_send.wait_for(key)
    if not quick_send.was_queued(key):
        template = keeping.keep(keep, texts, by, provider=provider, sender=sender, max_segments=most_segments) or template
    return quick_send.queue(author=by, provider=provider, sender=sender, texts=texts, template=template, key=key, most_segments=most_segments, **values)


@transaction.atomic
def save(mailing: Mailing, keep: Keep, texts: Texts, by: Any, *, version: int, template: Any, **settings: Any) -> Mailing:
    """`mailings.save_content`, and the template; `settings` are provider, sender, max_segments and kind."""
    kept = keeping.keep(keep, texts, by, **settings)
    return mailings.save_content(mailing, by=by, version=version, texts=texts, template=kept or template, **settings)
