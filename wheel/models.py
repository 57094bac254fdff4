"""What the database knows of wheel sessions: enough to list them, and no text.

The sessions themselves live in the session store; these rows are only an index for the admin.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SessionIndexEntry(models.Model):
    """One live wheel session. Refreshed now and then, so `last_seen` and `num_tokens` may lag by
    half a minute until the list is opened."""

    session_id = models.UUIDField(_("session"), primary_key=True)
    model_id = models.CharField(_("model"), max_length=64, db_index=True)
    created_at = models.DateTimeField(_("created"), db_index=True)
    last_seen = models.DateTimeField(_("last used"), db_index=True)
    num_tokens = models.PositiveIntegerField(_("tokens"), default=0)

    class Meta:
        ordering = ("-last_seen",)
        verbose_name = _("wheel session")
        verbose_name_plural = _("wheel sessions")

    def __str__(self) -> str:
        return str(self.session_id)
