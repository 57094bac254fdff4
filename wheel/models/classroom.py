"""Classrooms, their members, and stories that a teacher holds for discussion.

They have no text that a student has written. Texts are in the session store alone.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from wheel.domain.classroom_code import CODE_LEN, new_code
from wheel.domain.wheel_settings import NEUTRAL_SETTINGS, SETTING_NAMES, WheelSettings

LIFETIME = timedelta(days=7)
SEED_BITS = 63
PROMPT = "prompt"
LOCKABLE_NAMES = (PROMPT, *SETTING_NAMES)
MAX_PSEUDONYM_LEN = 60
MAX_LESSON_KEY_LEN = 40


class Luck(models.TextChoices):
    """Where the random numbers of the members come from."""

    OWN = "own", _("everybody has their own")
    SHARED = "shared", _("everybody has the same")


class ClassState(models.TextChoices):
    OPEN = "open", _("open")
    FROZEN = "frozen", _("frozen")
    CLOSED = "closed", _("closed")


class Half(models.IntegerChoices):
    """The halves of a class with two prompts."""

    FIRST = 1, _("First text")
    SECOND = 2, _("Second text")


def new_seed() -> int:
    return secrets.randbits(SEED_BITS)


def default_expiry() -> datetime:
    return now() + LIFETIME


class Classroom(models.Model):
    """A class that students join with a code, which is made at the first save.

    owner             the teacher; None only if that user was deleted, or for a class that an older
                      version made. Such a class belongs to the superusers.
    model_id          empty until the first member joins, if the server's default is to be used
    seed              of the draws of all members, if luck is shared
    version           counts everything that changes what the wall shows
    num_common_spins  the number of times that the teacher has made everyone spin
    lesson            the key of the lesson of the course that the class does; empty for none
    other_prompt      of the second half of the members; empty if all have the same
    guess_round       the round of "Guess first" that is on the wall, from 1
    shows_guesses     whether the teacher has shown the guesses of that round
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="classrooms",
        verbose_name=_("teacher"),
    )
    title = models.CharField(_("title"), max_length=100)
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
    other_prompt = models.TextField(
        _("second prompt"),
        blank=True,
        help_text=_(
            "For every second student, so that the wall compares two texts. Left empty, "
            "everybody starts with the same sentence."
        ),
    )
    threshold = models.FloatField(_("threshold"), default=NEUTRAL_SETTINGS.threshold)
    temperature = models.FloatField(_("temperature"), default=NEUTRAL_SETTINGS.temperature)
    top_k = models.PositiveIntegerField(_("top-k"), default=NEUTRAL_SETTINGS.top_k)
    top_p = models.FloatField(_("top-p"), default=NEUTRAL_SETTINGS.top_p)
    min_p = models.FloatField(_("min-p"), default=NEUTRAL_SETTINGS.min_p)
    locked = models.JSONField(
        _("locked"),
        default=list,
        blank=True,
        help_text=_("What the students cannot change."),
    )
    luck = models.CharField(
        _("luck"),
        max_length=8,
        choices=Luck,
        default=Luck.OWN,
        help_text=_("With the same luck for everybody, the same text draws the same token."),
    )
    seed = models.BigIntegerField(default=new_seed, editable=False)
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=ClassState,
        default=ClassState.OPEN,
        help_text=_(
            "Open: students join and spin. Frozen: they join and look. Closed: the code no longer "
            "works, and those inside only look."
        ),
    )
    expires_at = models.DateTimeField(
        _("expires"),
        default=default_expiry,
        help_text=_("At this time the class and all its sessions are deleted."),
    )
    lesson = models.CharField(
        _("lesson of the course"),
        max_length=MAX_LESSON_KEY_LEN,
        blank=True,
        help_text=_(
            "The students' pages link to it. Some lessons also have a part on the wall that puts "
            "together what the whole class has done."
        ),
    )
    question = models.TextField(
        _("question"), blank=True, help_text=_("Shown on the wall, to be answered before a spin.")
    )
    look_for = models.TextField(
        _("what to look for"), blank=True, help_text=_("A note for you. Students do not see it.")
    )
    hides_names = models.BooleanField(
        _("hide names"), default=False, help_text=_("The wall shows stories without pseudonyms.")
    )
    blurs_stories = models.BooleanField(
        _("blur until tapped"),
        default=False,
        help_text=_("Each story on the wall, and the tree, is blurred until you tap it."),
    )
    version = models.PositiveBigIntegerField(default=0, editable=False)
    num_common_spins = models.PositiveIntegerField(default=0, editable=False)
    guess_round = models.PositiveSmallIntegerField(default=1, editable=False)
    shows_guesses = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ("-created_at",)
        verbose_name = _("classroom")
        verbose_name_plural = _("classrooms")

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.code = self.code or unused_code()
        super().save(*args, **kwargs)

    @property
    def wheel_settings(self) -> WheelSettings:
        """Raises `InvalidFieldsError` if one is out of its range."""
        return WheelSettings(**{name: getattr(self, name) for name in SETTING_NAMES})

    @property
    def has_halves(self) -> bool:
        """Whether the members have two different prompts."""
        return bool(self.prompt and self.other_prompt)

    def prompt_of(self, half: int) -> str:
        """The prompt of the members of this half; empty if every member writes one."""
        return self.other_prompt if self.has_halves and half == Half.SECOND else self.prompt

    @property
    def is_open(self) -> bool:
        """Whether the members may change their texts."""
        return self.state == ClassState.OPEN

    @property
    def shared_seed(self) -> int | None:
        """The seed of the draws of all members; None if everybody has luck of their own."""
        return self.seed if self.luck == Luck.SHARED else None

    @property
    def is_over(self) -> bool:
        """Whether it was closed or has expired."""
        return self.state == ClassState.CLOSED or self.expires_at <= now()


