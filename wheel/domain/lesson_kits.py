"""Lesson kits: prompts, settings and questions that teachers can start a class from.

The claims of the texts hold for `smollm2-135m`, which comes with the project; a test checks the
figures on its weights. They are rounded, since other models have others.
"""

from dataclasses import dataclass

from wheel.domain.wheel_settings import (
    MIN_P,
    NEUTRAL_SETTINGS,
    SETTING_NAMES,
    TEMPERATURE,
    TOP_K,
    TOP_P,
    WheelSettings,
)
from wheel.sentences import gettext_noop

OWN_LUCK, SHARED_LUCK = "own", "shared"
PROMPT = "prompt"
EVERYTHING = (PROMPT, *SETTING_NAMES)


@dataclass(frozen=True, slots=True)
class LessonKit:
    """A lesson for a class. `title`, `question` and `look_for` are English and are translated on
    the page; the prompt is for the model and stays as it is.

    lesson   the key of the lesson of the course that the class does; empty for none
    other_prompt  of the second half of the class; empty if all have the same
    locked   the names of the settings that the students cannot change, and "prompt"
    luck     "own", or "shared" if equal texts draw the same token
    minutes  of the lesson
    """

    key: str
    title: str
    prompt: str
    question: str
    look_for: str
    minutes: int
    lesson: str = ""
    other_prompt: str = ""
    settings: WheelSettings = NEUTRAL_SETTINGS
    locked: tuple[str, ...] = EVERYTHING
    luck: str = OWN_LUCK


def locked_but(*names: str) -> tuple[str, ...]:
    """Everything except these settings."""
    return tuple(name for name in EVERYTHING if name not in names)


