"""The one door for every gateway's webhooks."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseNotAllowed
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from providers import registry
from providers.errors import WebhookRejected
from providers.services import callers, inbox

MOST_BYTES = 64 * 1024


@login_not_required
@csrf_exempt
def receive(request: HttpRequest, kind: str, token: str, event: str) -> HttpResponse:
    """Verify, store, answer; what it means is applied afterwards. The address's token and the signature are the login."""
    caller = callers.find(kind, token)
    methods = registry.get(kind).hook_methods if caller else ("POST",)
    if request.method not in methods:
        return HttpResponseNotAllowed(methods)
    if caller is None:
        raise Http404
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES or len(request.body) > MOST_BYTES:
            return HttpResponse("too long", status=413, content_type="text/plain")
    except (RequestDataTooBig, UnreadablePostError, ValueError):
        return HttpResponse("not readable", status=400, content_type="text/plain")
    try:
        inbox.accept(caller, event, request)  # whatever breaks here is ours: a 500, so that the gateway posts again
    except WebhookRejected:
        return HttpResponseForbidden("not signed by the gateway", content_type="text/plain")
    body, content_type = registry.get(kind).answer(caller.plain, event)
    return HttpResponse(body, content_type=content_type)
