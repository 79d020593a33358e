"""Outcomes of a call that are not an acceptance; each carries evidence and never a secret."""


class ProviderError(Exception):
    """Something went wrong with a gateway. `reason` is a neutral category, `detail` the gateway's own code and words."""

    def __init__(self, message: str, *, reason: str = "", detail: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.detail = detail[:200]


class NotSent(ProviderError):
    """Certainly not sent: connection refused, DNS, TLS, 429. Safe to try again, after `retry_after` seconds if given.

    `throttled` marks a 429: it slows the whole lane and costs the text no attempt.
    """

    def __init__(self, message: str, *, retry_after: float | None = None, throttled: bool = False, reason: str = "", detail: str = "") -> None:
        super().__init__(message, reason=reason, detail=detail)
        self.retry_after = retry_after
        self.throttled = throttled


class Refused(ProviderError):
    """The gateway said no to this text; final. `opted_out` and `hard` concern the number."""


class Unknown(ProviderError):
    """May have been sent: read timeout, reset after the request, 5xx, nonsense in a 200. Never repeated by itself."""


class Misconfigured(ProviderError):
    """Credentials or account are at fault: the lane pauses, the text goes back to the queue."""


class WebhookRejected(ProviderError):
    """A webhook that is not provably the gateway's."""
