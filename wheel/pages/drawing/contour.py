"""Contours of subtrees: their upper and lower boundaries, as y over x.

All contours that are packed together begin at the same x, the right edge of the parent's box. A
boundary is a linked list of edges. The y of an edge is relative to a frame, and each edge stores
the shift to the frame of the next one, so that a subtree is moved, and a remainder appended, in
constant time.
"""

from dataclasses import dataclass
from math import inf
from typing import Self


@dataclass(slots=True)
class Edge:
    """A level part of a boundary, from the end of the edge before it to `right`."""

    right: float
    y: float
    following: "Edge | None" = None
    shift: float = 0.0


@dataclass(slots=True)
class Cursor:
    """An edge of a boundary, with its frame; None after the last one."""

    edge: Edge | None
    frame: float

    def advance(self) -> None:
        if self.edge is not None:
            self.frame += self.edge.shift
            self.edge = self.edge.following


@dataclass(slots=True)
class Boundary:
    """A linked list of at least one edge."""

    first: Edge
    last: Edge
    first_frame: float = 0.0
    last_frame: float = 0.0

    @classmethod
    def of_box(cls, right: float, y: float) -> Self:
        edge = Edge(right, y)
        return cls(edge, edge)

    def move(self, distance: float) -> None:
        self.first_frame += distance
        self.last_frame += distance

    def append(self, rest: Cursor, source: "Boundary") -> None:
        """Continue with the edges of `source` from `rest` on. `source` is used up."""
        if rest.edge is None:
            return
        self.last.following, self.last.shift = rest.edge, rest.frame - self.last_frame
        self.last, self.last_frame = source.last, source.last_frame


@dataclass(slots=True)
class Contour:
    """The boundaries of one subtree, or of neighbouring ones that have been packed."""

    upper: Boundary
    lower: Boundary

    @classmethod
    def of_box(cls, right: float, height: float) -> Self:
        """A box whose middle is at 0."""
        return cls(Boundary.of_box(right, -height / 2), Boundary.of_box(right, height / 2))

    def move(self, distance: float) -> None:
        self.upper.move(distance)
        self.lower.move(distance)

    def append(self, below: "Contour", gap: float) -> float:
        """Move `below` under this contour, as close as the gap allows, and become the contour of
        both. Returns the distance that it was moved by. `below` is used up.

        The time is linear in the number of edges that are hidden between the two.
        """
        ours = Cursor(self.lower.first, self.lower.first_frame)
        theirs = Cursor(below.upper.first, below.upper.first_frame)
        distance = -inf
        while ours.edge and theirs.edge:
            overlap = ours.frame + ours.edge.y - theirs.frame - theirs.edge.y
            distance = max(distance, overlap + gap)
            our_right, their_right = ours.edge.right, theirs.edge.right
            if our_right <= their_right:
                ours.advance()
            if their_right <= our_right:
                theirs.advance()
        below.move(distance)
        theirs.frame += distance
        self.upper.append(theirs, below.upper)
        below.lower.append(ours, self.lower)
        self.lower = below.lower
        return distance

    def put_after(self, right: float, height: float) -> None:
        """Become the contour of a tree: put a box, whose middle is at 0, before this one."""
        for boundary, y in ((self.upper, -height / 2), (self.lower, height / 2)):
            boundary.first = Edge(right, y, boundary.first, boundary.first_frame)
            boundary.first_frame = 0.0
