"""English sentences that pages translate, and the mark for the extraction of texts.

The domain and the engine do not import Django. They mark their texts here; `make messages` finds
them, and `wheel.pages.words.messages` translates them.
"""

from collections.abc import Mapping
from typing import Self

Parameter = str | int | float


def gettext_noop(text: str) -> str:
    """Mark a text for extraction by `make messages`; the pages translate it."""
    return text


class Sentence(str):
    """The English sentence of `template % parameters`, as the API answers it. Pages translate the
    template, and write the numbers as the language does. Without parameters, the template is the
    sentence: a percent sign in it stands for itself."""

    __slots__ = ("parameters", "template")

    template: str
    parameters: Mapping[str, Parameter]

    def __new__(cls, template: str, **parameters: Parameter) -> Self:
        sentence = super().__new__(cls, template % parameters if parameters else template)
        sentence.template, sentence.parameters = template, parameters
        return sentence
