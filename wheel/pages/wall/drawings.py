"""The drawings of the wall: the pooled wheel, the tree, and the part of the lesson of the class."""

from dataclasses import dataclass
from typing import Self

from wheel.pages.wall.class_spins import ClassSpins, build_class_spins
from wheel.pages.wall.guess_board import GuessBoard, build_guess_board
from wheel.pages.wall.pooled_wheel import PooledWheel, build_pooled_wheel
from wheel.pages.wall.tree import TreePicture, build_tree
from wheel.pages.wall.two_halves import TwoHalves, build_two_halves
from wheel.pages.wall.wall import Wall


@dataclass(frozen=True)
class Drawings:
    """guesses  of a class that does "Guess first"; while they are covered, there are no other
             drawings, since they would tell what to guess
    spins    of a class that does "Spin it 1,000 times"
    halves   of a class with two prompts, unless a fork is chosen
    pooled   with `halves`, the wheel of the half whose tree is drawn
    """

    guesses: GuessBoard | None
    spins: ClassSpins | None = None
    halves: TwoHalves | None = None
    pooled: PooledWheel | None = None
    tree: TreePicture | None = None

    @classmethod
    def of(cls, wall: Wall) -> Self:
        classroom, stories, view = wall.classroom, wall.stories, wall.view
        guesses = build_guess_board(classroom, stories)
        if guesses is not None and guesses.is_covered:
            return cls(guesses)
        fork = view.fork or (guesses.place_name if guesses else None)
        halves = None if fork else build_two_halves(classroom, stories)
        if halves is not None:
            pooled: PooledWheel | None = halves.of(view.half)
        else:
            pooled = build_pooled_wheel(classroom, stories, fork, view.half)
        return cls(
            guesses=guesses,
            spins=build_class_spins(classroom, stories, view.half),
            halves=halves,
            pooled=pooled,
            tree=build_tree(classroom, stories, view, pooled),
        )

    @property
    def has_obstacle(self) -> bool:
        """Whether a wheel is missing because of an error that may be over at the next poll."""
        parts = (self.guesses, self.spins, self.halves, self.pooled)
        return any(part is not None and part.obstacle for part in parts)
