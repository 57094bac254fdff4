"""Lesson "Tokens are not words": a text as tokens, a sentence in eight languages, and letters."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from wheel import services
from wheel.domain.token import Token
from wheel.errors import InvalidFieldsError
from wheel.pages.lessons.lesson import Choice, Lesson
from wheel.pages.lessons.text_lesson import Example, TextForm, TextLesson
from wheel.pages.lessons.verdicts import verdict
from wheel.pages.panels.token_tiles import TokenTile, token_tiles
from wheel.pages.words.directions import text_direction
from wheel.pages.words.models import model_name
from wheel.pages.words.numbers import count
from wheel.services import TokenizedText

ASKED_TEXT = "The strawberry grower from Ljubljana 🍓"
NUMBERS = {"words": 6, "pieces": 12, "characters": 38}
MAX_TILES = 400
WORD, LETTER = "strawberry", "r"

LESSON = Lesson(
    key="tokens-are-not-words",
    title=_("Tokens are not words"),
    summary=_("How a model cuts a text into pieces, and what it never gets to see."),
    question=_("How many tokens does the model read in “The strawberry grower from Ljubljana 🍓”?"),
    choices=(
        Choice("words", _("6: one for each word, and one for the strawberry")),
        Choice("pieces", _("About 12: some words in pieces")),
        Choice("characters", _("38: one for each character")),
    ),
    look_for=_(
        "Common words are one token, with the space before them; rare names, emoji and most "
        "other scripts come in pieces. Type a word with and without a capital letter, or with and "
        "without a space before it: the tokens are others."
    ),
    why=_(
        "The pieces were chosen by counting what is frequent in the texts of the training, which "
        "were mostly English, and the model sees their numbers only, never their letters."
    ),
    minutes=15,
    prompt=ASKED_TEXT,
    is_on_session=False,
)
EXAMPLES = (
    Example("strawberry", _("The sentence of the question"), ASKED_TEXT),
    Example("long", _("A long word"), "supercalifragilisticexpialidocious"),
    Example("family", _("A family of emoji"), "👩‍👩‍👧 🎡 👍🏽"),
    Example("numbers", _("Numbers"), "In 2026, 1,234,567 + 1 = 1,234,568."),
    Example("spaces", _("Capitals and spaces"), "cat Cat CAT  cat\tcat"),
)


@dataclass(frozen=True, slots=True)
class Translation:
    """The first sentence of the Universal Declaration of Human Rights. `code`: of its language."""

    code: str
    language: str | Promise
    text: str

    @property
    def direction(self) -> str:
        return text_direction(self.text)


# Source: the translations of the United Nations, https://www.un.org/en/about-us/udhr
TRANSLATIONS = (
    Translation(
        "en",
        _("English"),
        "All human beings are born free and equal in dignity and rights.",
    ),
    Translation(
        "de", _("German"), "Alle Menschen sind frei und gleich an Würde und Rechten geboren."
    ),
    Translation(
        "es",
        _("Spanish"),
        "Todos los seres humanos nacen libres e iguales en dignidad y derechos.",
    ),
    Translation(
        "fr",
        _("French"),
        "Tous les êtres humains naissent libres et égaux en dignité et en droits.",
    ),
    Translation(
        "nb",
        _("Norwegian"),
        "Alle mennesker er født frie og med samme menneskeverd og menneskerettigheter.",
    ),
    Translation("ar", _("Arabic"), "يولد جميع الناس أحراراً متساوين في الكرامة والحقوق."),
    Translation(
        "hi",
        _("Hindi"),
        "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।",
    ),
    Translation("zh", _("Chinese"), "人人生而自由，在尊严和权利上一律平等。"),
)
PIECES = ("é", "日", "🎡", "👩‍👩‍👧")


@dataclass(frozen=True, slots=True)
class LanguageRow:
    """What the sentence costs in a language. `width`: of the bar, of 100; `times`: as many tokens
    as in English."""

    translation: Translation
    num_characters: int
    num_tokens: int
    width: float
    times: float


@dataclass(frozen=True, slots=True)
class PiecesRow:
    """A character, or a sign of several, as the tokens that make it."""

    sign: str
    num_bytes: int
    tiles: list[TokenTile]


@dataclass(frozen=True, slots=True)
class Letters:
    """A word as the model sees it, and how often a letter is in it."""

    word: str
    letter: str
    tiles: list[TokenTile]

    @property
    def num_letters(self) -> int:
        return self.word.casefold().count(self.letter.casefold())

    @property
    def token_ids(self) -> str:
        return " · ".join(str(tile.token.token_id) for tile in self.tiles)


@dataclass(frozen=True)
class TokensExperiment:
    """`text` is what was typed; `tokenized` the same as tokens."""

    text: str
    tokenized: TokenizedText
    prediction: str
    word: str
    letter: str

    @property
    def model_name(self) -> str:
        return model_name(self.tokenized.model_id)

    @property
    def num_tokens(self) -> int:
        return len(self.tokenized.token_ids)

    @property
    def num_words(self) -> int:
        """Between spaces."""
        return len(self.text.split())

    @property
    def num_bytes(self) -> int:
        return len(self.text.encode())

    @property
    def text_direction(self) -> str:
        return text_direction(self.text)

    @cached_property
    def tiles(self) -> list[TokenTile]:
        return token_tiles(tokens_of(self.tokenized)[:MAX_TILES])

    @property
    def num_left_out(self) -> int:
        return self.num_tokens - len(self.tiles)

    @cached_property
    def num_asked(self) -> int:
        """The answer to the question."""
        return len(self._tokens(ASKED_TEXT))

    @property
    def verdict(self) -> str:
        return verdict(NUMBERS[self.prediction], self.num_asked, NUMBERS)

    @cached_property
    def languages(self) -> list[LanguageRow]:
        """Those that the model's tokenizer can spell, the cheapest first."""
        nums = {one: num for one in TRANSLATIONS if (num := len(self._spelled(one.text)))}
        highest, english = max(nums.values()), nums[TRANSLATIONS[0]]
        rows = [
            LanguageRow(one, len(one.text), num, 100 * num / highest, num / english)
            for one, num in nums.items()
        ]
        return sorted(rows, key=lambda row: row.num_tokens)

    @property
    def pieces(self) -> Iterator[PiecesRow]:
        for sign in PIECES:
            if tokens := self._spelled(sign):
                yield PiecesRow(sign, len(sign.encode()), token_tiles(tokens))

    @cached_property
    def letters(self) -> Letters:
        return Letters(self.word, self.letter, token_tiles(self._tokens(self.word)))

    def _tokens(self, text: str) -> list[Token]:
        return tokens_of(services.tokenize(text=text, model_id=self.tokenized.model_id))

    def _spelled(self, text: str) -> list[Token]:
        """Empty for a text with a byte that the vocabulary lacks."""
        try:
            return self._tokens(text)
        except InvalidFieldsError:
            return []


