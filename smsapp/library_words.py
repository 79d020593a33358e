"""Words of libraries that have no French of their own, so that our catalogue translates them where administrators read them."""

from django.utils.translation import gettext_noop

ADMINISTRATION = (
    gettext_noop("MFA"),
    gettext_noop("Audit log"),
    gettext_noop("log entry"),
    gettext_noop("log entries"),
    gettext_noop("create"),
    gettext_noop("update"),
    gettext_noop("delete"),
    gettext_noop("access"),
    gettext_noop("action"),
    gettext_noop("Resource"),
    gettext_noop("Resource Type"),
    gettext_noop("Correlation ID"),
    gettext_noop("Click to filter by records with this correlation id"),
)
