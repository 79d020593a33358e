"""The hidden key of a form: what one page sends is sent once."""

import uuid

from django import forms


def renew_key(form: forms.Form) -> None:
    """A bound form that was changed after it was sent is another one: its next post is sent for itself."""
    form.data = {**form.data, "key": str(uuid.uuid4())}
