"""Tags that were given to contacts: for suggestions, and so that each is spelled in one way."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class Tag(models.Model):
    """A word in use. The tags themselves stand in `Contact.tags`; written by `contacts.services.tags`."""

    name = models.CharField(_("name"), max_length=50)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(Lower("name"), name="tag_has_one_spelling")]

    def __str__(self) -> str:
        return self.name
