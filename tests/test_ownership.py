"""A second teacher cannot see, open, change, export, copy, autocomplete or guess anything of the
first teacher's classes.

Every URL of the URLconf and every action of the admin has a row in a table; one without a row fails
the first tests. A row is one of

    OF_A_CLASS, OF_A_SESSION, OF_A_USER
                the address names an object of the first teacher. The second one is answered as for
                an object that does not exist, by GET and by POST.
    BY_SECRET   the address holds the id of a session or a code, which the second teacher cannot
                know. Guessed ones show and change nothing.
    NO_OBJECT   the address names no object. It shows nothing of the first teacher's.
"""

import re
import uuid
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.admin import site
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.test import Client, RequestFactory
from django.urls import get_resolver
from django.utils.timezone import now

from tests.admin.conftest import logged_in
from tests.test_every_url import plain, routes
from wheel import services
from wheel.models import Classroom, ClassState, HeldStory, Member, SessionIndexEntry
from wheel.pages.lessons.course import COURSE
from wheel.services import classrooms
from wheel.services.teachers import create_teacher

TITLE, PROMPT, QUESTION = "Zanzibar 4b", "The quokka sat", "Who is Xanthippe?"
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")


@dataclass(frozen=True)
class Row:
    """kind: whose object the address names. data: a valid form, sent by POST. is_found: whether the
    owner (a superuser for users) gets another answer than for a missing object."""

    kind: str
    data: dict[str, str] = field(default_factory=dict)
    is_found: bool = True


OF_A_CLASS, OF_A_SESSION, OF_A_USER = Row("class"), Row("session"), Row("user")
BY_SECRET, NO_OBJECT = Row("secret"), Row("none")
YES = {"post": "yes"}
FORM = {
    "title": "mine",
    "prompt": "",
    "threshold": "0.01",
    "temperature": "1",
    "top_k": "0",
    "top_p": "1",
    "min_p": "0",
    "luck": "own",
    "state": "closed",
    "expires_at_1": "12:00:00",
    "expires_at_0": f"{now() + timedelta(days=2):%Y-%m-%d}",
}

# The wall's actions, each with a form that changes the class. {member}: the id of its member.
WALL_ACTIONS = {
    "freeze": {"any": "field"},
    "resume": {"any": "field"},
    "end": {"any": "field"},
    "reset": {"any": "field"},
    "prompt": {"prompt": "The dog"},
    "spin": {"round": "1"},
    "virtual": {"num_added": "2"},
    "names": {"is_hidden": "on"},
    "guesses": {"round": "1", "is_shown": "on"},
    "hide": {"hide": "{member}"},
    "hold": {"member_id": "{member}"},
    "release": {"any": "field"},
}

