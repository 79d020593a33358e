"""Fill an installation with demo data: people, groups, templates, a provider, campaigns with mailings and a login of each role."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import Group as Role
from django.core.management.base import BaseCommand
from django.db import transaction

from contacts.duplicates import rounds
from contacts.models import Contact
from smsapp.accounts.models import User
from smsapp.common.models import Organisation
from smsapp.demo import blocks, calls, consents, doubles, fields, flows, gateways, inbox, people, seasons, smart, traffic
from smsapp.roles import sync_roles

PASSWORD = "demo-sms-console"  # noqa: S105 (printed at every start; real installations make their own accounts)
LOGINS = {
    "viewer": ("Viewer", "Priya", "Langdon"),
    "staff": ("Staff", "Noor", "Haddad"),
    "author": ("Author", "Samir", "Ayari"),
    "marketer": ("Marketer", "Claire", "Fontaine"),
    "administrator": ("Administrator", "Oliver", "Hartley"),
}


class Command(BaseCommand):
    """manage.py demo [--if-empty] [--people N]."""

    help = "Fill the console with demo data and a login of each role. Refuses where there are contacts already."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How much, and what to do where there is data."""
        parser.add_argument("--if-empty", action="store_true", help="do nothing, without a word, where there are contacts already")
        parser.add_argument("--people", type=int, default=2_000, help="how many contacts (at most 2,500)")

    def handle(self, *args: Any, **options: Any) -> None:
        """All or nothing."""
        if Contact.objects.exists():
            if not options["if_empty"]:
                self.stderr.write("There are contacts already: nothing was changed. Use an empty database for demo data.")
            return
        with transaction.atomic():
            users = make_logins()
            Organisation.current()
            people.make_people(options["people"])
            doubles.make_doubles()
            fields.make_fields()
            consents.make_consents()
            provider = traffic.make_provider()
            traffic.make_smpp_provider()
            traffic.make_templates(provider, users["marketer"])
            seasons.make_campaigns(provider, users["marketer"])
            gateways.make_gateways(provider)
            traffic.make_test(users["marketer"])
            calls.make_calls(users["staff"])
            blocks.make_blocks(users["marketer"], users["administrator"])
            flows.make_workflows(users["marketer"])
            smart.make_smart_groups()
            inbox.make_conversations(provider, users["staff"])
        rounds.tick()  # the first look for duplicates
        for name in LOGINS:
            self.stdout.write(f"{name}: password {PASSWORD}")


def make_logins() -> dict[str, User]:
    """One user for each role; an existing one is left as it is."""
    sync_roles()
    users = {}
    for username, (role, first, last) in LOGINS.items():
        admin = username == "administrator"
        values = {"first_name": first, "last_name": last, "email": f"{username}@example.org", "is_staff": admin}
        users[username], new = User.objects.get_or_create(username=username, defaults=values)
        if new:
            users[username].set_password(PASSWORD)
            users[username].save()
            users[username].groups.add(Role.objects.get(name=role))
    return users
