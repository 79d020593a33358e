"""Who may open which URL, by its name. Default deny: a URL that is missing here fails the test.

PUBLIC: without logging in. SIGNED: for machines that prove themselves. LOGGED_IN: everybody with an account. ADMIN: administrators. Else a permission, or several of which one is enough.
post(…): changes something, so GET is answered with 405. `*` at the end of a name stands for the rest.
"""

from dataclasses import dataclass

PUBLIC, SIGNED, LOGGED_IN, ADMIN = "public", "signed", "logged in", "admin"


@dataclass(frozen=True)
class Rule:
    """Any of `needs` opens it; `changes` says that it wants POST."""

    needs: tuple[str, ...]
    changes: bool = False
    sample: tuple[tuple[str, str], ...] = ()  # arguments of the address that must be real


def post(*needs: str, **sample: str) -> Rule:
    """For URLs that change something."""
    return Rule(needs, changes=True, sample=tuple(sample.items()))


def get(*needs: str, **sample: str) -> Rule:
    """For URLs whose address needs a real word, such as the name of an action."""
    return Rule(needs, sample=tuple(sample.items()))


_TABLE: dict[str, str | tuple[str, ...] | Rule] = {
    "home": LOGGED_IN,
    "search": LOGGED_IN,
    "livez": PUBLIC,
    "readyz": PUBLIC,
    "metrics": PUBLIC,  # asks for a token, or to be this machine: see its tests
    # one's own account
    "profile:edit": LOGGED_IN,
    "profile:theme": post(LOGGED_IN),
    "profile:language": post(PUBLIC),
    "account_login": PUBLIC,
    "account_logout": LOGGED_IN,
    "account_inactive": PUBLIC,
    "account_signup": PUBLIC,
    "account_reauthenticate": LOGGED_IN,
    "account_email": LOGGED_IN,
    "account_email_verification_sent": PUBLIC,
    "account_confirm_email": PUBLIC,
    "account_change_password": LOGGED_IN,
    "account_set_password": LOGGED_IN,
    "account_reset_password*": PUBLIC,
    "account_confirm_login_code": PUBLIC,
    "mfa_authenticate": PUBLIC,
    "mfa_*": LOGGED_IN,
    "public:opt_out": PUBLIC,
    # gateways: signed by themselves, not by a session
    "hooks:*": post(SIGNED),
    # people
    "contacts:list": "contacts.view_contact",
    "contacts:detail": "contacts.view_contact",
    "contacts:contact_groups": "contacts.view_contact",
    "contacts:why": "contacts.view_contact",
    "contacts:activities": "contacts.view_activity",
    "contacts:activity": "contacts.view_activity",
    "contacts:consent": "contacts.view_contact",
    "contacts:consent_proof": "contacts.view_contact",
    "contacts:ledger": "contacts.view_consententry",
    "contacts:opt_in": "contacts.change_contact",
    "contacts:opt_out": "contacts.change_contact",
    "contacts:note": "contacts.change_contact",
    "contacts:call": "contacts.change_contact",
    "contacts:activity_delete": "contacts.change_contact",  # and its author, or an administrator
    "contacts:create": "contacts.add_contact",
    "contacts:edit": "contacts.change_contact",
    "contacts:delete": "contacts.delete_contact",
    "contacts:deleted": "contacts.delete_contact",
    "contacts:restore_chosen": post("contacts.delete_contact"),
    "contacts:restore": post("contacts.delete_contact"),
    "contacts:join": post("contacts.change_group"),
    "contacts:leave": post("contacts.change_group"),
    "contacts:add_to_group": post("contacts.change_group"),
    "contacts:remove_from_group": post("contacts.change_group"),
    "contacts:tag_chosen": post("contacts.change_contact"),
    "contacts:people_change": "contacts.change_contact",
    "contacts:possible": "contacts.view_contact",
    "contacts:reconsider": post("contacts.merge_contacts"),
    "contacts:merge": "contacts.merge_contacts",
    "contacts:merge_chosen": post("contacts.merge_contacts"),
    "contacts:duplicates": "contacts.merge_contacts",
    "contacts:duplicates_look": post("contacts.merge_contacts"),
    "contacts:duplicates_progress": "contacts.merge_contacts",
    "contacts:tell_apart": post("contacts.merge_contacts"),
    "contacts:duplicate": "contacts.merge_contacts",
    "contacts:duplicate_aside": post("contacts.merge_contacts"),
    "contacts:groups": "contacts.view_group",
    "contacts:group": "contacts.view_group",
    "contacts:group_create": "contacts.add_group",
    "contacts:search": "contacts.view_contact",
    "contacts:search_count": post("contacts.view_contact"),
    "contacts:group_rules": "contacts.change_group",
    "contacts:group_state": "contacts.view_group",
    "contacts:group_refresh": post("contacts.change_group"),
    "contacts:group_taken_out": "contacts.view_group",
    "contacts:group_let_back_in": post("contacts.change_group"),
    "contacts:group_edit": "contacts.change_group",
    "contacts:group_archive": post("contacts.change_group"),
    "contacts:group_delete": "contacts.delete_group",
    "contacts:suppressions": "contacts.view_suppression",
    "contacts:suppression": "contacts.view_suppression",
    "contacts:suppression_add": "contacts.add_suppression",
    "contacts:suppression_end": "contacts.change_suppression",
    "contacts:quarantines": "contacts.view_quarantine",
    "contacts:quarantine": "contacts.view_quarantine",
    "contacts:quarantine_add": "contacts.add_quarantine",
    "contacts:quarantine_end": "contacts.change_quarantine",
    "contacts:export": "contacts.export_contacts",
    "contacts:exports": "contacts.export_contacts",
    "contacts:export_job": "contacts.export_contacts",
    "contacts:export_progress": "contacts.export_contacts",
    "contacts:export_download": "contacts.export_contacts",
    "contacts:export_stop": post("contacts.export_contacts"),
    "contacts:export_again": post("contacts.export_contacts"),
    "contacts:export_remove": post("contacts.export_contacts"),
    "contacts:imports": "contacts.import_contacts",
    "contacts:import_upload": "contacts.import_contacts",
    "contacts:import": "contacts.import_contacts",
    "contacts:import_columns": "contacts.import_contacts",
    "contacts:import_progress": "contacts.import_contacts",
    "contacts:import_refused": "contacts.import_contacts",
    "contacts:import_sheet": post("contacts.import_contacts"),
    "contacts:import_start": post("contacts.import_contacts"),
    "contacts:import_discard": "contacts.import_contacts",
    "contacts:import_stop": post("contacts.import_contacts"),
    # providers
    "providers:health": "providers.view_provider",
    "providers:pause": post("providers.change_provider"),
    "providers:resume": post("providers.change_provider"),
    "providers:events": "providers.view_webhookevent",
    "providers:event": "providers.view_webhookevent",
    "providers:replay": post("providers.change_webhookevent"),
    # mailings
    "workflows:*": "workflows.view_workflow",
    "workflows:signal": post(SIGNED),
    "workflows:confirmation": "campaigns.change_mailing",
    "workflows:new": "workflows.add_workflow",
    "workflows:edit": "workflows.change_workflow",
    "workflows:copy": post("workflows.add_workflow"),
    "workflows:archive": post("workflows.change_workflow"),
    "workflows:draw": post("workflows.change_workflow"),
    "workflows:rules": "workflows.change_workflow",
    "workflows:segment_rules": "workflows.change_workflow",
    "workflows:run_action": get("workflows.run_workflow", action="start"),
    "workflows:step_action": post("workflows.run_workflow", action="suspend"),
    "campaigns:send": "campaigns.add_message",
    "campaigns:send_numbers": "campaigns.add_message",
    "campaigns:sent": "campaigns.add_message",
    "campaigns:send_times": "campaigns.add_message",
    "campaigns:scheduled": "campaigns.add_message",
    "campaigns:change_send": "campaigns.add_message",
    "campaigns:change_text": "campaigns.add_message",
    "campaigns:cancel_send": "campaigns.add_message",
    "campaigns:cancel_text": "campaigns.add_message",
    "campaigns:count": post("campaigns.add_message", "campaigns.change_mailing", "campaigns.add_smstemplate", "campaigns.change_smstemplate"),
    "campaigns:cost": post("campaigns.add_message", "campaigns.change_mailing", "campaigns.add_smstemplate", "campaigns.change_smstemplate"),
    "campaigns:template_choices": ("campaigns.add_message", "campaigns.change_mailing", "campaigns.add_smstemplate", "campaigns.change_smstemplate"),
    "campaigns:test": "providers.change_provider",
    "campaigns:test_new": "campaigns.add_message",
    "campaigns:test_forget": post("campaigns.add_message"),
    "campaigns:test_sent": "campaigns.view_message",
    "campaigns:unknown": "campaigns.view_message",
    "campaigns:settle_unknown": post("campaigns.settle_unknown", choice="sent"),
    "campaigns:look_up_unknown": post("campaigns.settle_unknown"),
    "campaigns:message": "campaigns.view_message",
    "campaigns:routing": "campaigns.view_route",
    "campaigns:retry": post("campaigns.settle_unknown", "campaigns.add_message"),  # the second one-offs only: see its tests
    "campaigns:messages": "campaigns.view_mailing",
    "campaigns:templates": "campaigns.view_smstemplate",
    "campaigns:template": "campaigns.view_smstemplate",
    "campaigns:template_new": "campaigns.add_smstemplate",
    "campaigns:template_edit": "campaigns.change_smstemplate",
    "campaigns:template_archive": "campaigns.change_smstemplate",
    "campaigns:template_delete": "campaigns.delete_smstemplate",
    "campaigns:template_texts": "campaigns.view_message",
    "campaigns:template_versions": "campaigns.view_smstemplate",
    "campaigns:template_version": "campaigns.view_smstemplate",
    "campaigns:template_restore": "campaigns.change_smstemplate",
    "campaigns:campaigns": "campaigns.view_campaign",
    "campaigns:campaign": "campaigns.view_campaign",
    "campaigns:campaign_new": "campaigns.add_campaign",
    "campaigns:campaign_edit": "campaigns.change_campaign",
    "campaigns:campaign_archive": "campaigns.change_campaign",
    "campaigns:campaign_delete": "campaigns.delete_campaign",
    "campaigns:campaign_mailings": "campaigns.change_mailing",
    "campaigns:mailing_campaign": "campaigns.change_mailing",
    "campaigns:launched": "campaigns.view_mailing",
    "campaigns:drafts": "campaigns.view_mailing",
    "campaigns:archived": "campaigns.view_mailing",
    "campaigns:mailing": "campaigns.view_mailing",
    "campaigns:progress": "campaigns.view_mailing",
    "campaigns:left_out": "campaigns.view_mailing",
    "campaigns:why": "campaigns.view_mailing",
    "campaigns:why_contact": "campaigns.view_mailing",
    "campaigns:new": "campaigns.add_mailing",
    "campaigns:candidates": "campaigns.change_mailing",
    "campaigns:taken_out": "campaigns.change_mailing",
    "campaigns:audience_count": "campaigns.change_mailing",
    "campaigns:recipients": "campaigns.change_mailing",
    "campaigns:content": "campaigns.change_mailing",
    "campaigns:preview": "campaigns.change_mailing",
    "campaigns:plan": "campaigns.change_mailing",
    "campaigns:plan_times": "campaigns.change_mailing",
    "campaigns:preparing": "campaigns.change_mailing",
    "campaigns:reschedule": "campaigns.launch_mailing",
    "campaigns:give_up": "campaigns.launch_mailing",
    "campaigns:act": get("campaigns.launch_mailing", action="pause"),  # each action has its own right: see its tests
    # inbox
    "inbox:list": "campaigns.view_conversation",
    "inbox:thread": "campaigns.view_conversation",  # answering has its own right: see its tests
    "inbox:read": post("campaigns.change_conversation"),
    "inbox:unread": post("campaigns.change_conversation"),
    "inbox:done": post("campaigns.change_conversation"),
    "inbox:open": post("campaigns.change_conversation"),
    "inbox:assign": post("campaigns.change_conversation"),
    "inbox:note": post("campaigns.change_conversation"),
    "inbox:decide": post("campaigns.change_conversation"),
    "inbox:contact": "contacts.add_contact",
    "admin:*": ADMIN,
    "admin:logout": LOGGED_IN,
}


def rule_for(name: str) -> Rule | None:
    """The rule of a URL's name: its own, else the longest beginning with a star."""
    found = _TABLE.get(name)
    if found is None:
        stars = [key for key in _TABLE if key.endswith("*") and name.startswith(key[:-1])]
        found = _TABLE[max(stars, key=len)] if stars else None
    if isinstance(found, Rule) or found is None:
        return found
    return Rule(found if isinstance(found, tuple) else (found,))


def names() -> set[str]:
    """All names and beginnings of the table."""
    return set(_TABLE)
