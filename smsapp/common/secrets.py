"""Secrets at rest: a JSON field encrypted with Fernet, and short signatures for references that leave the house."""

import base64
import hashlib
import hmac
import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class SecretUnreadable(ValueError):
    """No key of this installation opens the stored secret."""


def _derived(purpose: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", settings.SECRET_KEY.encode(), purpose, 100_000)


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...], secret_key: str) -> MultiFernet:
    chosen = keys or (base64.urlsafe_b64encode(_derived(b"fields")).decode(),)
    return MultiFernet([Fernet(key) for key in chosen])


def _box() -> MultiFernet:
    return _fernet(tuple(settings.FIELD_KEYS), settings.SECRET_KEY)


def encrypt(value: Any) -> str:
    """Encrypted JSON of `value`, as URL-safe text."""
    return _box().encrypt(json.dumps(value).encode()).decode()


def decrypt(text: str) -> Any:
    """What `encrypt` was given. Raises SecretUnreadable when the keys have changed."""
    try:
        return json.loads(_box().decrypt(text.encode()))
    except InvalidToken:
        raise SecretUnreadable("The stored secret cannot be read with the keys in FIELD_KEYS or SECRET_KEY. Enter it again.") from None


def renew(text: str) -> str:
    """The same secret under the newest key. Raises SecretUnreadable."""
    return encrypt(decrypt(text))


class EncryptedJSONField(models.TextField):
    """A dict of secrets, encrypted in the database; an unreadable one raises when it is used, not when the row is read."""

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else encrypt(value)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        if value is None:
            return None
        try:
            return decrypt(value)
        except SecretUnreadable:
            return {}

    def value_to_string(self, obj: models.Model) -> str:
        return ""  # secrets are in no dump


@lru_cache(maxsize=4)
def _hash_key(purpose: str, secret_key: str) -> bytes:
    return _derived(f"hash {purpose}".encode())


def keyed_hash(purpose: str, text: str) -> str:
    """The same for the same text, in hexadecimal; without this installation's key nobody finds the text by it."""
    return hmac.digest(_hash_key(purpose, settings.SECRET_KEY), text.encode(), "sha256").hex()


@lru_cache(maxsize=4)
def _reference_hash(secret_key: str) -> Any:
    """Keyed, and with nothing in it yet: a copy costs a fraction of a new one."""
    return hashlib.blake2b(digest_size=6, key=_derived(b"references"))


def sign_reference(number: int) -> str:
    """A bigint as text that cannot be guessed or forged, for example `1f-9ab3c0d2e4f5`. Costs about 1 µs."""
    return f"{number:x}-{_mac(number)}"


def read_reference(text: str) -> int | None:
    """The number of a signed reference; None when it is malformed or forged."""
    number, dash, mac = text.partition("-")
    if not dash or not 0 < len(number) <= 16 or not all(c in "0123456789abcdef" for c in number):
        return None
    value = int(number, 16)
    return value if value < 2**63 and hmac.compare_digest(mac.encode(), _mac(value).encode()) else None


def _mac(number: int) -> str:
    keyed = _reference_hash(settings.SECRET_KEY).copy()
    keyed.update(b"%x" % number)
    return str(keyed.hexdigest())
