"""The view state of the wall: what of the class it shows, as the query of its address.

    fork=<member id>.<depth>   the fork whose wheel is pooled; absent: the prompt
    root=<member id>.<depth>   the tree is drawn from there; absent: from the prompt
    follow=<member id>         the member whose story is followed in the tree
    unfolded=on                branches of one member are drawn too
    order=newest | surprise    of the stories
    join=large | line          the size of the join strip; absent: as the class needs it
    half=second                of a class with two prompts, whose tree is drawn; absent: the first

A fork is named by a member whose story goes through it and by the number of tokens after the
prompt, never by tokens. A value that cannot be read is left out, so that an old link still shows
the class.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self
from urllib.parse import urlencode

from wheel.domain.story_tree import NodeName
from wheel.models import Half
from wheel.services.classrooms import Story

NODE_NAME = re.compile(r"([1-9][0-9]{0,17})\.([0-9]{1,6})")
SECOND = "second"
MEMBER_ID = re.compile(r"[1-9][0-9]{0,17}")  # fits into a column of 64 bits


class Order(StrEnum):
    NEWEST = "newest"
    SURPRISE = "surprise"


class JoinSize(StrEnum):
    LARGE = "large"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class ViewState:
    fork: NodeName | None = None
    root: NodeName | None = None
    follow: int | None = None
    is_unfolded: bool = False
    order: Order = Order.NEWEST
    join: JoinSize | None = None
    half: Half = Half.FIRST

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Self:
        follow = query.get("follow", "")
        return cls(
            fork=node_name(query.get("fork", "")),
            root=node_name(query.get("root", "")),
            follow=int(follow) if MEMBER_ID.fullmatch(follow) else None,
            is_unfolded=query.get("unfolded") == "on",
            order=Order.SURPRISE if query.get("order") == Order.SURPRISE else Order.NEWEST,
            join=next((size for size in JoinSize if size == query.get("join")), None),
            half=Half.SECOND if query.get("half") == SECOND else Half.FIRST,
        )

    def existing(self, stories: Sequence[Story]) -> Self:
        """Without the forks and the member that these stories do not have (any more). A hidden
        story has none, since its text would be read at its forks."""
        lengths = {
            story.member.pk: len(story.state.session.history)
            for story in stories
            if not story.member.is_hidden
        }

        def existing(name: NodeName | None) -> NodeName | None:
            return name if name and lengths.get(name.member_id, -1) >= name.depth else None

        return replace(
            self,
            fork=existing(self.fork),
            root=existing(self.root),
            follow=self.follow if self.follow in lengths else None,
        )

    @property
    def query(self) -> str:
        """The address of this view, relative to that of the wall: "?order=surprise"."""
        values = {
            "fork": address_of(self.fork),
            "root": address_of(self.root),
            "follow": str(self.follow or ""),
            "unfolded": "on" if self.is_unfolded else "",
            "order": self.order if self.order != Order.NEWEST else "",
            "join": self.join or "",
            "half": SECOND if self.half == Half.SECOND else "",
        }
        return "?" + urlencode({name: value for name, value in values.items() if value})


def node_name(text: str) -> NodeName | None:
    """None for a text that names no node."""
    found = NODE_NAME.fullmatch(text)
    return NodeName(int(found[1]), int(found[2])) if found else None


def address_of(name: NodeName | None) -> str:
    return f"{name.member_id}.{name.depth}" if name else ""
