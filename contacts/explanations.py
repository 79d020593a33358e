"""Reasons in words: what each one means, and what a person can do about it. The short labels are in contacts.eligibility."""

from typing import Any

from django.utils.translation import gettext_lazy as _

WORDS: dict[str, tuple[Any, Any]] = {  # code -> (what it means, what to do)
    "deleted": (_("The contact was deleted, or erased for good."), _("Nothing, unless it was a mistake: then restore the contact, or add the person again.")),
    "deceased": (_("The contact is marked as deceased."), _("If that is wrong, edit the contact and untick it.")),
    "no_number": (_("The contact has no phone number."), _("Add the person’s mobile number.")),
    "number_removed": (
        _("The contact no longer has the number that the text was prepared for: it was corrected or removed since."),
        _("Nothing. A text to an old number could reach somebody else; the next mailing takes the number of that day."),
    ),
    "not_mobile": (
        _("None of the numbers is of a type that gets texts. Premium, satellite and personal numbers never are, unless an administrator allows them."),
        _("Add a mobile number, or correct the type of one if it is a mobile after all."),
    ),
    "invalid_number": (
        _("The only number that could be texted cannot exist: its country has no such numbers."),
        _("Compare the digits with the person’s own writing and correct the number."),
    ),
    "do_not_sms": (
        _("The person wants no texts at all. This holds for every text, whoever sends it."),
        _("Nothing, unless they agree anew: then note their consent."),
    ),
    "opted_out": (
        _("The person wants no marketing. Mailings leave them out; a one-off text about their own affairs is allowed."),
        _("Nothing, unless they opt in again: then note their consent."),
    ),
    "suppressed": (
        _("The number gets no text, whoever has it: its owner answered STOP or opted out at the gateway, or staff blocked it."),
        _("A STOP can only be taken back by its owner, by texting START. A block by staff can be lifted by an administrator, with a reason."),
    ),
    "quarantined": (
        _("Texts to this number failed for good, for example because nobody has it any more."),
        _("Ask the person for their present number. An administrator can end the quarantine, with a reason."),
    ),
    "in_review": (
        _("The number sent a text that may mean stop. Until a person has decided what it means, no marketing goes there."),
        _("Read the text in the conversation and decide."),
    ),
    "replied": (
        _("The person answered a text of this series, or opted out, after this one was queued: reminders end with an answer."),
        _("Nothing."),
    ),
    "duplicate_number": (
        _("Another contact of this mailing has the same number, and it gets one text only. The contact that was added first keeps it."),
        _("Nothing: the phone got the text. If both are the same person, merge them."),
    ),
    "country_not_allowed": (
        _("The provider may not text the country of this number."),
        _("Choose a provider that may, or ask an administrator to allow the country."),
    ),
    "texted_recently": (
        _("The person was texted within the hours of rest that were chosen for this mailing."),
        _("Nothing, or let them in again on the plan of the mailing before it is sent."),
    ),
    "texted_before": (
        _("An earlier run of the workflow has texted the person with this very SMS, or is about to. It is one that each person gets once."),
        _("Nothing: the person got the text. What people are to get again is a recurring SMS; a copy of the step is another SMS."),
    ),
    "texted_that_day": (
        _("Another run of the workflow has texted the person with this very SMS on the same day, or is about to. Nobody gets it twice a day unless planned."),
        _("Nothing: the person got the text."),
    ),
    "empty_text": (
        _("The text consists of tokens, and this person has nothing for any of them: nothing would be left to send."),
        _("Write behind a bar what such people read instead, add words to the text, or fill in the missing value on the contact."),
    ),
    "too_long": (
        _("With this person’s own words filled in, the text needs more segments than the mailing allows."),
        _("Shorten the text, or allow more segments if you may."),
    ),
    "fictional_number": (
        _("The number belongs to nobody: its country keeps it for films and examples. Only the simulator can text it."),
        _("Replace it by the person’s real number."),
    ),
}

OWN_ACT = _(
    "The recipient asked for it, so nobody here can lift it. They can: by texting START to the number that they wrote STOP to, "
    "or by giving you another number."
)
BY_STAFF = _("If it was a mistake, an administrator can lift it, with a reason.")


def meaning(code: str) -> Any:
    """What the reason means; empty for a code that is none of ours."""
    return WORDS[code][0] if code in WORDS else ""


def remedy(code: str) -> Any:
    """What can be done."""
    return WORDS[code][1] if code in WORDS else ""
