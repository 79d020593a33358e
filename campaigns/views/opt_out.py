"""The page behind the opt-out link of a text. Looking changes nothing, for previews of links look too; one press of the button does."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from campaigns.models.template import CODES
from campaigns.services import link_opt_outs
from campaigns.services.link_opt_outs import Link
from smsapp.common import limits, phone
from smsapp.common.models import Organisation

WRONG_A_MINUTE = 60  # addresses that nobody was given, from one place
PRESSES_AN_HOUR = 20  # of one link
HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}


@login_not_required
@csrf_exempt  # whoever has the address may press: there is no session to ride on, and browsers inside other apps keep no cookies
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, code: str) -> HttpResponse:
    """Ask, or do what was pressed."""
    place = f"opt-out {limits.place_of(request)}"
    if limits.is_over(place, WRONG_A_MINUTE):
        return _answer(request, None, "busy", status=429)
    link = link_opt_outs.read(code)
    if link is None:
        limits.count(place, seconds=60)
        return _answer(request, None, "unknown", status=404)
    if request.method != "POST":
        return _answer(request, link, "out" if link.is_out else "ask")
    pressed = f"opt-out link {code}"
    if limits.count(pressed, seconds=3_600) > PRESSES_AN_HOUR:
        return _answer(request, link, "busy", status=429)
    back = request.POST.get("do") == "back"
    with translation.override(_language(request, link)):
        wording = _wording(link, back=back)
    (link_opt_outs.take_back if back else link_opt_outs.opt_out)(link, wording=wording)
    return _answer(request, link, "back" if back and not link.is_out else "out")


def _wording(link: Link, *, back: bool) -> str:
    facts = {"organisation": Organisation.current().name, "number": _masked(link)}
    return (_("%(organisation)s may send texts to %(number)s again.") if back else _("No more texts from %(organisation)s to %(number)s.")) % facts


def _masked(link: Link) -> str:
    """Enough to know one's own number by, for whoever sees the page besides."""
    return ", ".join(phone.mask(number) for number in link.numbers)


def _language(request: HttpRequest, link: Link | None) -> str:
    wanted = link.contact.language if link and link.contact else ""
    if wanted in CODES:
        return wanted
    return Organisation.current().language if link else translation.get_language_from_request(request)


def _answer(request: HttpRequest, link: Link | None, state: str, *, status: int = 200) -> HttpResponse:
    with translation.override(_language(request, link)):
        context = {"state": state, "organisation": Organisation.current(), "number": _masked(link) if link else "", "is_test": bool(link and not link.contact)}
        response = render(request, "optout/page.html", context, status=status)
        for name, value in HEADERS.items():
            response.headers[name] = value
        response.headers["Content-Language"] = translation.get_language() or "en"
    return response