ROUTES = {
    # the wall, and what else a teacher sees outside of the admin
    "classrooms/<classroom_id>/wall": OF_A_CLASS,
    "classrooms/<classroom_id>/sheet": OF_A_CLASS,
    **{
        f"classrooms/<classroom_id>/{name}": replace(OF_A_CLASS, data=data)
        for name, data in WALL_ACTIONS.items()
    },
    # the admin: classes and sessions
    "admin/wheel/classroom/": NO_OBJECT,
    "admin/wheel/classroom/add/": replace(NO_OBJECT, data=FORM),
    "admin/wheel/classroom/preview/": replace(NO_OBJECT, data=FORM),
    "admin/wheel/classroom/<path:object_id>/": OF_A_CLASS,
    "admin/wheel/classroom/<path:object_id>/change/": replace(OF_A_CLASS, data=FORM),
    "admin/wheel/classroom/<path:object_id>/delete/": replace(OF_A_CLASS, data=YES),
    "admin/wheel/classroom/<path:object_id>/history/": OF_A_CLASS,
    "admin/wheel/sessionindexentry/": NO_OBJECT,
    "admin/wheel/sessionindexentry/add/": NO_OBJECT,
    "admin/wheel/sessionindexentry/<path:object_id>/": OF_A_SESSION,
    "admin/wheel/sessionindexentry/<path:object_id>/change/": OF_A_SESSION,
    "admin/wheel/sessionindexentry/<path:object_id>/delete/": replace(OF_A_SESSION, data=YES),
    "admin/wheel/sessionindexentry/<path:object_id>/history/": OF_A_SESSION,
    "admin/wheel/sessionindexentry/<path:object_id>/text/": OF_A_SESSION,
    "admin/wheel/sessionindexentry/<path:object_id>/wheels/<int:step>.svg": OF_A_SESSION,
    # the admin: the rest
    "admin/": NO_OBJECT,
    "admin/login/": NO_OBJECT,
    "admin/logout/": NO_OBJECT,
    "admin/password_change/": NO_OBJECT,
    "admin/password_change/done/": NO_OBJECT,
    "admin/autocomplete/": NO_OBJECT,
    "admin/jsi18n/": NO_OBJECT,
    "admin/(?P<app_label>)/": NO_OBJECT,
    "admin/(?P<url>.*)": NO_OBJECT,
    "admin/r/<path:content_type_id>/<path:object_id>/": replace(OF_A_CLASS, is_found=False),
    "admin/auth/group/": NO_OBJECT,
    "admin/auth/group/add/": NO_OBJECT,
    "admin/auth/group/<path:object_id>/": NO_OBJECT,
    "admin/auth/group/<path:object_id>/change/": NO_OBJECT,
    "admin/auth/group/<path:object_id>/delete/": NO_OBJECT,
    "admin/auth/group/<path:object_id>/history/": NO_OBJECT,
    "admin/auth/user/": NO_OBJECT,
    "admin/auth/user/add/": NO_OBJECT,
    "admin/auth/user/<path:object_id>/": OF_A_USER,
    "admin/auth/user/<path:object_id>/change/": OF_A_USER,
    "admin/auth/user/<path:object_id>/delete/": replace(OF_A_USER, data=YES),
    "admin/auth/user/<path:object_id>/history/": NO_OBJECT,  # 403 for a user, 302 for none: Django
    "admin/auth/user/<id>/password/": OF_A_USER,
    # the API
    "api/": NO_OBJECT,
    "api/models": NO_OBJECT,
    "api/schema": NO_OBJECT,
    "api/docs": NO_OBJECT,
    "api/sessions": NO_OBJECT,
    "api/sessions/<session_id>": BY_SECRET,
    "api/sessions/<session_id>/next-token-probs": BY_SECRET,
    "api/sessions/<session_id>/set-prompt": BY_SECRET,
    "api/sessions/<session_id>/append-token": BY_SECRET,
    "api/sessions/<session_id>/spin": BY_SECRET,
    "api/sessions/<session_id>/undo": BY_SECRET,
    "api/sessions/<session_id>/simulate": BY_SECRET,
    "api/tokenize": NO_OBJECT,
    "api/score": NO_OBJECT,
    "api/sessions/<session_id>/branches": BY_SECRET,
    "api/sessions/<session_id>/branches/<branch>/restore": BY_SECRET,
    "api/classrooms/<code>": BY_SECRET,
    "api/classrooms/<code>/sessions": BY_SECRET,
    # the students' pages
    "": NO_OBJECT,
    "join": NO_OBJECT,
    "text-size": NO_OBJECT,
    "language": NO_OBJECT,
    "recent/clear": NO_OBJECT,
    "recent/remove": NO_OBJECT,
    "wheel/<session_id>": BY_SECRET,
    **{
        f"wheel/<session_id>/{name}": BY_SECRET
        for name in (
            *("spin", "choose", "undo", "redo", "rewind", "find", "delete", "prompt"),
            *("knob-steps", "export.json", "export.csv", "wheel.svg", "class", "landing"),
            *("branches", "branches/restore"),
            "prompt-figures",
        )
    },
    "lessons": NO_OBJECT,
    **{f"lessons/{page.lesson.key}": NO_OBJECT for page in COURSE},
    **{
        f"lessons/{page.lesson.key}/<session_id>": BY_SECRET
        for page in COURSE
        if page.lesson.is_on_session
    },
    "metrics": NO_OBJECT,
    "health": NO_OBJECT,
    "ready": NO_OBJECT,
}

# By model: the actions on its list. Those of users are for superusers.
ACTIONS = {
    "classroom": {
        *("open_classes", "freeze_classes", "close_classes", "copy_classes"),
        *("export_csv", "export_json", "delete_selected"),
    },
    "sessionindexentry": {"export_csv", "export_json", "delete_selected"},
    "user": {"delete_selected"},
    "group": {"delete_selected"},
}

