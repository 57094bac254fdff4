"""The texts of a lesson, which are the same on every visit."""

from dataclasses import dataclass

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers that a student can predict. `key` stands in addresses."""

    key: str
    text: Text


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson of the course.

    key        its place in addresses: "many-spins"
    summary    one line for the list of lessons
    question   asked before the experiment
    choices    the answers to predict; none if the experiment itself is a prediction
    look_for   two sentences below the experiment
    why        one sentence
    prompt     for the model, and not translated
    is_on_session  whether its experiment is made on a wheel session
    """

    key: str
    title: Text
    summary: Text
    question: Text
    choices: tuple[Choice, ...]
    look_for: Text
    why: Text
    minutes: int
    prompt: str
    is_on_session: bool = True

    @property
    def url_name(self) -> str:
        """The first part tells the rate limits that a POST starts a session."""
        return f"lesson-begin-{self.key}" if self.is_on_session else f"lesson-text-{self.key}"

    @property
    def experiment_url_name(self) -> str:
        """Of the page with a session."""
        return f"lesson-experiment-{self.key}"

    def choice(self, key: str) -> Choice:
        return next(choice for choice in self.choices if choice.key == key)
