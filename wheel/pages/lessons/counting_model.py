"""Lesson "A model made by counting": a text becomes a model, beside the language model."""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from wheel import services
from wheel.domain.counting_model import BIGRAM, TRIGRAM
from wheel.domain.simulated_draws import MAX_SEED
from wheel.domain.wheel_session import WheelSession
from wheel.errors import InvalidFieldsError, TokenWheelError
from wheel.pages.forms import PROMPT_ATTRIBUTES, PromptField
from wheel.pages.lessons.counting_experiment import CountingExperiment
from wheel.pages.lessons.forms import BeginForm, PredictionForm
from wheel.pages.lessons.lesson import Choice, Lesson
from wheel.pages.lessons.session_lesson import SessionLesson
from wheel.pages.words.messages import sentence
from wheel.services import SessionState
from wheel.shipped_texts import SHIPPED_TEXTS, ShippedText

LESSON = Lesson(
    key="counting-model",
    title=_("A model made by counting"),
    summary=_("Make a language model out of your own text, in a moment, and see what it knows."),
    question=_(
        "A model only counts which token comes after which in one short text. What will its "
        "stories be like?"
    ),
    choices=(
        Choice("sense", _("They make sense, like those of a big model")),
        Choice("pieces", _("A few words at a time make sense, the whole does not")),
        Choice("jumble", _("A jumble: any word can follow any other")),
    ),
    look_for=_(
        "Look at the counts: each share on its wheel comes from a handful of places in the text. "
        "How many tokens in a row are copied from there, and what happens where the copy ends?"
    ),
    why=_(
        "It sees the last one or two tokens only, so it cannot know what the sentence is about; a "
        "language model reads the whole text before it spins."
    ),
    minutes=20,
    prompt=SHIPPED_TEXTS["en"].beginning,
)
TOO_LONG = _(
    "This text has %(show_value)s characters; at most %(limit_value)s characters can be counted."
)
ORDERS = (
    (TRIGRAM, _("the last two tokens")),
    (BIGRAM, _("only the last token")),
)
OWN_TEXT_ATTRIBUTES = {**PROMPT_ATTRIBUTES, "rows": 6, "aria-describedby": "id_text_help"}


class OwnTextField(PromptField):
    """A text to be counted; empty for none."""

    def __init__(self) -> None:
        super().__init__()
        self.required = False
        self.label = _("Your own text")
        self.widget = forms.Textarea(attrs=OWN_TEXT_ATTRIBUTES)
        # No `max_length`, with which a browser would cut a pasted text without a word.
        self.validators.append(MaxLengthValidator(services.MAX_TEXT_CHARACTERS, TOO_LONG))


class CountingBeginForm(BeginForm):
    """A text of one's own, or one that ships with the project; the page's language chooses which
    one is offered first."""

    text = OwnTextField()
    text_key = forms.ChoiceField(
        label=_("Or one of these"),
        choices=[(key, f"{text.title} ({text.author})") for key, text in SHIPPED_TEXTS.items()],
        widget=forms.Select(attrs={"class": "counting-source notranslate", "translate": "no"}),
    )
    order = forms.TypedChoiceField(
        label=_("The model looks at"), choices=ORDERS, coerce=int, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shipped = shipped_text_of_page()
        self.initial.update(prompt=shipped.beginning, text_key=shipped.key, order=TRIGRAM)

    def is_multipart(self) -> bool:
        """Letters other than a to z would take three times as many bytes in the other encoding."""
        return True

    def add_problem(self, error: TokenWheelError) -> None:
        """Attach an error of the services to the field that it concerns."""
        names = error.errors if isinstance(error, InvalidFieldsError) else {}
        name = next((name for name in names if name in self.fields), "prompt")
        self.add_error(name, sentence(error))


class CountingForm(PredictionForm):
    """Without a seed, no stories are grown."""

    seed = forms.IntegerField(min_value=0, max_value=MAX_SEED, required=False)


class CountingLesson(SessionLesson[CountingForm]):
    lesson = LESSON
    template_name = "lessons/counting_model.html"
    form_class = CountingForm
    begin_form_class = CountingBeginForm
    begin_template_name = "lessons/counting_begin.html"

    def start(self, form: BeginForm) -> WheelSession:
        data = form.cleaned_data
        is_own = bool(data["text"])
        return services.start_counting(
            prompt=data["prompt"],
            order=data["order"],
            text=data["text"] if is_own else None,
            text_key=None if is_own else data["text_key"],
        )

    def address_in_class(self, session_id: str) -> str:
        """Of the first page: the model is made from a text, with a session of its own."""
        return reverse(self.lesson.url_name)

    def experiment(self, state: SessionState, form: CountingForm) -> CountingExperiment:
        pair = services.pair_models(state=state)
        seed = form.cleaned_data["seed"]
        stories = () if seed is None else services.grow_stories(pair=pair, seed=seed)
        return CountingExperiment(pair, seed, stories)


def shipped_text_of_page() -> ShippedText:
    """That in the language of the page; the English one for a language without a text."""
    language = (get_language() or "en").split("-")[0]
    return SHIPPED_TEXTS.get(language, SHIPPED_TEXTS["en"])
