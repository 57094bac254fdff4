"""Database models: classrooms, and index rows of wheel sessions for the admin.

They hold no text that a student has written; the sessions themselves are in the session store.
"""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from wheel.domain.classroom_code import CODE_LEN, new_code


class Classroom(models.Model):
    """A class that students join with a code, which is made at the first save. It sets the model
    and optionally the prompt of their sessions."""

    name = models.CharField(_("name"), max_length=100)
    code = models.CharField(_("code"), max_length=CODE_LEN, unique=True, editable=False)
    model_id = models.CharField(_("model"), max_length=64, blank=True)
    prompt = models.TextField(
        _("prompt"),
        blank=True,
        help_text=_(
            "The sentence everybody starts with. Left empty, everybody writes their own. Spaces "
            "at its ends are kept: they are tokens too."
        ),
    )
    is_open = models.BooleanField(
        _("open"), default=True, help_text=_("A class that is closed cannot be joined.")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ("-created_at",)
        verbose_name = _("classroom")
        verbose_name_plural = _("classrooms")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.code = self.code or unused_code()
        super().save(*args, **kwargs)


class SessionIndexEntry(models.Model):
    """The index row of one live wheel session. It is refreshed at most every 30 seconds, so
    `last_seen` and `num_tokens` may lag behind until the list is opened."""

    session_id = models.UUIDField(_("session"), primary_key=True)
    model_id = models.CharField(_("model"), max_length=64, db_index=True)
    classroom = models.ForeignKey(
        Classroom,
        on_delete=models.SET_NULL,
        null=True,
        related_name="sessions",
        verbose_name=_("classroom"),
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


def unused_code() -> str:
    """A new code that no other classroom has."""
    code = new_code()
    while Classroom.objects.filter(code=code).exists():
        code = new_code()
    return code
