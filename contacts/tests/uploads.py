"""Files that somebody uploads, for tests of the pages of imports."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from contacts.models import ImportJob

TEXT = "Nom;Portable;Colour\n<script>x</script>;0639980001;red\nBob;12;=blue\nEve;abc;green\n"


def send(client: Client, content: str | bytes = TEXT, name: str = "gens.csv"):
    """Post a file as somebody who chose it; the answer."""
    data = content if isinstance(content, bytes) else content.encode()
    return client.post(reverse("contacts:import_upload"), {"file": SimpleUploadedFile(name, data)})


def uploaded(client: Client, content: str | bytes = TEXT, name: str = "gens.csv") -> ImportJob:
    """The import that this makes."""
    send(client, content, name)
    return ImportJob.objects.get()


def at(name: str, job: ImportJob) -> str:
    """Address of one of its pages."""
    return reverse(f"contacts:{name}", args=[job.pk])


def choose(client: Client, job: ImportJob, **changes: object):
    """Post its columns: names and numbers, unless said otherwise."""
    return client.post(at("import_columns", job), {"column_0": "last_name", "column_1": "mobile", "region": "FR"} | changes)
