"""Models of the app."""

from contacts.models.activity import Activity
from contacts.models.contact import Contact
from contacts.models.group import Group, Membership
from contacts.models.import_job import ImportJob
from contacts.models.phone_number import PhoneNumber
from contacts.models.suppression import Quarantine, Suppression

__all__ = ["Activity", "Contact", "Group", "ImportJob", "Membership", "PhoneNumber", "Quarantine", "Suppression"]
