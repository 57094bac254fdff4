"""The simulated draws of a whole class: the sum of its members' last simulations.

A session notes only the numbers that repeat a simulation. The draws are made again from the seed,
on one wheel for all.
"""

from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Lock

import numpy as np

from wheel.domain.distribution import IntArray
from wheel.domain.segments import Wheel
from wheel.domain.simulated_draws import seeded_us, tokens_at
from wheel.domain.simulation_record import SimulationRecord
from wheel.models import Classroom
from wheel.services.classrooms.beginnings import Beginning, is_same_wheel
from wheel.services.classrooms.stories import Story
from wheel.services.states import WheelView

MAX_COUNTS = 512  # of one simulation of 10,000 spins: at most 80 kB

Counts = tuple[IntArray, IntArray]  # token ids, and how often each was drawn


@dataclass(frozen=True)
class ClassDraws:
    """counts        by token id, of all simulations that are counted
    num_members   the number of members whose simulation is counted
    num_repeated  of those among them whose seed another one has too: equal draws are counted once
    num_others    of those who have made theirs on another text, or with other settings
    num_waiting   of students who have made none
    """

    counts: Counter[int]
    num_members: int
    num_repeated: int
    num_others: int
    num_waiting: int

    @property
    def num_draws(self) -> int:
        return self.counts.total()


def find_class_draws(
    classroom: Classroom, stories: Sequence[Story], beginning: Beginning, view: WheelView
) -> ClassDraws:
    """The draws after a beginning. view: its wheel with the settings of the class."""
    records = {story.member.pk: story.state.session.simulation for story in stories}
    counted = [
        record
        for story in stories
        if (record := records[story.member.pk]) and is_after(story, record, beginning, classroom)
    ]
    num_spins_by_seed: dict[int, int] = {}
    for record in counted:  # the draws of a shorter simulation are the first of a longer one
        known = num_spins_by_seed.get(record.seed, 0)
        num_spins_by_seed[record.seed] = max(known, record.num_spins)
    num_without = sum(
        records[story.member.pk] is None and not story.member.is_virtual for story in stories
    )
    return ClassDraws(
        counts=sum_of_counts(view, num_spins_by_seed),
        num_members=len(counted),
        num_repeated=len(counted) - len(num_spins_by_seed),
        num_others=sum(record is not None for record in records.values()) - len(counted),
        num_waiting=num_without,
    )


def is_after(
    story: Story, record: SimulationRecord, beginning: Beginning, classroom: Classroom
) -> bool:
    """Whether the simulation was made on the wheel after this beginning."""
    session = story.state.session
    num_tokens = len(session.prompt_token_ids) + record.position
    is_same_text = session.token_ids[:num_tokens] == beginning.token_ids
    return is_same_text and is_same_wheel(record.settings, classroom.wheel_settings)


def sum_of_counts(view: WheelView, num_spins_by_seed: dict[int, int]) -> Counter[int]:
    """By token id, of one simulation for each seed."""
    session = view.state.session
    place = (session.model_id, session.token_ids, replace(view.settings, threshold=0.0))
    total = np.zeros(view.wheel.distribution.vocabulary_size, dtype=np.int64)
    for seed, num_spins in num_spins_by_seed.items():
        key = (place, seed, num_spins)
        token_ids, counts = COUNTS.get(key) or COUNTS.put(
            key, simulated_counts(view.wheel, seed, num_spins)
        )
        total[token_ids] += counts
    drawn = np.flatnonzero(total)
    return Counter(dict(zip(drawn.tolist(), total[drawn].tolist(), strict=True)))


def simulated_counts(wheel: Wheel, seed: int, num_spins: int) -> Counts:
    token_ids = tokens_at(wheel.distribution, seeded_us(seed, num_spins))
    token_ids, counts = np.unique(token_ids, return_counts=True)
    return token_ids, counts


class CountsCache:
    """The counts of simulations, by what repeats them: each poll of a wall needs those of all
    members, and most are the same as before. LRU eviction."""

    def __init__(self, max_counts: int) -> None:
        self.max_counts = max_counts
        self._counts: OrderedDict[object, Counts] = OrderedDict()
        self._lock = Lock()

    def get(self, key: object) -> Counts | None:
        with self._lock:
            if key in self._counts:
                self._counts.move_to_end(key)
            return self._counts.get(key)

    def put(self, key: object, counts: Counts) -> Counts:
        """Returns `counts`."""
        with self._lock:
            self._counts[key] = counts
            while len(self._counts) > self.max_counts:
                self._counts.popitem(last=False)
        return counts


COUNTS = CountsCache(MAX_COUNTS)
