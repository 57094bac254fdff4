"""Hints on a prompt that the model reads otherwise than its writer means it.

A text that ends in a space is cut into tokens with a lone space as the last. Most tokens that
follow a word have their own space, so after a lone one the model has seldom seen anything but
digits and rare pieces.
"""

from dataclasses import dataclass

from wheel.services import SessionState

SPACES = " \t\u00a0\u3000"


@dataclass(frozen=True, slots=True)
class PromptHints:
    """Hints on a text of which only the prompt is there.

    trimmed_prompt  the prompt without the spaces at its end; empty if it has none
    control_names   names of the model's control tokens in it, which are plain text there
    """

    trimmed_prompt: str = ""
    control_names: tuple[str, ...] = ()


def prompt_hints(state: SessionState) -> PromptHints:
    if state.session.history:
        return PromptHints()
    prompt = state.initial_prompt
    trimmed = prompt.rstrip(SPACES)
    return PromptHints(
        trimmed_prompt=trimmed if trimmed != prompt else "",
        control_names=tuple(sorted(names_in(prompt, state), key=prompt.index)),
    )


def names_in(prompt: str, state: SessionState) -> list[str]:
    return [name for name in state.tokenizer.control_names if name in prompt]
