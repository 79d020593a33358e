"""What mailings and keyword rules forbid the apps below. Earlier mailings that an audience is made of need no guard: only drafts can be deleted."""

from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns.models import KeywordRule, Mailing
from campaigns.statuses import DRAFTS, MailingStatus
from contacts.models import Group
from smsapp.common.bidi import isolated


def group_in_use(group: Group) -> str:
    """Why a group must not be deleted: taken out of a draft's excluded side, it would widen the audience without a word."""
    waiting = Mailing.objects.filter(status__in=[*DRAFTS, MailingStatus.SCHEDULED])
    used = waiting.filter(Q(include_groups=group) | Q(exclude_groups=group)).order_by("-id").first()
    if used is None:
        return ""
    return _("The mailing “%(mailing)s” has not gone out yet and uses this group. Take the group out of it first.") % {"mailing": isolated(used.name)}


def group_of_a_keyword(group: Group) -> str:
    """Why a group must not be deleted: people join it by a word, and would be told so."""
    rule = KeywordRule.objects.filter(group=group).order_by("position", "id").first()
    if rule is None:
        return ""
    return _("People join or leave it by the keyword rule “%(rule)s”. Give the rule another group first.") % {"rule": isolated(str(rule))}
