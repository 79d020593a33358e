"""Somebody at the console of a world: signed in, pressing buttons over HTTP."""

import http.client
import time
import uuid
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore

from tests.faults.world import World

CSRF = "a" * 32


@dataclass
class Answer:
    """What came back, and how many seconds it took."""

    status: int
    location: str
    body: str
    seconds: float


class Person:
    """A user of a role."""

    def __init__(self, world: World, role: str) -> None:
        self.address = urlsplit(world.web_url).netloc
        user, _new = get_user_model().objects.get_or_create(username=role, defaults={"email": f"{role}@example.org"})
        user.groups.add(Group.objects.get(name__iexact=role))
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        self.cookie = f"sessionid={session.session_key}; csrftoken={CSRF}"

    def get(self, path: str) -> Answer:
        """Look at a page."""
        return self._ask("GET", path, None)

    def post(self, path: str, fields: dict) -> Answer:
        """Press a button."""
        return self._ask("POST", path, urlencode({**fields, "csrfmiddlewaretoken": CSRF}, doseq=True))

    def launch(self, mailing) -> Answer:
        """Send a prepared mailing now."""
        return self.post(f"/sms/mailings/{mailing.pk}/plan/", {"version": mailing.version, "when": "now", "do": "launch", "sure": "1"})

    def text(self, number, provider) -> Answer:
        """Send one text to one number."""
        words = {"subject": "A word", "text": "Hello {contact.first_name}", "origin": f"{provider.pk}:36111", "to": number.pk}
        return self.post("/sms/send/", {"key": str(uuid.uuid4()), **words})

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        connection = http.client.HTTPConnection(self.address, timeout=30)
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded", "Referer": f"http://{self.address}{path}"}
        began = time.monotonic()
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            return Answer(answer.status, answer.getheader("Location") or "", text, time.monotonic() - began)
        finally:
            connection.close()
