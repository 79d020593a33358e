"""Models of the app."""

from contacts.models.activity import Activity
from contacts.models.consent import ConsentEntry
from contacts.models.contact import Contact
from contacts.models.custom_field import CustomField
from contacts.models.duplicate import Duplicate, DuplicateLook, NotDuplicate
from contacts.models.export_job import ExportJob
from contacts.models.group import Group, Membership, Removal
from contacts.models.import_job import ImportJob
from contacts.models.kept_search import KeptSearch
from contacts.models.number_policy import NumberPolicy
from contacts.models.people_change import PeopleChange
from contacts.models.phone_number import AllowedRange, PhoneNumber
from contacts.models.suppression import Quarantine, Suppression
from contacts.models.tag import Tag

__all__ = [
    "Activity", "AllowedRange", "ConsentEntry", "Contact", "CustomField", "Duplicate", "DuplicateLook", "ExportJob", "Group", "ImportJob",
    "KeptSearch", "Membership", "NotDuplicate", "NumberPolicy", "PeopleChange", "PhoneNumber", "Quarantine", "Removal", "Suppression", "Tag",
]  # fmt: skip
