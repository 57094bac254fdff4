"""A teacher at the wall, and members whose stories are known."""

from django.urls import reverse

from tests.pages.conftest import Visitor
from tests.pages.markup import find_all, find_one
from wheel import services
from wheel.services import classrooms

ACTIONS: dict[str, dict[str, object]] = {
    "freeze-class": {},
    "resume-class": {},
    "end-class": {},
    "reset-class": {},
    "prompt-class": {"prompt": "The dog"},
    "spin-class": {"round": 1},
    "virtual-members": {"num_added": 2},
    "class-names": {"is_hidden": "on"},
    "class-guesses": {"round": 1, "is_shown": "on"},
    "hide-story": {"hide": 1},
    "hold-stories": {"member_id": [1]},
    "release-stories": {},
}
HTMX = {"HX-Request": "true"}


class WallVisitor(Visitor):
    """The teacher of one class."""

    def __init__(self, classroom, **options):
        super().__init__(**options)
        self.classroom = classroom

    def address(self, name="wall"):
        return reverse(name, args=[self.classroom.pk])

    def show(self, query=""):
        response = self.get(self.address() + query)
        assert response.status_code == 200
        return response

    def poll(self, etag="", query=""):
        headers = HTMX | ({"If-None-Match": etag} if etag else {})
        return self.get(self.address() + query, headers=headers)

    def act(self, name, query="", **fields):
        """An action as a form without JavaScript sends it; the answer is the page after it."""
        return self.post(self.address(name) + query, fields, follow=True)

    def act_live(self, name, query="", **fields):
        """The same with htmx: the answer is the changed wall."""
        return self.post(self.address(name) + query, fields, headers=HTMX)


def join(classroom, story="", *, is_virtual=False):
    """A new member, whose story goes on with these tokens."""
    member = classrooms.add_member(classroom, is_virtual=is_virtual).member
    tell(member, story)
    return member


def tell(member, story):
    """Add the tokens of a text to the member's story."""
    session_id = str(member.session_id)
    tokenizer = services.get_session(session_id=session_id).tokenizer
    for token_id in tokenizer.encode(story):
        services.append_token(session_id=session_id, token_id=token_id)


def text_of(member):
    return services.get_session(session_id=str(member.session_id)).current_text


def html_of(response):
    return response.content.decode()


def cards_of(response):
    """The texts of the cards, by pseudonym or number, in their order."""
    html = html_of(response)
    return [card.text for card in find_all(html, "li", with_class="story-card")]


def live_part(response):
    return find_one(html_of(response), "div", id="wall-live")
