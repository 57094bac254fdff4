"""A language model and its wheels in plain Python: probabilities are added up one by one."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from wheel.domain.token import Token


@dataclass(frozen=True)
class PlainModel:
    """The language model: logits by token ids, and the vocabulary."""

    logits_of: Callable[[tuple[int, ...]], Sequence[float]]
    tokens: Sequence[Token]
    encode: Callable[[str], tuple[int, ...]]
    context_length: int

    def text(self, token_ids: Sequence[int]) -> str:
        token_bytes = b"".join(self.tokens[token_id].token_bytes for token_id in token_ids)
        return token_bytes.decode("utf-8", errors="replace")


class PlainWheel:
    """Probabilities by token id, after the filters; `ranking` has the tokens that can be drawn."""

    def __init__(self, logits: Sequence[float], settings: Mapping[str, float]) -> None:
        highest = max(logits)
        powers = [math.exp((logit - highest) / settings["temperature"]) for logit in logits]
        order = sorted(range(len(powers)), key=lambda token_id: (-powers[token_id], token_id))
        kept = order[: int(settings["top_k"]) or None]
        self.ranking = self._filtered(kept, powers, settings)
        total = math.fsum(powers[token_id] for token_id in self.ranking)
        self.probs = {token_id: powers[token_id] / total for token_id in self.ranking}
        self.above = [i for i in self.ranking if self.probs[i] >= settings["threshold"]]

    @staticmethod
    def _filtered(
        kept: list[int], powers: Sequence[float], settings: Mapping[str, float]
    ) -> list[int]:
        total, reached, nucleus = math.fsum(powers[i] for i in kept), 0.0, []
        for token_id in kept:
            if settings["top_p"] < 1 and reached >= settings["top_p"] * total:
                break
            nucleus.append(token_id)
            reached += powers[token_id]
        return [i for i in nucleus if powers[i] >= settings["min_p"] * powers[nucleus[0]]]

    @property
    def above_prob(self) -> float:
        return math.fsum(self.probs[token_id] for token_id in self.above)

    def token_at(self, u: float) -> int:
        end = 0.0
        for token_id in self.ranking:
            end += self.probs[token_id]
            if u < end:
                return token_id
        return self.ranking[-1]
