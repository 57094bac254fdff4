"""Forms of the wall. They check types; the services check ranges."""

from typing import Any

from django import forms

from wheel.domain.guess import MAX_GUESSES
from wheel.pages.forms import MAX_INTEGER, PromptField
from wheel.pages.wall.view_state import MEMBER_ID


class NoFieldsForm(forms.Form):
    """Of an action that a button alone describes."""


class ClassPromptForm(forms.Form):
    """`other_prompt`: of the second half of a class that has two prompts."""

    prompt = PromptField()
    other_prompt = PromptField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["other_prompt"].required = False


class RoundForm(forms.Form):
    """The number of the common spin, so that a second click does not spin again."""

    round = forms.IntegerField(min_value=1, max_value=MAX_INTEGER)


class GuessRoundForm(forms.Form):
    """A round of guesses to put on the wall, with its guesses or covered."""

    round = forms.IntegerField(min_value=1, max_value=MAX_GUESSES)
    is_shown = forms.BooleanField(required=False)


class VirtualForm(forms.Form):
    num_added = forms.IntegerField(max_value=MAX_INTEGER)


class NamesForm(forms.Form):
    is_hidden = forms.BooleanField(required=False)


class HideForm(forms.Form):
    """The button that is pressed names the member."""

    hide = forms.RegexField(MEMBER_ID, required=False)
    show = forms.RegexField(MEMBER_ID, required=False)


class IdsField(forms.TypedMultipleChoiceField):
    """Ids of members, whether there are such members or not."""

    def valid_value(self, value: str) -> bool:
        return MEMBER_ID.fullmatch(value) is not None


class HoldForm(forms.Form):
    member_id = IdsField(coerce=int, required=False)
