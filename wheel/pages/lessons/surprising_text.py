"""Lesson "How surprising is this text?": every token of a text, with its surprise for the model."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from wheel import services
from wheel.pages.lessons.lesson import Choice, Lesson
from wheel.pages.lessons.text_lesson import Example, TextForm, TextLesson
from wheel.pages.lessons.verdicts import verdict
from wheel.pages.panels.scored_text import ScoredTextPanel
from wheel.pages.words.numbers import decimals
from wheel.pages.words.spoken import spoken

RHYME, LETTERS = "rhyme", "letters"
EXAMPLES = (
    Example(
        "name",
        _("A made-up name in a known sentence"),
        "The capital of France is Brambleford, and the capital of Italy is Rome.",
    ),
    Example(
        RHYME,
        _("A nursery rhyme"),
        "Mary had a little lamb, its fleece was white as snow; and everywhere that Mary went, the "
        "lamb was sure to go.",
    ),
    Example(LETTERS, _("Random letters"), "xq vjrk zpt wmgh ybd kfls nqo tuz rwcj ahe bgmx dpi"),
    Example("code", _("A program"), "for number in range(10):\n    print(number * number)\n"),
    Example(
        "german",
        _("A sentence in German"),
        "Der Hund schläft unter dem Tisch, und die Katze sitzt auf dem Stuhl.",
    ),
)
RATIOS = {"twice": 2.0, "five-times": 5.0, "twenty-times": 20.0}

LESSON = Lesson(
    key="surprising-text",
    title=_("How surprising is this text?"),
    summary=_("Any text, coloured by what the model did not see coming."),
    question=_(
        "How much more do random letters surprise the model than a nursery rhyme, character by "
        "character?"
    ),
    choices=(
        Choice("twice", _("About twice as much")),
        Choice("five-times", _("About five times as much")),
        Choice("twenty-times", _("About twenty times as much")),
    ),
    look_for=_(
        "The beginning of a text and its names have the strongest colour; where a known word is in "
        "pieces, the last ones are pale, because the first gives them away. Put one wrong word "
        "into a sentence that everybody knows, and look where the colour goes."
    ),
    why=_(
        "A model has learned to give the next token a high probability, so every bit of surprise "
        "is something that it could not know from the text before."
    ),
    minutes=15,
    prompt=EXAMPLES[0].text,
    is_on_session=False,
)


@dataclass(frozen=True, slots=True)
class Compared:
    """A bar of the comparison. `width`: of 100."""

    name: str | Promise
    bits_per_character: float
    width: float
    is_own: bool = False


@dataclass(frozen=True)
class SurprisingTextExperiment(ScoredTextPanel):
    prediction: str

    @cached_property
    def example_bits(self) -> dict[str, float]:
        """Bits per character of each example, by its key."""
        model_id = self.surprise.text.model_id
        return {
            example.key: services.score_beginning(
                text=example.text, model_id=model_id
            ).scored.bits_per_character
            or 0.0
            for example in EXAMPLES
        }

    @property
    def ratio(self) -> float:
        """Of random letters to a nursery rhyme."""
        return self.example_bits[LETTERS] / self.example_bits[RHYME]

    @property
    def verdict(self) -> str:
        return verdict(RATIOS[self.prediction], self.ratio, RATIOS)

    @property
    def compared(self) -> list[Compared]:
        """The text and the examples, the most surprising first."""
        bits: list[tuple[str | Promise, float | None, bool]] = [
            (_("Your text"), self.scored.bits_per_character, True),
            *((example.name, self.example_bits[example.key], False) for example in EXAMPLES),
        ]
        known = [(name, value, is_own) for name, value, is_own in bits if value is not None]
        highest = max(value for _name, value, _is_own in known) or 1.0
        bars = [
            Compared(name, value, 100 * value / highest, is_own) for name, value, is_own in known
        ]
        return sorted(bars, key=lambda bar: -bar.bits_per_character)


class SurprisingText(TextLesson[TextForm, SurprisingTextExperiment]):
    lesson = LESSON
    template_name = "lessons/surprising_text.html"
    parts_name = "lessons/_surprising_text.html"
    examples = EXAMPLES
    form_class = TextForm

    def experiment(self, form: TextForm) -> SurprisingTextExperiment:
        data = form.cleaned_data
        surprise = services.score_beginning(text=data["text"])
        experiment = SurprisingTextExperiment(surprise, len(data["text"]), data["prediction"])
        _unused = experiment.example_bits  # here, so that a busy engine has its answer
        return experiment

    def announcement(self, experiment: SurprisingTextExperiment) -> str:
        if not experiment.scored.scores:
            return _g("One token only: nothing came before it.")
        return _g("%(bits)s bits per character. The most surprising token: %(token)s.") % {
            "bits": decimals(experiment.scored.bits_per_character or 0.0, 2),
            "token": spoken(experiment.peak.row.token),
        }