def tokens_of(text: TokenizedText) -> list[Token]:
    return [text.tokenizer.tokens[token_id] for token_id in text.token_ids]


class TokensForm(TextForm):
    """Without a word or a letter, those of the lesson."""

    word = forms.CharField(label=_("A word"), required=False, max_length=40)
    letter = forms.CharField(label=_("A letter"), required=False, max_length=1)

    def clean_word(self) -> str:
        return self.cleaned_data["word"] or WORD

    def clean_letter(self) -> str:
        return self.cleaned_data["letter"] or LETTER


class TokensAreNotWords(TextLesson[TokensForm, TokensExperiment]):
    lesson = LESSON
    template_name = "lessons/tokens_are_not_words.html"
    parts_name = "lessons/_tokens_are_not_words.html"
    triggers = "submit, input delay:400ms"
    examples = EXAMPLES
    form_class = TokensForm

    def experiment(self, form: TokensForm) -> TokensExperiment:
        data = form.cleaned_data
        tokenized = services.tokenize(text=data["text"])
        experiment = TokensExperiment(
            data["text"], tokenized, data["prediction"], data["word"], data["letter"]
        )
        _unused = experiment.letters  # here, so that a word without tokens is refused
        return experiment

    def announcement(self, experiment: TokensExperiment) -> str:
        num_tokens = experiment.num_tokens
        return ngettext("%(num)s token", "%(num)s tokens", num_tokens) % {"num": count(num_tokens)}
