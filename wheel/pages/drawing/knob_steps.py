"""The whole wheel at every step of a slider: numbers from which a script of the page draws it while
the slider is dragged."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.template.loader import get_template
from django.utils.translation import gettext

from wheel.domain.slider_steps import SliderStep, SliderSteps
from wheel.pages.drawing.geometry import stroke_widths
from wheel.pages.drawing.shapes import DrawnSegment
from wheel.pages.drawing.wheel import grey_segments, segment_hues, shown_ends, token_segment
from wheel.pages.words.counts import knob_sentence
from wheel.pages.words.numbers import count
from wheel.services import SessionState

NUM_END_DIGITS = 5  # a hundredth of a pixel at the rim of a wheel of 640 pixels
MIN_LABEL_TURNS = 3.5 / 360  # in less, no label is legible

Answer = dict[str, Any]


@dataclass(frozen=True)
class KnobSteps:
    """The steps of one knob for the text as it stands."""

    state: SessionState
    steps: SliderSteps

    def answer(self) -> Answer:
        """
        token_ids  of the tokens with a segment at any step, by rank
        steps      one for each position of the slider, see `step_answer`
        """
        steps = [self.step_answer(step) for step in self.steps]
        num_tokens = max(len(step["ends"]) for step in steps)
        return {
            "knob": self.steps.spec.name,
            "rev": self.state.session.rev,
            "token_ids": self.steps.ranked_token_ids[:num_tokens].tolist(),
            "steps": steps,
        }

    def step_answer(self, step: SliderStep) -> Answer:
        """
        value     of the knob
        ends      of the segments of single tokens in turns, by rank; the first begins at 0. Other
                  fills the rest of the turn
        narrow    the end of the segment for all tokens that are too narrow to be drawn singly; the
                  last of `ends` if there are none
        hues      of the segments of single tokens
        strokes   widths of the lines round the segments that have a width, in user units
        labels    SVG of the labels
        possible  the number of tokens that can be drawn
        sentence  the knob, its value, and the number of segments
        """
        ends = shown_ends(step.wheel)
        return {
            "value": step.value,
            "ends": [rounded(end) for end in ends],
            "narrow": rounded(step.wheel.other_start),
            "hues": segment_hues(step.wheel),
            "strokes": self._strokes(step, ends),
            "labels": get_template("pages/_labels.html").render(
                {"segments": self._labelled(step, ends)}
            ),
            "possible": count(step.wheel.distribution.num_possible),
            "sentence": knob_sentence(
                gettext(self.steps.spec.label), step.value, step.wheel.num_above_possible
            ),
        }

    def _labelled(self, step: SliderStep, ends: list[float]) -> list[DrawnSegment]:
        """The segments that are wide enough for a label."""
        tokens = [
            self._token(step, rank, start, end)
            for rank, (start, end) in enumerate(pairwise([0.0, *ends]))
            if end - start >= MIN_LABEL_TURNS
        ]
        greys = [
            segment
            for segment in grey_segments(step.wheel)
            if segment.end - segment.start >= MIN_LABEL_TURNS
        ]
        return [segment for segment in tokens + greys if segment.label or segment.sign_transform]

    def _strokes(self, step: SliderStep, ends: list[float]) -> list[float]:
        arcs = pairwise([0.0, *ends, step.wheel.other_start, 1.0])
        return [round(width, 2) for width in stroke_widths([b - a for a, b in arcs if b > a])]

    def _token(self, step: SliderStep, rank: int, start: float, end: float) -> DrawnSegment:
        token = self.state.token(int(self.steps.ranked_token_ids[rank]))
        prob = float(step.wheel.distribution.probs[rank])
        return token_segment(token, prob, start, end)


def rounded(end: float) -> float:
    return round(end, NUM_END_DIGITS)
