"""Settings of the console: one file, every value that differs between installations comes from the environment."""

from importlib.util import find_spec
from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF  # noqa: F401  (NONCE is for pages that need it)
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def asset(package: str, folder: str) -> str:
    """Path of a folder of static files inside an installed package."""
    spec = find_spec(package)
    assert spec and spec.submodule_search_locations, f"package {package} is not installed"
    return str(Path(spec.submodule_search_locations[0]) / folder)


# --- core ---
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="")
FIELD_KEYS = env.list("FIELD_KEYS", default=[])  # Fernet keys of encrypted fields, newest first
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SIMULATOR_URL = env("SIMULATOR_URL", default="")  # where the simulated gateway listens; empty: its usual port
SIMULATOR_SMPP_PORT = env.int("SIMULATOR_SMPP_PORT", default=2775)  # where it speaks SMPP; for the demo's provider
PUBLIC_BASE_URL = env("PUBLIC_BASE_URL", default="").rstrip("/")  # where gateways reach us
METRICS_TOKEN = env("METRICS_TOKEN", default="")  # lets a monitor read /metrics from elsewhere
ROOT_URLCONF = "smsapp.urls"
WSGI_APPLICATION = "smsapp.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SITE_ID = 1

INSTALLED_APPS = [
    "smsapp.apps.SmsappConfig",
    "smsapp.common",
    "smsapp.accounts",
    "contacts",
    "providers",
    "campaigns",
    "workflows",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "auditlog",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "providers.middleware.HooksMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "smsapp.accounts.middleware.PrivateMiddleware",
    "smsapp.accounts.middleware.PreferencesMiddleware",
    "smsapp.accounts.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "auditlog.middleware.AuditlogMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "contacts.middleware.ForwardMergedMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "smsapp.context.frame",
            ],
        },
    }
]

# --- data ---
DATABASES = {"default": env.db_url("DATABASE_URL", default="postgresql:///smsconsole")}
DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"
DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# Counts of failed logins; in PostgreSQL, so that all processes see them and pages work without Redis.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}
REDIS_URL = env("REDIS_URL", default="redis://127.0.0.1:6379/0")
MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(BASE_DIR / "var" / "files")))  # uploads; never served

# --- people ---
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "smsapp.accounts.adapter.ClosedSignupAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_FORMS = {"login": "smsapp.accounts.forms.LoginForm"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.bool("BEHIND_PROXY", default=False) else 0  # whose word on the caller's address counts
MFA_ADAPTER = "smsapp.accounts.adapter.SealedMFAAdapter"
MFA_TOTP_ISSUER = "SMS Console"
MFA_TOTP_TOLERANCE = 1  # a code typed as the next one appears still counts
MFA_ALLOW_UNVERIFIED_EMAIL = True  # administrators enter the addresses
CSRF_FAILURE_VIEW = "smsapp.views.csrf_failure"
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="sms-console@localhost")
EMAIL_BACKEND = env("EMAIL_BACKEND", default="django.core.mail.backends.console.EmailBackend")

# --- languages and time ---
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env("TIME_ZONE", default="Europe/Paris")
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = ["smsapp.formats"]
USE_THOUSAND_SEPARATOR = True

# --- pages ---
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/bootstrap", asset("django_include_bootstrap", "static")),
    ("vendor/bootstrap-icons", asset("js_lib_bootstrap_icons", "static/bootstrap-icons/font")),
    ("vendor/tomselect", asset("django_tomselect", "static/django_tomselect")),
]
WHITENOISE_USE_FINDERS = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "object-src": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("SECURE_COOKIES", default=not DEBUG)
SECURE_SSL_REDIRECT = env.bool("SSL_REDIRECT", default=False)
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=0)  # only once every address of this host answers over https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
X_FRAME_OPTIONS = "DENY"

# A list posts up to 5,000 ticked contacts and a one-off form 1,000 numbers and those left out, each a field of its own; Django stops at 1,000.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 6_000

# --- workers ---
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT = "smsapp.broker:Transport"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "urgent"
CELERY_TASK_ROUTES = {  # the default queue is for texts that somebody waits for
    # mailings: seconds each, from preparation to the last text, and questions to gateways about unknown ones
    **{f"campaigns.tasks.{task}": {"queue": "bulk"} for task in ("dispatch_bulk", "prepare_mailing", "look_up_unknown", "poll_reports")},
    # work on contacts that may take an hour: in processes of its own, so that no text waits for it
    "contacts.tasks.*": {"queue": "background"},
    "smsapp.tasks.*": {"queue": "background"},
    "workflows.tasks.advance_run": {"queue": "background"},  # a step may choose among a million people
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Somebody may have pressed Send: a broker that is away is not waited for. Without max_retries each bell would try for 6 s.
    **{"socket_timeout": 1, "socket_connect_timeout": 1, "max_retries": 0},
    "global_keyprefix": env("REDIS_PREFIX", default=""),
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# --- sending ---
SEND_CONNECTIONS = env.int("SEND_CONNECTIONS", default=64)  # calls in flight per worker process
SEND_WORKERS = env.int("SEND_WORKERS", default=2)  # bulk dispatch tasks rung at once
SEND_SLICE_SECONDS = env.float("SEND_SLICE_SECONDS", default=20.0)  # then another provider may have the process; one that stops is not waited for
LEASE_SECONDS = env.int("LEASE_SECONDS", default=60)
CALL_DEADLINE_SECONDS = env.float("CALL_DEADLINE_SECONDS", default=10.0)
LEASE_MARGIN_SECONDS = env.float("LEASE_MARGIN_SECONDS", default=5.0)  # kept between the deadline of a call and the end of the lease
PRIVATE_GATEWAY_HOSTS = env.list("PRIVATE_GATEWAY_HOSTS", default=[])  # gateways of our own inside: "any HTTP gateway" may call them, and without TLS

# --- logs ---
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"hook_tokens": {"()": "smsapp.logs.HookTokens"}, "ordinary": {"()": "smsapp.logs.Ordinary"}, "absence": {"()": "smsapp.logs.Absence"}},
    "formatters": {"facts": {"()": "smsapp.logs.Facts"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "facts", "filters": ["absence", "hook_tokens", "ordinary"]}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        "httpx": {"level": "WARNING"},
        # a worker says that it is ready, not that it heard each bell, nor that a bell was too old
        **{f"celery.{name}": {"level": "WARNING"} for name in ("worker.strategy", "worker.request", "app.trace")},
        **{f"celery.worker.consumer.{name}": {"level": "WARNING"} for name in ("mingle", "connection")},
        "pyreqwest": {"level": "WARNING"},
        # naming them takes their own handlers away, which would write past the filter
        **{name: {"propagate": True} for name in ("django", "django.server", "gunicorn.error", "gunicorn.access")},
    },
}
