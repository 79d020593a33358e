"""Where a mailing stands, for whoever asks for something that does not fit: its state, and what to do in it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Mailing
from campaigns.services.errors import CampaignError
from campaigns.statuses import MailingStatus as S
from smsapp.common.bidi import isolated

SENTENCES: dict[str, Any] = {
    S.DRAFT: gettext_lazy("That is not possible now: “%(name)s” is a draft. Make its plan and confirm it in step 3 first."),
    S.PREPARING: gettext_lazy("That is not possible now: “%(name)s” is being prepared. Wait until its plan is made, or stop preparing."),
    S.READY: gettext_lazy("That is not possible now: “%(name)s” waits for confirmation. Confirm it in step 3 first."),
    S.SCHEDULED: gettext_lazy("That is not possible now: “%(name)s” is scheduled. Pause it or take it back to draft first."),
    S.SENDING: gettext_lazy("That is not possible now: “%(name)s” is being sent. It can be paused, or its rest cancelled."),
    S.PAUSED: gettext_lazy("That is not possible now: “%(name)s” is paused. Resume it first, or cancel it."),
    S.FINISHED: gettext_lazy("That is not possible now: “%(name)s” is finished. Copy it to start from its text."),
    S.CANCELLED: gettext_lazy("That is not possible now: “%(name)s” is cancelled. Copy it to start from its text."),
    S.ERROR: gettext_lazy("That is not possible now: the plan of “%(name)s” could not be made. Look at step 3."),
}


def told(mailing: Mailing) -> str:
    """Why something that another state would allow cannot be done."""
    if mailing.archived:
        return _("That is not possible now: “%(name)s” is in the archive. Take it out of there first.") % {"name": isolated(mailing.name)}
    return str(SENTENCES[mailing.status]) % {"name": isolated(mailing.name)}


def gone_on(mailing: Mailing) -> CampaignError:
    """The same, to raise: `gone_on`."""
    return CampaignError("gone_on", told(mailing))
