"""Response bodies of the calls behind the lessons, as plain dictionaries (see `answers`)."""

from wheel.api.answers import Answer, token_answer
from wheel.domain.intervals import wilson_interval
from wheel.domain.scored_text import TokenScore
from wheel.language_models.tokenizer import Tokenizer
from wheel.services import Simulation, SurpriseOfText, TokenizedText


def tokenized_answer(text: TokenizedText) -> Answer:
    tokens = text.tokenizer.tokens
    return {
        "model_name": text.model_id,
        "tokens": [token_answer(tokens[token_id]) for token_id in text.token_ids],
        "num_tokens": len(text.token_ids),
        "num_characters": text.num_characters,
    }


def scored_answer(surprise: SurpriseOfText) -> Answer:
    tokenizer, scored = surprise.text.tokenizer, surprise.scored
    first = token_answer(tokenizer.tokens[scored.first_id]) | dict.fromkeys(FIGURES)
    return {
        "model_name": surprise.text.model_id,
        "tokens": [first, *(score_answer(tokenizer, score) for score in scored.scores)],
        "total_bits": scored.total_bits,
        "bits_per_character": scored.bits_per_character,
        "perplexity": scored.perplexity,
    }


FIGURES = ("probability", "surprisal_bits", "rank", "expected")


def score_answer(tokenizer: Tokenizer, score: TokenScore) -> Answer:
    expected = TokenScore(
        score.expected_id, score.expected_log_prob, 0, score.expected_id, score.expected_log_prob
    )
    return token_answer(tokenizer.tokens[score.token_id]) | {
        "probability": score.prob,
        "surprisal_bits": score.surprisal_bits,
        "rank": score.rank + 1,
        "expected": token_answer(tokenizer.tokens[expected.token_id])
        | {"probability": expected.prob},
    }


def simulation_answer(simulation: Simulation) -> Answer:
    view, draws = simulation.view, simulation.draws
    segments = []
    for segment in draws.segments:
        if segment.token_id is not None:
            token = view.state.token(segment.token_id)
            segments.append(
                token_answer(token)
                | {
                    "expected_probability": segment.expected_prob,
                    "count": segment.count,
                    "low": segment.low,
                    "high": segment.high,
                }
            )
    return {
        "session_id": view.state.session.session_id,
        "num_spins": draws.num_spins,
        "seed": draws.seed,
        "settings": view.settings.as_dict(),
        "segments": segments,
        "other": other_answer(simulation),
        "rev": view.state.session.rev,
    }


def other_answer(simulation: Simulation) -> Answer:
    """Also of a wheel without Other, from which nothing was drawn then."""
    draws, state = simulation.draws, simulation.view.state
    count = sum(count for _, count in draws.other_counts)
    low, high = wilson_interval(count, draws.num_spins)
    return {
        "expected_probability": draws.wheel.other_prob,
        "count": count,
        "low": low,
        "high": high,
        "tokens": [
            token_answer(state.token(token_id)) | {"count": count}
            for token_id, count in draws.other_counts
        ],
    }