NAMING_AN_OBJECT = [route for route, row in ROUTES.items() if row.kind in "class session user"]
SECRET = [route for route, row in ROUTES.items() if row.kind == "secret"]
NAMING_NONE = [route for route, row in ROUTES.items() if row.kind == "none"]
every_action = pytest.mark.parametrize(
    ("model", "action"), [(model, one) for model, names in ACTIONS.items() for one in sorted(names)]
)
both_methods = pytest.mark.parametrize("method", ["get", "post"])


class World:
    """The first teacher's class with a member, who has spun, and a held story."""

    def __init__(self):
        self.teacher = create_teacher(username="first-teacher", password="chalk and board")
        self.classroom = Classroom.objects.create(
            owner=self.teacher, title=TITLE, prompt=PROMPT, question=QUESTION
        )
        self.member = classrooms.join_classroom(code=self.classroom.code).member
        services.spin(session_id=str(self.member.session_id), u=0.4)
        classrooms.hold_stories(self.classroom, [self.member.pk])
        self.held = HeldStory.objects.get()
        services.refresh_session_index()

    @property
    def words(self):
        """All that names or shows something of the class."""
        ids = str(self.member.session_id), str(self.held.session_id)
        return [TITLE, PROMPT, "Xanthippe", self.classroom.code, self.member.pseudonym, *ids]

    def object_id(self, kind):
        return {
            "class": self.classroom.pk,
            "session": self.member.session_id,
            "user": self.teacher.pk,
        }.get(kind, 1)

    def state(self):
        """All rows of the class in the database, and its documents in the store."""
        own = {"classroom": self.classroom.pk}
        ids = [str(self.member.session_id), str(self.held.session_id)]
        return {
            "classes": list(Classroom.objects.filter(owner=self.teacher).values()),
            "members": list(Member.objects.filter(**own).values()),
            "held": list(HeldStory.objects.filter(**own).values()),
            "rows": list(SessionIndexEntry.objects.filter(pk__in=ids).values()),
            "teacher": get_user_model().objects.filter(pk=self.teacher.pk).values().first(),
            "log": list(LogEntry.objects.filter(object_id__in=[self.classroom.pk, *ids]).values()),
            "texts": [one.document for one in services.find_sessions(session_ids=ids)],
        }

    def data(self, row):
        """The row's form for this class."""
        return {
            name: str(self.member.pk) if value == "{member}" else value
            for name, value in row.data.items()
        }

    def address(self, route, object_id, **more):
        values = {
            "content_type_id": ContentType.objects.get_for_model(Classroom).pk,
            **dict.fromkeys(("classroom_id", "object_id", "id"), object_id),
            "step": 1,
            "branch": 1,
            "app_label": "wheel",
            "url": "unknown",
        } | more
        return "/" + PARAMETER.sub(lambda found: str(values[found[1] or found[2]]), route)


@pytest.fixture
def world(wheel_runtime, db, settings):
    settings.WHEEL_METRICS = True
    return World()


@pytest.fixture
def owner(world):
    return logged_in(world.teacher)


@pytest.fixture
def superuser(world, django_user_model):
    return logged_in(django_user_model.objects.create_superuser("head", password="chalk"))


@pytest.fixture
def second(world):
    """The client of the second teacher."""
    return logged_in(create_teacher(username="second-teacher", password="board and chalk"))


def missing_id(kind):
    return str(uuid.UUID(int=7)) if kind == "session" else 987654


def send(client, method, path, data=None):
    """The statuses, addresses and last body of an answer, redirects followed."""
    answer = getattr(client, method)(path, data or {}, follow=True)
    steps = [(address, status) for address, status in answer.redirect_chain]
    body = b"".join(answer) if answer.streaming else answer.content
    return (*steps, answer.status_code, body.decode(errors="replace"))


def without_ids(answer, *ids):
    """The answer without the ids that the request named, and without tokens that change."""
    text = re.sub(r'(csrfmiddlewaretoken" value=")\w+', r"\1", repr(answer))
    text = re.sub(r"X-Request-ID: \w+", "", text)
    for one in ids:
        written = f"{one}|{str(one).replace('-', '_2D')}"
        text = re.sub(rf"(?<![0-9A-Za-z])(?:{written})(?![0-9A-Za-z])", "<id>", text)
    return text