class Member(models.Model):
    """A wheel session that belongs to a class. `is_virtual`: it was added by the teacher, and no
    student has its page. `is_hidden`: the wall does not show its text. `half`: of the class; it
    decides the prompt if the class has two."""

    classroom = models.ForeignKey(
        Classroom, on_delete=models.CASCADE, related_name="members", verbose_name=_("classroom")
    )
    session_id = models.UUIDField(_("session"), unique=True)
    pseudonym = models.CharField(_("pseudonym"), max_length=MAX_PSEUDONYM_LEN)
    is_virtual = models.BooleanField(_("virtual"), default=False)
    is_hidden = models.BooleanField(_("hidden"), default=False)
    half = models.PositiveSmallIntegerField(_("half"), choices=Half, default=Half.FIRST)
    joined_at = models.DateTimeField(_("joined"), auto_now_add=True)

    class Meta:
        ordering = ("pk",)
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = (
            models.UniqueConstraint("classroom", "pseudonym", name="unique_pseudonym_in_classroom"),
        )

    def __str__(self) -> str:
        return self.pseudonym

    @property
    def prompt(self) -> str:
        """Of its half of the class."""
        return self.classroom.prompt_of(self.half)


class HeldStory(models.Model):
    """A copy of a member's session as it was when the teacher held it. The copy is in the session
    store under an id of its own, which no student knows. It goes when the member leaves."""

    classroom = models.ForeignKey(
        Classroom,
        on_delete=models.CASCADE,
        related_name="held_stories",
        verbose_name=_("classroom"),
    )
    member = models.ForeignKey(
        Member, on_delete=models.CASCADE, related_name="held_stories", verbose_name=_("member")
    )
    session_id = models.UUIDField(_("session"), unique=True)
    pseudonym = models.CharField(_("pseudonym"), max_length=MAX_PSEUDONYM_LEN)
    held_at = models.DateTimeField(_("held"), auto_now_add=True)

    class Meta:
        ordering = ("pk",)
        verbose_name = _("held story")
        verbose_name_plural = _("held stories")

    def __str__(self) -> str:
        return self.pseudonym


def unused_code() -> str:
    """A new code that no other classroom has."""
    code = new_code()
    while Classroom.objects.filter(code=code).exists():
        code = new_code()
    return code
