"""The join strip: address, code and QR code, and how many have joined."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from wheel.pages.qr_code import join_url, qr_svg
from wheel.pages.wall.view_state import JoinSize
from wheel.pages.wall.wall import Wall

GROUP_LEN = 3


@dataclass(frozen=True, slots=True)
class JoinStrip:
    """address      to be typed, without the scheme
    code         in two groups
    num_joined   without virtual members
    num_virtual  those of the teacher
    other_size   the query of the wall with the strip in the other size
    """

    address: str
    code: tuple[str, str]
    num_joined: int
    num_virtual: int
    is_large: bool
    qr_svg: SafeString
    other_size: str

    @classmethod
    def of(cls, request: HttpRequest, wall: Wall) -> Self:
        """Large until the first spin, unless the teacher has chosen a size."""
        code = wall.classroom.code
        num_virtual = sum(story.member.is_virtual for story in wall.stories)
        is_large = wall.view.join == JoinSize.LARGE or (
            wall.view.join is None and not wall.has_begun
        )
        is_large = is_large and not wall.classroom.is_over
        return cls(
            address=request.get_host() + reverse("join"),
            code=(code[:GROUP_LEN], code[GROUP_LEN:]),
            num_joined=len(wall.stories) - num_virtual,
            num_virtual=num_virtual,
            is_large=is_large,
            qr_svg=qr_code(join_url(request, wall.classroom)) if is_large else SafeString(),
            other_size=wall.address(join=JoinSize.LINE if is_large else JoinSize.LARGE),
        )

    @property
    def spoken_code(self) -> str:
        """A B C, 2 3 4: read letter by letter."""
        return ", ".join(" ".join(group) for group in self.code)


@lru_cache(maxsize=64)
def qr_code(url: str) -> SafeString:
    return qr_svg(url)