def assert_shows_nothing(world, answer, *, but=()):
    text = repr(answer)
    assert [word for word in world.words if word in text and word not in but] == []


def test_the_table_names_every_url():
    found = {plain(route) for route in routes(get_resolver().url_patterns)}
    found = {re.sub(r"(\(\?P<app_label>)[^)]*", r"\1", route) for route in found}
    assert found - set(ROUTES) == set()
    assert set(ROUTES) - found == set()


def test_the_table_names_every_action_of_the_admin(world):
    request = RequestFactory().get("/admin/")
    request.user = get_user_model().objects.create_superuser("head", password="chalk")
    found = {
        model._meta.model_name: set(model_admin.get_actions(request))
        for model, model_admin in site._registry.items()
    }
    assert found == ACTIONS


@both_methods
@pytest.mark.parametrize("route", NAMING_AN_OBJECT)
def test_an_object_of_the_first_teacher_is_as_a_missing_one(world, second, route, method):
    row, before = ROUTES[route], world.state()
    own_id, other_id = world.object_id(row.kind), missing_id(row.kind)
    answers = [
        without_ids(
            send(second, method, world.address(route, one), world.data(row)), own_id, other_id
        )
        for one in (own_id, other_id)
    ]
    assert answers[0] == answers[1]
    assert_shows_nothing(world, answers[0])
    assert world.state() == before


@pytest.mark.parametrize("route", [route for route in NAMING_AN_OBJECT if ROUTES[route].is_found])
def test_the_owner_of_the_object_is_answered_otherwise(world, owner, superuser, route):
    """So the requests of the test above are such as would be answered."""
    row, client = ROUTES[route], superuser if ROUTES[route].kind == "user" else owner
    own_id, other_id = world.object_id(row.kind), missing_id(row.kind)
    method = "post" if row.data or route.endswith("text/") else "get"
    answers = [
        without_ids(
            send(client, method, world.address(route, one), world.data(row)), own_id, other_id
        )
        for one in (other_id, own_id)
    ]
    assert answers[0] != answers[1]


@pytest.fixture
def pupil(world):
    """The client of a member of the class."""
    client = Client()
    client.post("/join", {"code": world.classroom.code})
    return client


@pytest.fixture
def without_group(world):
    """The client of the class's own teacher, who is of the staff but no longer of the group."""
    world.teacher.groups.clear()
    return logged_in(world.teacher)


@pytest.mark.parametrize("who", ["second", "pupil", "without_group"])
@pytest.mark.parametrize("action", WALL_ACTIONS)
def test_nobody_else_acts_on_the_wall(world, request, who, action):
    client, before = request.getfixturevalue(who), world.state()
    route = f"classrooms/<classroom_id>/{action}"
    answer = send(
        client, "post", world.address(route, world.classroom.pk), world.data(ROUTES[route])
    )
    assert_shows_nothing(world, answer)
    assert world.state() == before


@pytest.mark.parametrize("action", WALL_ACTIONS)
def test_the_owner_acts_on_the_wall(world, owner, action):
    """So the requests of the test above are such as would be carried out."""
    if action == "resume":
        classrooms.set_state(world.classroom, ClassState.CLOSED)
    before, route = world.state(), f"classrooms/<classroom_id>/{action}"
    owner.post(world.address(route, world.classroom.pk), world.data(ROUTES[route]))
    assert world.state() != before


@both_methods
@pytest.mark.parametrize("route", NAMING_AN_OBJECT)
def test_a_teacher_who_has_left_the_group_sees_nothing(world, without_group, route, method):
    row, before = ROUTES[route], world.state()
    address = world.address(route, world.object_id(row.kind))
    answer = send(without_group, method, address, world.data(row))
    ids = [str(world.member.session_id)]  # which stands in the address itself
    assert_shows_nothing(world, answer, but=ids)
    assert world.state() == before


@both_methods
@pytest.mark.parametrize("route", SECRET)
def test_a_guessed_secret_shows_and_changes_nothing(world, second, route, method):
    before = world.state()
    for guess in (world.classroom.pk, world.member.pk, uuid.UUID(int=7), "ABCDEF"):
        names = ("session_id", "code")
        address = world.address(route, guess, **dict.fromkeys(names, guess))
        assert_shows_nothing(world, send(second, method, address))
    assert world.state() == before


