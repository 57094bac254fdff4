"""The pages that the tests of languages render, and the world that they show.

Addresses come from the URLconf, so a new page is among them; states and answers that no address
alone makes are in tables.
"""

import json
import re

from django.test import Client
from django.urls import URLPattern, get_resolver

from tests.admin.conftest import logged_in
from tests.api.fakes import engine_that_raises
from tests.i18n.pseudo_locale import UntranslatedText, outside
from tests.pages.classes import close, freeze, join, make_classroom, spin_everyone
from tests.pages.conftest import Visitor, start_session
from wheel import services
from wheel.domain.lesson_kits import LESSON_KITS
from wheel.domain.pseudonyms import ADJECTIVES, ANIMALS
from wheel.errors import EngineBusyError
from wheel.models import Classroom
from wheel.services import classrooms

HTMX = {"HX-Request": "true"}
# What people and models have written, beside the words of tokens; and a button of Django's admin.
NAMES = {
    "Search",
    "The",
    "end",
    "Token",
    "Wheel",
    "Tuesday",
    "Quoi",
    "head",
    "gpt",
    "GPT",
    "Medium",
    "M",
    "ABC",
}


class World:
    def __init__(self, head):
        self.head = logged_in(head)
        self.visitor = Visitor()
        self.session_id = start_session()
        services.spin(session_id=self.session_id)
        self.classroom = make_classroom(owner=head, code="ABC234", question="Quoi?")
        self.members = [join(self.classroom) for _ in range(3)]
        for number, session_id in enumerate(self.members):
            for u in (0.1, 0.3 * number, 0.999):
                services.spin(session_id=session_id, u=u)
        spin_everyone(self.classroom)
        tokens = services.get_session(session_id=self.session_id).tokenizer.tokens
        texts = [re.findall(r"[^\W\d_]+", token.token_text) for token in tokens]
        self.known_words = NAMES | {word for words in texts for word in words}
        self.known_words |= {*ADJECTIVES, *ANIMALS}

    def address(self, path):
        return path.format(session=self.session_id, classroom=self.classroom.pk)

    def check(self, response):
        for sentence in json.loads(response.get("HX-Trigger-After-Swap", "{}")).values():
            assert outside(sentence)[0].strip() == ""
        found = UntranslatedText(response.content.decode(), self.known_words).found
        assert not found, "\n".join(f"{place}: {text}" for place, text in dict.fromkeys(found))


# Pages of Django's admin without additions of this project, and files.
DJANGOS = ("admin/jsi18n", "admin/logout", "admin/auth", "admin/autocomplete", "admin/password")


def routes(patterns, before=""):
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from routes(pattern.url_patterns, route)


def addresses():
    """Those of the URLconf that a session, a class or a user is enough for."""
    for route in sorted(set(routes(get_resolver().url_patterns))):
        if not route.startswith(("api/", *DJANGOS)):
            path = route.replace("<str:session_id>", "{session}")
            path = path.replace("<int:classroom_id>", "{classroom}")
            kept = "{session}" if "sessionindexentry" in route else "1"
            path = path.replace("<path:object_id>", kept).replace("<id>", "1")
            if re.fullmatch(r"[\w/{}.-]*", path):
                yield "/" + path


STATES = {
    "an opened part": "/wheel/{session}?rank=2&depth=1",
    "a marked token": "/wheel/{session}?rank=3",
    "a reshaped wheel": "/wheel/{session}?top_k=3&temperature=2&threshold=0",
    "a single token": "/wheel/{session}?top_k=1",
    "a temperature of 0": "/wheel/{session}?temperature=0",
    "knobs out of range": "/wheel/{session}?temperature=9&top_k=99999&top_p=0&min_p=2&threshold=2",
    "doubtful numbers": "/wheel/{session}?temperature=1,000&top_k=1.000&top_p=x&min_p=1.5.5",
    "a missing wheel": "/wheel/nowhere",
    "a missing page": "/no/such/page",
    "a wrong dialect": "/wheel/{session}/export.csv?dialect=x",
    "a wrong language": "/wheel/{session}/export.csv?language=zz",
    "a code in the link": "/join?code=ABC234",
    "a malformed code": "/join?code=x",
    "a prompt in the link": "/?prompt=Hello",
    "a view of the wall": "/classrooms/{classroom}/wall?all=1&names=1&labels=large",
    "an unknown class": "/classrooms/4444/wall",
}


def spin_once(world):
    return world.visitor.ask(wheel_page(world), "/spin")


def wheel_page(world):
    return world.visitor.get(f"/wheel/{world.session_id}")


def act(action, **changes):
    return lambda world: world.visitor.ask(wheel_page(world), action, **changes)


def send(action, **changes):
    return lambda world: world.visitor.send(wheel_page(world), action, **changes)


def in_class(change):
    def answer(world):
        change(world.classroom)
        return world.visitor.get(f"/wheel/{world.members[0]}")

    return answer


