"""Settings of the tests: the real ones with a fast password hasher, a fixed time zone and plain static files."""

from smsapp.settings import *  # noqa: F403

SECRET_KEY = "tests-only-key-that-signs-nothing-real"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TIME_ZONE = "Europe/Paris"
PUBLIC_BASE_URL = "http://testserver"
ALLOWED_HOSTS = ["*"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ACCOUNT_RATE_LIMITS = False
WHITENOISE_MAX_AGE = 3600  # seconds: browsers of tests keep static files