@both_methods
@pytest.mark.parametrize("route", NAMING_NONE)
def test_a_page_that_names_no_object_shows_nothing(world, second, route, method):
    before = world.state()
    address = world.address(route, 1)
    assert_shows_nothing(world, send(second, method, address, ROUTES[route].data))
    assert world.state() == before


@pytest.mark.parametrize(
    "query",
    [
        *("q={code}", "q={title}", "q={pseudonym}", "q={session}", "classroom={pk}"),
        *("id__exact={pk}", "owner__id__exact={owner}", "title__startswith=Zan", "e=1", "all="),
        *("member__classroom__id__exact={pk}", "member__classroom__title=Zanzibar+4b"),
        *("member__pseudonym={pseudonym}", "owner__username__startswith=first", "_facets=True"),
        *("member__classroom__owner__password__startswith=m", "state__exact=open", "use=live"),
        *("o=1", "created_at__year=2026", "_popup=1", "_to_field=id", "p=1"),
    ],
)
@pytest.mark.parametrize("model", ["classroom", "sessionindexentry"])
def test_no_search_and_no_filter_finds_anything(world, second, model, query):
    """The page may only repeat what was typed."""
    values = {
        "code": world.classroom.code,
        "title": TITLE,
        "pseudonym": world.member.pseudonym,
        "session": world.member.session_id,
        "pk": world.classroom.pk,
        "owner": world.teacher.pk,
    }
    query = query.format(**values)
    answer = send(second, "get", f"/admin/wheel/{model}/?{query}")
    typed = [word for word in world.words if word in query]
    assert_shows_nothing(world, answer, but=typed)
    assert "first-teacher" not in repr(answer)
    assert "field-session_id" not in answer[-1]
    assert "field-title" not in answer[-1]


def relations():
    return [
        (model._meta.app_label, model._meta.model_name, one.name)
        for model in apps.get_models()
        for one in model._meta.get_fields()
        if one.is_relation and one.concrete
    ]


@pytest.mark.parametrize("relation", relations(), ids=".".join)
def test_no_relation_can_be_autocompleted_to_anything(world, second, relation):
    names = dict(zip(("app_label", "model_name", "field_name"), relation, strict=True))
    for term in ("", "Zan", "first", world.classroom.code):
        answer = second.get("/admin/autocomplete/", names | {"term": term})
        assert answer.status_code in (200, 403, 404)
        assert_shows_nothing(world, answer.content.decode(), but=[term])
        assert b"first-teacher" not in answer.content
        if answer.status_code == 200:
            assert answer.json()["results"] == []


def act(client, world, model, action):
    kind = {"classroom": "class", "sessionindexentry": "session"}.get(model, "user")
    data = {"action": action, "_selected_action": [world.object_id(kind)], "post": "yes"}
    return send(client, "post", f"/admin/{app_of(model)}/{model}/", data)


def app_of(model):
    return next(one._meta.app_label for one in site._registry if one._meta.model_name == model)


@every_action
def test_no_action_reaches_an_object_of_the_first_teacher(world, second, model, action):
    before = world.state()
    assert_shows_nothing(world, act(second, world, model, action))
    assert world.state() == before


@pytest.mark.parametrize(
    ("model", "action"),
    [
        (model, one)
        for model in ("classroom", "sessionindexentry")
        for one in sorted(ACTIONS[model])
    ],
)
def test_an_action_of_the_owner_is_carried_out(world, owner, model, action):
    """So the requests of the test above are such as would be carried out."""
    if action == "open_classes":
        classrooms.set_state(world.classroom, ClassState.CLOSED)
    before = world.state()
    act(owner, world, model, action)
    assert world.state() != before


def test_the_pages_of_the_second_teacher_list_only_classes_of_their_own(world, second):
    second.post("/admin/wheel/classroom/add/", FORM | {"state": "open"})
    page = second.get("/admin/wheel/classroom/").content.decode()
    assert ">mine</a>" in page
    assert TITLE not in page
    own = Classroom.objects.get(title="mine")
    member = classrooms.join_classroom(code=own.code).member
    page = second.get("/admin/wheel/sessionindexentry/").content.decode()
    assert str(member.session_id) in page
    assert_shows_nothing(world, page)
