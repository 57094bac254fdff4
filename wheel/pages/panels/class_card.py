"""The class of a member: what the wheel page shows of it."""

from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wheel.models import Half
from wheel.services import Member, classrooms

# By the state of the class. An open one needs no notice.
NOTICES = {
    "frozen": _("Your teacher has paused the class. Look up for a moment."),
    "closed": _("This class is over. You can still read your text, and export it."),
}


@dataclass(frozen=True, slots=True)
class ClassCard:
    member: Member

    @property
    def title(self) -> str:
        return self.member.classroom.title

    @property
    def question(self) -> str:
        return self.member.classroom.question

    @property
    def lesson(self) -> str:
        """The key of the lesson of the class; empty without one."""
        return self.member.classroom.lesson

    @property
    def half(self) -> str:
        """Of a class with two prompts; empty with one."""
        if not self.member.classroom.has_halves:
            return ""
        if self.member.half == Half.SECOND:
            return gettext("Your half of the class has the second text.")
        return gettext("Your half of the class has the first text.")

    @property
    def pseudonym(self) -> str:
        return self.member.pseudonym

    @property
    def state(self) -> str:
        return str(self.member.classroom.state)

    @property
    def rules(self) -> str:
        """Changes with everything that the class shows and fixes."""
        return classrooms.rules_digest(self.member.classroom)

    @property
    def notice(self) -> str:
        """Empty while the class is open."""
        return str(NOTICES.get(self.state, ""))

    @property
    def notices(self) -> dict[str, str]:
        """Those of all states, between which a script changes."""
        return {state: str(notice) for state, notice in NOTICES.items()}