def without_room(world):
    text = "The cat sat on the " * 400
    return world.visitor.post("/", {"prompt": text[:3999], "model": "gpt2"})


def busy(world):
    with engine_that_raises(EngineBusyError()):
        return world.visitor.get(f"/wheel/{world.session_id}")


def too_old(world):
    return Client(enforce_csrf_checks=True).post("/", {"prompt": "The"})


def too_many_codes(world):
    return [world.visitor.post("/join", {"code": "ZZZ999"}) for _ in range(3)][-1]


def deleted(world):
    return world.visitor.send(wheel_page(world), "/delete")


def locked(world):
    Classroom.objects.update(locked=["prompt", "temperature", "top_k"])
    return world.visitor.get(f"/wheel/{world.members[0]}?temperature=2")


def held(world):
    members = [member.pk for member in world.classroom.members.all()]
    classrooms.hold_stories(world.classroom, members[:2])
    classrooms.set_story_hidden(world.classroom, members[2], is_hidden=True)
    return world.head.get(f"/classrooms/{world.classroom.pk}/wall")


def frozen_wall(world):
    freeze(world.classroom)
    return world.head.get(f"/classrooms/{world.classroom.pk}/wall")


def closed_wall(world):
    close(world.classroom)
    return world.head.get(f"/classrooms/{world.classroom.pk}/wall")


def empty_wall(world):
    world.classroom.members.all().delete()
    return world.head.get(f"/classrooms/{world.classroom.pk}/wall")


def wall_action(name, **data):
    def answer(world):
        return world.head.post(f"/classrooms/{world.classroom.pk}/{name}", data, headers=HTMX)

    return answer


def kit(number):
    return lambda world: world.head.get(
        f"/admin/wheel/classroom/add/?kit={LESSON_KITS[number].key}"
    )


def preview(**data):
    return lambda world: world.head.post("/admin/wheel/classroom/preview/", data)


def shown_text(world):
    path = f"/admin/wheel/sessionindexentry/{world.session_id}"
    return world.head.post(f"{path}/text/", follow=True)


def delete_all(model):
    def answer(world):
        pks = [world.session_id if model == "sessionindexentry" else world.classroom.pk]
        data = {"action": "delete_selected", "_selected_action": pks}
        return world.head.post(f"/admin/wheel/{model}/", data)

    return answer


def wrong_class(world):
    data = {"title": "", "prompt": "x" * 5000, "top_k": "99999", "expires_at_0": "2099-01-01"}
    return world.head.post("/admin/wheel/classroom/add/", data)


ANSWERS = {
    "a spin": spin_once,
    "a spin without a script": send("/spin"),
    "an undo": act("/undo"),
    "a rewind": act("/rewind", num_kept="0"),
    "a found token": act("/find", text="cat"),
    "a word of several tokens": act("/find", text="xyzzyxyzzy"),
    "an empty search": act("/find", text=""),
    "a chosen token": act("/choose", token_id="3"),
    "a token of no vocabulary": send("/choose", token_id="99999999"),
    "an empty prompt": act("/prompt", prompt=""),
    "a long prompt": act("/prompt", prompt="a" * 4001),
    "a new prompt": act("/prompt", prompt="The end "),
    "a stale revision": act("/spin", rev="1"),
    "a stale revision without a script": send("/spin", rev="1"),
    "a rewind to nowhere": send("/rewind", num_kept="77"),
    "a prompt without room": without_room,
    "no prompt on the start page": lambda world: world.visitor.post("/", {"prompt": ""}),
    "an unknown model": lambda world: world.visitor.post("/", {"prompt": "x", "model": "y"}),
    "a start page with wheels": lambda world: (wheel_page(world), world.visitor.get("/"))[1],
    "a deleted wheel": deleted,
    "a busy engine": busy,
    "a page that is too old": too_old,
    "wrong codes": too_many_codes,
    "an open class": in_class(lambda _classroom: None),
    "a paused class": in_class(freeze),
    "a class that is over": in_class(close),
    "locked knobs": locked,
    "a wall with held and hidden stories": held,
    "a wall of a paused class": frozen_wall,
    "a wall of a class that is over": closed_wall,
    "a wall without stories": empty_wall,
    "a wall whose class is frozen": wall_action("freeze"),
    "too many virtual members": wall_action("virtual", num_added="30"),
    "a new prompt for the class": wall_action("prompt", prompt=""),
    "no stories to hold": wall_action("hold"),
    **{f"kit {number}": kit(number) for number in range(len(LESSON_KITS))},
    "a preview": preview(prompt="The cat", model_id="gpt2"),
    "a preview with faults": preview(prompt="x" * 5000, model_id="gpt2", top_k="999999"),
    "a preview of a space": preview(prompt="The cat ", model_id="gpt2", temperature="0"),
    "a text in the admin": shown_text,
    "the deletion of sessions": delete_all("sessionindexentry"),
    "the deletion of classes": delete_all("classroom"),
    "a class with faults": wrong_class,
}
