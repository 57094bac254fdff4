"""Tokens as tiles: the text of each, its id and its bytes."""

from collections.abc import Sequence
from dataclasses import dataclass

from wheel.domain.token import Token, completed_characters, display
from wheel.pages.words.directions import token_direction

NUM_HUES = 5  # neighbours differ, and a step is larger than that of the palette
HUE_STEP = 5  # of the twelve hues


@dataclass(frozen=True, slots=True)
class TokenTile:
    """`completed`: the character of which the token is the last piece; empty if it is not."""

    token: Token
    completed: str
    hue_index: int

    @property
    def token_bytes(self) -> str:
        return self.token.token_bytes.hex(" ")

    @property
    def direction(self) -> str:
        return token_direction(self.token) or "auto"


def token_tiles(tokens: Sequence[Token]) -> list[TokenTile]:
    completed = completed_characters(tokens)
    return [
        TokenTile(token, display(character), HUE_STEP * (idx % NUM_HUES) % 12)
        for idx, (token, character) in enumerate(zip(tokens, completed, strict=True))
    ]