LESSON_KITS = (
    LessonKit(
        key="one-draw-after-another",
        lesson="one-draw-after-another",
        title=gettext_noop("One draw after another"),
        prompt="Once upon a time, there was a little",
        question=gettext_noop("We all start with the same words. Will we all get the same story?"),
        look_for=gettext_noop(
            "Before the first spin everybody has the same wheel: “girl” has about 38%, “town” 23%, "
            "and all tokens below 1% together 25%. After it the wheels differ, because the text "
            "differs. Let everybody spin ten times, then look at the tree on the wall: where do "
            "the stories part?"
        ),
        minutes=15,
    ),
    LessonKit(
        key="many-spins",
        lesson="many-spins",
        title=gettext_noop("Thirty coins of a language model"),
        prompt="I flipped a coin and it came up",
        question=gettext_noop("If everybody spins once, how many will get “heads”?"),
        look_for=gettext_noop(
            "The model's coin is not fair: “heads” has about 47%, “tails” 32%, a lone space 13%. "
            "Let everybody spin once: with thirty spins the shares are still far from the wheel. "
            "Then let them do the lesson with 1,000 spins each: the wall adds them all up, and the "
            "bands become short. A token of 2% is missing from thirty spins about every second "
            "time."
        ),
        minutes=20,
    ),
    LessonKit(
        key="long-tail",
        title=gettext_noop("The long tail"),
        prompt="My name is",
        question=gettext_noop(
            "How much of the wheel belongs to tokens that are each less likely than 1%?"
        ),
        look_for=gettext_noop(
            "About three quarters: some 49,000 tokens share the grey segment. No single one is "
            "likely, together they win most spins. A spin that lands there opens the segment into "
            "a wheel of its own. Which name came up, and how likely was it?"
        ),
        minutes=15,
    ),
    LessonKit(
        key="temperature",
        title=gettext_noop("Temperature"),
        prompt="It was a dark and",
        question=gettext_noop("What happens to the favourite when you raise the temperature?"),
        look_for=gettext_noop(
            "Students may change the temperature. The favourite, a piece of “foreboding”, has "
            "about 30% at 1, 96% at 0.2, and 2% at 2, where nearly the whole wheel is grey. The "
            "order of the tokens never changes, nor does the outer ring: that is what the model "
            "itself believes. Compare stories of ten spins at 0.2 and at 1.5."
        ),
        minutes=20,
        locked=locked_but(TEMPERATURE.name),
    ),
    LessonKit(
        key="same-luck",
        lesson="same-luck",
        title=gettext_noop("The same luck"),
        prompt="In the dark forest lived a",
        question=gettext_noop("If all wheels stop at the same angle, is the story still random?"),
        look_for=gettext_noop(
            "Everybody's wheel stops at the same angle, so equal texts grow equally, down to the "
            "last token. Then let half of the class set the temperature to 1.5: the same angle "
            "now often points at another token, and from there on the stories differ."
        ),
        minutes=15,
        locked=locked_but(TEMPERATURE.name),
        luck=SHARED_LUCK,
    ),
    LessonKit(
        key="filters",
        lesson="filters",
        title=gettext_noop("What the filters cut"),
        prompt="The best thing about school is",
        settings=WheelSettings(top_p=0.9),
        question=gettext_noop("Which tokens have left the wheel, and would you miss them?"),
        look_for=gettext_noop(
            "With top-p 0.9 fewer than 200 of 49,152 tokens are left, and still Other has 29% of "
            "the wheel. Set top-p to 1, then top-k to 5: five tokens are left and Other is gone. "
            "The outer ring shows what was removed. The filters cut the model's answer; they do "
            "not change what it believes."
        ),
        minutes=20,
        locked=locked_but(TOP_K.name, TOP_P.name, MIN_P.name),
    ),
    LessonKit(
        key="the-favourite",
        lesson="the-favourite",
        title=gettext_noop("The favourite every time"),
        prompt="We went to the beach and",
        question=gettext_noop("What becomes of a text in which the likeliest token always wins?"),
        look_for=gettext_noop(
            "In the lesson two texts grow from the same words. From its eleventh token on, the "
            "text of the favourite goes round in circles of five tokens, and its wheels grow ever "
            "surer: “happy” has 84% the first time and 99% at last. On the wheels of the class you "
            "can do it by hand: top-k 1 leaves the favourite alone."
        ),
        minutes=15,
        locked=locked_but(TOP_K.name),
    ),
    LessonKit(
        key="guess-first",
        lesson="guess-first",
        title=gettext_noop("Guess first"),
        prompt="The dog chased the",
        question=gettext_noop("What comes next? Name your guess before you see the wheel."),
        look_for=gettext_noop(
            "Everybody opens the lesson and guesses. The wall shows the guesses when all have "
            "guessed, or when you say so; all have the same luck, so each round is about the same "
            "text. “cat” has about 18% (2.5 bits), “moon” 17%, “hare” 12%. A guess that costs "
            "fewer than 5.2 bits, the wheel's own uncertainty, is one that the model would not be "
            "surprised at; with no idea at all it would be 15.6 bits. Who is nearest after ten "
            "rounds?"
        ),
        minutes=15,
        luck=SHARED_LUCK,
    ),
    LessonKit(
        key="surprising-text",
        lesson="surprising-text",
        title=gettext_noop("How surprising is this text?"),
        prompt="The capital of France is Brambleford, and the capital of Italy is",
        question=gettext_noop(
            "One name in this text is made up. Where does the model notice it, and does it believe "
            "the rest?"
        ),
        look_for=gettext_noop(
            "The colours of the text show it: “Bram” has about 24 bits of surprise, since the "
            "model expected “Paris” with 77%. It has learned from it: “Rome” has only about 20% of "
            "the wheel. Write the same text with “Paris”, and “Rome” has 77%."
        ),
        minutes=15,
        locked=locked_but(PROMPT),
    ),
    LessonKit(
        key="one-word-changed",
        lesson="one-word-changed",
        title=gettext_noop("One word changed"),
        prompt="The doctor took off",
        other_prompt="The nurse took off",
        question=gettext_noop("What changes on the wheel if “doctor” becomes “nurse”?"),
        look_for=gettext_noop(
            "Every second student has “nurse” instead of “doctor”, and the wall shows both wheels. "
            "“his” falls from about 29% to 11%, “her” rises from 17% to 30%, although the "
            "text names neither a man nor a woman. 29% of the wheel changes hands. Where has the "
            "model learned this, and is it fair?"
        ),
        minutes=20,
    ),
    LessonKit(
        key="tokens-are-not-words",
        lesson="tokens-are-not-words",
        title=gettext_noop("Tokens are not words"),
        prompt="She is studying neuro",
        question=gettext_noop("What comes next: a word, or a piece of one?"),
        look_for=gettext_noop(
            "The likeliest tokens are pieces without a space before them: “diversity” with about "
            "15%, “plasticity”, “c”, “phys”. A token with ␣ begins a new word. A word that is rare "
            "takes several spins: write down how many tokens your first whole word took."
        ),
        minutes=15,
    ),
    LessonKit(
        key="counting-model",
        lesson="counting-model",
        title=gettext_noop("A model made by counting"),
        prompt="Suddenly she was",
        question=gettext_noop("Can a model write sense that only counts what comes after what?"),
        look_for=gettext_noop(
            "The lesson counts a chapter of “Alice”, or your own text. “she was” comes six times "
            "in that chapter, each time with another token after it, and these six have about 9% "
            "each. SmolLM2, the wheel of the class, has read far more: “a” has about 6%, and "
            "all tokens below 1% together 78%. Whose stories make sense for longer?"
        ),
        minutes=20,
    ),
)
KIT_BY_KEY = {kit.key: kit for kit in LESSON_KITS}
