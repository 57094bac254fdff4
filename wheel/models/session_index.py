"""Index rows of wheel sessions, from which the admin lists them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from wheel.models.classroom import Member


class SessionIndexEntry(models.Model):
    """The index row of one live wheel session. It is refreshed at most every 30 seconds, so
    `last_seen` and `num_tokens` may lag behind until the list is opened."""

    session_id = models.UUIDField(_("session"), primary_key=True)
    model_id = models.CharField(_("model"), max_length=64, db_index=True)
    member = models.OneToOneField(
        Member,
        on_delete=models.SET_NULL,
        null=True,
        related_name="index_entry",
        verbose_name=_("member"),
    )
    created_at = models.DateTimeField(_("created"), db_index=True)
    last_seen = models.DateTimeField(_("last used"), db_index=True)
    num_tokens = models.PositiveIntegerField(_("tokens"), default=0)

    class Meta:
        ordering = ("-last_seen",)
        verbose_name = _("wheel session")
        verbose_name_plural = _("wheel sessions")

    def __str__(self) -> str:
        return str(self.session_id)
