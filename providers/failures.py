"""Why a text did not arrive: neutral categories with plain words, whatever the gateway calls them."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Failure:
    """A category. `hard`: the number itself is bad. `charged`: gateways usually bill it. `retry_helps`: the same text may arrive later."""

    code: str
    label: Any
    advice: Any
    hard: bool = False
    charged: bool = False
    retry_helps: bool = False
    concerns_number: bool = False  # says something about the recipient, not about us


_ALL = (
    Failure("invalid_number", _("Not a valid number"), _("Correct the number on the contact's page."), hard=True, concerns_number=True),
    Failure("unknown_number", _("The number is not in service"), _("Ask the contact for a new number."), hard=True, charged=True, concerns_number=True),
    Failure("not_mobile", _("The number cannot receive texts"), _("It may be a landline. Ask for a mobile number."), hard=True, concerns_number=True),
    Failure("unreachable", _("Phone off or out of reach"), _("A later attempt may work."), charged=True, retry_helps=True, concerns_number=True),
    Failure("opted_out", _("The recipient opted out at the gateway"), _("The number is suppressed: it gets no more texts."), concerns_number=True),
    Failure("blocked", _("Blocked by the recipient's operator"), _("Ask the gateway's support if it happens often."), charged=True),
    Failure("filtered", _("Held back as unwanted by an operator"), _("Change the wording, and avoid shortened links."), charged=True),
    Failure("country_not_allowed", _("The gateway account may not text this country"), _("Allow the country in the gateway's console.")),
    Failure("no_route", _("No route from this sender to this number"), _("Choose another sender.")),
    Failure("sender_not_allowed", _("The sender is not allowed"), _("Choose a sender that belongs to the gateway account.")),
    Failure("text_not_allowed", _("The text was not accepted"), _("Shorten the text or take out unusual characters.")),
    Failure("too_expensive", _("Over the price limit"), _("Raise the limit in the gateway's console.")),
    Failure("fictional_number", _("A number that belongs to nobody"), _("Made-up numbers can be texted through the simulator only.")),
    Failure("refused", _("Refused by the gateway"), _("Read the gateway's own words below.")),
    Failure("gateway_trouble", _("The gateway had a fault"), _("A later attempt may work."), retry_helps=True),
    Failure("throttled", _("The gateway asks for a slower pace"), _("Send it again later. If it happens often, lower the provider's segments per second."),
            retry_helps=True),
    Failure("not_reached", _("The gateway could not be reached"), _("Nothing left. Send it again once the gateway answers."), retry_helps=True),
    Failure("no_answer", _("The gateway did not answer in time"), _("The text may have arrived. It is not repeated by itself.")),
    Failure("odd_answer", _("The gateway's answer made no sense"), _("The text may have arrived. It is not repeated by itself.")),
    Failure("partly_sent", _("Only a part of the text was taken"), _("Pieces of it may have arrived. Sending it again repeats them.")),
    Failure("credentials", _("The gateway refuses our credentials"), _("Check them in the provider's settings.")),
    Failure("inside_address", _("The address leads to this machine or an inside network: enter a public one, or name the host in PRIVATE_GATEWAY_HOSTS"),
            _("Correct the address in the provider's settings, or let the installation's settings name the host.")),
    Failure("address", _("The gateway's address cannot be used: enter one that is complete, encrypted and leads nowhere else"),
            _("Correct it in the provider's settings.")),
    Failure("redirected", _("The gateway leads to another address, which was not followed"),
            _("The text may have arrived. It is not repeated by itself. Enter the other address in the provider's settings.")),
    Failure("account", _("The gateway account is not in order"), _("Check credit and state in the gateway's console.")),
    Failure("not_delivered", _("Not delivered, no reason given"), _("A later attempt may work."), charged=True, retry_helps=True, concerns_number=True),
)  # fmt: skip
FAILURES: dict[str, Failure] = {failure.code: failure for failure in _ALL}


def label(code: str) -> Any:
    """The words for a category; the code itself when it is not one of ours."""
    found = FAILURES.get(code)
    return found.label if found else code


ADDRESS = ("inside_address", "address")  # where we may not, or cannot, call
CLOSE_A_LANE = ("credentials", "account", *ADDRESS)  # nothing leaves before a person has mended it
OPTED_OUT = "opted_out"  # at the gateway: the number is suppressed
HARD = tuple(failure.code for failure in _ALL if failure.hard)  # the number itself is bad: it gets no more texts
