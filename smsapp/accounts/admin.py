"""Users and their roles, for administrators."""

from typing import Any

from allauth.account import admin as account_admin
from allauth.mfa import admin as mfa_admin
from allauth.mfa.models import Authenticator
from auditlog.registry import auditlog
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from smsapp.accounts import addresses
from smsapp.accounts.forms import UserAdminAddForm, UserAdminForm
from smsapp.accounts.models import User
from smsapp.roles import LABELS, open_admin_to_administrators

admin.site.unregister(Group)  # roles are the table in smsapp/roles.py
admin.site.unregister(account_admin.EmailAddress)  # addresses are part of the user
admin.site.unregister(mfa_admin.Authenticator)  # shown below, without what is inside


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    """Django's, with roles in place of single permissions."""

    form = UserAdminForm
    add_form = UserAdminAddForm
    list_display = ("username", "full_name", "email", "roles", "is_active", "last_login")
    list_filter = ("is_active", "groups")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email", "mobile")}),
        (
            _("Role"),
            {
                "fields": ("groups", "is_active"),
                "description": _(
                    "Viewer: looks. Staff: edits contacts, sends single texts. Author: groups, imports, prepares mailings. "
                    "Marketer: sends mailings. Administrator: everything, and this administration."
                ),
            },
        ),
        (_("Pages"), {"fields": ("language", "time_zone", "theme", "single_key_shortcuts")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "email", "first_name", "last_name", "usable_password", "password1", "password2", "groups")}),
    )

    @admin.display(description=_("name"))
    def full_name(self, user: User) -> str:
        """First and last name."""
        return user.get_full_name()

    @admin.display(description=_("role"))
    def roles(self, user: User) -> str:
        """Names of the user's roles."""
        return ", ".join(str(LABELS.get(group.name, group.name)) for group in user.groups.all())

    def get_queryset(self, request: HttpRequest) -> Any:
        """With roles, in one query more."""
        return super().get_queryset(request).prefetch_related("groups")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest | None, **kwargs: Any) -> Any:
        """Roles are called roles."""
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field is not None and db_field.name == "groups":
            field.label, field.help_text = _("Roles"), _("Somebody without a role can log in and sees nothing.")
        return field

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """A former e-mail opens no door any more."""
        super().save_model(request, obj, form, change)  # the whole page is one transaction
        addresses.forget_former(obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """An administrator may enter this administration, nobody else."""
        super().save_related(request, form, formsets, change)
        open_admin_to_administrators([form.instance])

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Users are switched off: their names stay on what they sent."""
        return False


auditlog.register(User, exclude_fields=["password", "last_login"], m2m_fields={"groups"})


# the library leaves them named after their class
Authenticator._meta.verbose_name, Authenticator._meta.verbose_name_plural = _("second step of a login"), _("second steps of logins")


@admin.register(Authenticator)
class AuthenticatorAdmin(admin.ModelAdmin):
    """Second steps of logins: an administrator removes those of somebody who lost their phone."""

    list_display = ("user", "type", "created_at", "last_used_at")
    fields = readonly_fields = ("user", "type", "created_at", "last_used_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Everybody sets up their own."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Authenticator | None = None) -> bool:
        """There is nothing to change."""
        return False
