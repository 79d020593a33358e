"""Deleting a contact: asked first, reachable by links alone, undone from the message."""

import pytest
from django.test import Client
from django.urls import reverse

from contacts.models import Contact
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db


def url(contact, name="delete"):
    return reverse(f"contacts:{name}", args=[contact.pk])


def test_only_those_who_may_delete(client_for):
    contact = make_contact()
    for method in ("get", "post"):
        assert getattr(client_for("viewer"), method)(url(contact)).status_code == 403
        assert "/account/login/" in getattr(Client(), method)(url(contact))["Location"]
    assert Contact.objects.active().exists()


def test_links_alone_lead_to_it(client_for):
    contact, client = make_contact(first_name="Ann <b>", last_name=""), client_for("staff")
    make_group(contact)
    assert f'href="{url(contact)}"' in client.get(url(contact, "edit")).content.decode()
    assert f'href="{url(contact)}"' in client.get(url(contact, "detail")).content.decode()
    asked = client.get(url(contact)).content.decode()
    assert "Delete Ann &lt;b&gt;?" in asked and "group counts this contact no more" in asked
    assert Contact.objects.active().exists()
    told = client.post(url(contact), follow=True).content.decode()
    assert "is deleted." in told and url(contact, "restore") in told
    assert not Contact.objects.active().exists()
    assert client.get(url(contact)).status_code == 404
    client.post(url(contact, "restore"))
    assert Contact.objects.active().exists()
