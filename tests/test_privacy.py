"""A canary text is sent to every endpoint; no log line, metric or table may hold it."""

import json
import logging
from http import HTTPStatus
from io import StringIO

import pytest
from django.db import DatabaseError, OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.api.fakes import FailingCatalog, changed_runtime, engine_that_raises, store_down
from tests.api.helpers import SESSION_ENDPOINTS, TEXT_PATHS
from tokenwheel import logs
from tokenwheel.middleware import request_log
from tokenwheel.middleware.client_address import trusted_proxies
from wheel import services
from wheel.errors import EngineBusyError, EngineFailedError
from wheel.models import Classroom, ClassState
from wheel.services import classrooms

CANARY = "canarybird"
REQUEST_UUID = "0d8ba0f9-5a9c-4d0b-9f6c-0f5ac1f8a1d2"  # some proxies make UUIDs
SEED = 8_765_432_123
SESSION_STORE = "wheel_session_store"  # the one table that keeps texts


@pytest.fixture(params=["line", "json"])
def log(request):
    """All log lines at DEBUG, in the format of a server."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter_named(request.param))
    root, watched = logging.getLogger(), logging.getLogger("tokenwheel")
    levels = root.level, watched.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    watched.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(levels[0])
    watched.setLevel(levels[1])


@pytest.fixture
def visitor(wheel_runtime, db, settings):
    settings.WHEEL_METRICS = True
    return Visitor()


class Visitor(Client):
    """Sends the canary through every endpoint that takes text. Checks each status, so that no
    request is refused before the code that it is meant to reach."""

    def __init__(self):
        super().__init__(raise_request_exception=False)
        self.engine_fails = False

    def expect(self, status, response):
        statuses = {status, 500, 503} if self.engine_fails else {status}
        assert response.status_code in statuses, (response.request["PATH_INFO"], response.content)
        return response

    def send_everywhere(self):
        """Returns the ids of the sessions."""
        session_ids = [
            self.send_to_the_api(),
            self.send_to_the_pages(),
            self.send_to_a_class(),
            self.send_to_the_lesson_on_counting(),
        ]
        self.send_to_unknown_addresses()
        return session_ids

    def send_to_the_api(self):
        def post(status, path, body):
            return self.expect(status, self.post(path, body, content_type="application/json"))

        session_id = post(201, "/api/sessions", {}).json()["session_id"]
        url = f"/api/sessions/{session_id}"
        post(400, "/api/sessions", {"model_name": CANARY})
        post(200, f"{url}/set-prompt", {"prompt": f"The {CANARY}"})
        assert self.get(url).json()["current_text"] == f"The {CANARY}"
        post(400, f"{url}/set-prompt", {"prompt": f"{CANARY} " * 4000})
        post(400, f"{url}/set-prompt", {"prompt": f"{CANARY} " * 300})
        post(400, f"{url}/set-prompt", {"prompt": CANARY + "\ud800"})
        post(400, f"{url}/set-prompt", f'{{"prompt": "{CANARY}')
        post(400, f"{url}/append-token", {"token_text": CANARY})
        post(400, f"{url}/append-token", {"token_id": 3, "token_text": CANARY})
        post(400, f"{url}/spin", {"temperature": CANARY, CANARY: CANARY})
        post(200, f"{url}/spin", {"u": 0.5})
        post(400, f"{url}/simulate", {"num_spins": CANARY, "seed": CANARY})
        post(200, f"{url}/simulate", {"num_spins": 5, CANARY: CANARY})
        for path in TEXT_PATHS:
            post(200, path, {"text": f"The {CANARY}"})
            post(400, path, {"text": CANARY, "model_name": CANARY})
            post(400, path, {"text": CANARY + "\ud800"})
        post(400, "/api/score", {"text": f"{CANARY} " * 300})
        self.expect(400, self.get(f"{url}/next-token-probs?threshold={CANARY}"))
        self.expect(200, self.get(f"{url}/next-token-probs"))
        assert CANARY in self.expect(200, self.get(url)).json()["current_text"]
        return session_id

    def send_to_the_pages(self):
        answer = self.post("/", {"prompt": f"<b>{CANARY}</b>", "model": "gpt2"})
        assert answer.status_code == 302, answer.content
        url = answer["Location"]
        page = self.expect(400, self.post("/", {"prompt": CANARY, "model": CANARY}))
        assert CANARY in page.content.decode()
        self.expect(404, self.post("/join", {"code": CANARY}))
        self.expect(400, self.get(f"{url}?temperature={CANARY}"))
        found = self.expect(200, self.post(f"{url}/find", {"text": CANARY}))
        assert self.engine_fails or f'value="{CANARY}"' in found.content.decode()
        self.expect(200, self.post(f"{url}/find", {"text": CANARY}, headers={"HX-Request": "true"}))
        for tail in ("spin", "choose", "undo", "redo", "rewind"):
            self.expect(400, self.post(f"{url}/{tail}", {"token_id": CANARY, "rev": CANARY}))
            self.expect(400, self.post(f"{url}/{tail}", {}))
        rev = self.get(url.replace("/wheel/", "/api/sessions/")).json()["rev"]
        self.expect(302, self.post(f"{url}/prompt", {"prompt": f"A {CANARY}", "rev": rev}))
        for tail in ("export.json", "export.csv", "wheel.svg"):
            exported = self.expect(200, self.get(f"{url}/{tail}")).content.decode()
            assert self.engine_fails or tail != "export.json" or f"A {CANARY}" in exported
        return url.removeprefix("/wheel/")

    def send_to_a_class(self):
        """Returns the id of a member's session."""
        code = Classroom.objects.create(title="Class 4b").code
        url = f"/api/classrooms/{code}"
        joined = self.expect(201, self.post(f"{url}/sessions", content_type="application/json"))
        url = f"/api/sessions/{joined.json()['session_id']}"
        for tail, body in (
            ("set-prompt", {"prompt": f"The {CANARY}"}),
            ("append-token", {"token_id": 5}),
            ("spin", {}),
        ):
            answer = self.post(f"{url}/{tail}", body, content_type="application/json")
            self.expect(200, answer)
        assert CANARY in self.get(url).json()["current_text"]
        return joined.json()["session_id"]

    def send_to_the_lesson_on_counting(self):
        url = "/lessons/counting-model"
        fields = {"prediction": "pieces", "order": "3", "text_key": "en", "prompt": CANARY}
        self.expect(400, self.post(url, fields | {"text": f"{CANARY} " * 4000}))
        self.expect(400, self.post(url, fields | {"text": CANARY, "text_key": CANARY}))
        begun = self.expect(302, self.post(url, fields | {"text": f"The {CANARY} sat."}))
        page = self.expect(200, self.get(f"{begun['Location']}&seed=1"))
        assert self.engine_fails or f"The {CANARY} sat." in page.content.decode()
        session_id = begun["Location"].split("?")[0].rsplit("/", 1)[1]
        answer = self.post(f"/api/sessions/{session_id}/spin", content_type="application/json")
        self.expect(200, answer)
        return session_id

    def send_to_unknown_addresses(self):
        for path in (
            f"/{CANARY}",
            f"/api/{CANARY}",
            f"/wheel/{CANARY}",
            f"/wheel/{CANARY}/spin",
            f"/api/sessions/{CANARY}",
            f"/api/classrooms/{CANARY}",
            f"/api/classrooms/{CANARY}/sessions",
            f"/?prompt={CANARY}",
            f"/join?code={CANARY}",
            f"/static/{CANARY}.css",
            f"/admin/{CANARY}",
            f"/api/models?{CANARY}={CANARY}",
        ):
            self.get(path, headers={"Referer": f"/{CANARY}", "User-Agent": CANARY})
            self.post(path, {"text": CANARY})
        self.expect(400, self.get("/", headers={"Host": f"{CANARY}.example"}))
        self.expect(200, self.get("/", headers={"Cookie": f"last_wheels={CANARY}"}))
        login = {"username": CANARY, "password": CANARY}
        self.expect(200, self.post("/admin/login/", login))


def assert_absent(text, session_ids=()):
    assert CANARY not in text
    for session_id in session_ids:
        assert session_id not in text
        assert session_id.replace("-", "") not in text


def test_the_log_holds_no_text_and_no_session_id(visitor, log):
    session_ids = visitor.send_everywhere()
    assert log.getvalue().count("/api/sessions/<session_id>") > 10
    assert_absent(log.getvalue(), session_ids)


@pytest.mark.parametrize("error", [EngineBusyError(), EngineFailedError(CANARY)], ids=str)
def test_the_log_holds_no_text_when_the_engine_fails(visitor, log, error):
    visitor.engine_fails = True
    with engine_that_raises(error):
        session_ids = visitor.send_everywhere()
    assert_absent(log.getvalue(), session_ids)


def test_the_log_holds_no_text_when_the_store_is_down(visitor, log):
    session_id = visitor.send_to_the_api()
    with store_down():
        for endpoint in SESSION_ENDPOINTS:
            answer = endpoint.call(visitor, f"/api/sessions/{session_id}")
            assert answer.status_code == 503
        visitor.expect(503, visitor.post("/", {"prompt": CANARY}))
        visitor.expect(503, visitor.get(f"/wheel/{session_id}"))
    assert " 503 " in log.getvalue()
    assert_absent(log.getvalue(), [session_id])


@pytest.mark.parametrize(
    "error", [ValueError(f"cannot read {CANARY}"), KeyError(CANARY), DatabaseError(f"({CANARY})")]
)
def test_the_log_holds_no_text_of_an_exception_s_message(visitor, log, error):
    def fail():
        try:
            raise error  # noqa: TRY301
        except Exception as first:
            raise RuntimeError(f"while reading {CANARY}") from first

    session_id = visitor.send_to_the_api()
    url = f"/api/sessions/{session_id}/set-prompt"
    with changed_runtime(catalog=FailingCatalog(fail)):
        answer = visitor.post(url, {"prompt": CANARY}, content_type="application/json")
    assert answer.status_code == 500
    assert "RuntimeError" in log.getvalue()
    assert "test_privacy.py" in log.getvalue()
    assert_absent(log.getvalue(), [session_id])


def test_the_message_of_a_safe_exception_type_is_logged(log):
    try:
        raise OperationalError("connection refused")  # noqa: TRY301
    except OperationalError:
        logging.getLogger("wheel").exception("no database")
    assert "connection refused" in log.getvalue()


@pytest.mark.parametrize("leak", [CANARY, f"The {CANARY}", f"<b>{CANARY}</b>"])
def test_a_text_that_is_logged_is_found(log, leak):
    logging.getLogger("wheel").info("prompt: %s", leak)
    with pytest.raises(AssertionError):
        assert_absent(log.getvalue())


def test_the_id_of_a_session_in_a_text_is_found():
    session_id = "3b241101-e2bb-4255-8caf-4136c566a962"
    for spelling in (session_id, session_id.replace("-", "")):
        with pytest.raises(AssertionError):
            assert_absent(f"GET /wheel/{spelling}", [session_id])


@pytest.mark.parametrize(
    "spell", [str, str.upper, lambda text: text.replace("-", "")], ids=["plain", "upper", "short"]
)
def test_the_id_of_a_session_is_redacted_in_every_spelling(log, spell):
    spelled = spell("3b241101-e2bb-4255-8caf-4136c566a962")
    logging.getLogger("wheel").info("session %s ends", spelled)
    assert "session <id> ends" in log.getvalue()


def log_searched_text(get_response):
    """Middleware that logs the texts of searches that succeed."""

    def middleware(request):
        response = get_response(request)
        if request.path.endswith("/find") and response.status_code == HTTPStatus.OK:
            logging.getLogger("wheel").info("search: %s", request.POST["text"])
        return response

    return middleware


def test_a_searched_text_that_is_logged_is_found(visitor, log, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.test_privacy.log_searched_text"]
    visitor.send_to_the_pages()
    with pytest.raises(AssertionError):
        assert_absent(log.getvalue())
    assert log.getvalue().count(f"search: {CANARY}") == 2


def test_django_s_line_about_a_failed_request_does_not_name_its_address(log):
    django_log = logging.getLogger("django.request")
    django_log.error("Internal Server Error: %s", f"/{CANARY}", extra={"status_code": 500})
    assert "a request failed" in log.getvalue()
    assert_absent(log.getvalue())


def test_the_log_holds_no_text_while_django_records_its_queries(visitor, log):
    with CaptureQueriesContext(connection) as queries:
        visitor.send_to_unknown_addresses()
    assert CANARY in str(queries.captured_queries)  # the name in a login
    assert_absent(log.getvalue())


def test_a_line_outside_of_a_request_has_no_request_id(visitor, log):
    visitor.get("/api/models")
    logging.getLogger("wheel").info("between requests")
    line = log.getvalue().strip().splitlines()[-1]
    assert "[-]" in line or '"request_id": "-"' in line


def test_metrics_hold_no_text_and_no_session_id(visitor):
    session_ids = visitor.send_everywhere()
    assert_absent(visitor.get("/metrics").content.decode(), session_ids)


def assert_absent_from_the_tables():
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor)) - {SESSION_STORE}
        assert {"wheel_sessionindexentry", "wheel_member", "wheel_heldstory"} <= tables
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            assert_absent(str(cursor.fetchall()))


def test_no_table_but_the_session_store_holds_the_text(visitor):
    Classroom.objects.create(
        title="4b", prompt="A teacher's own words stay until they are deleted."
    )
    visitor.send_everywhere()
    assert_absent_from_the_tables()


def test_a_word_of_a_member_is_in_the_session_store_alone_whatever_the_teacher_does(visitor, log):
    session_id = visitor.send_to_a_class()
    classroom = Classroom.objects.get()
    classrooms.join_classroom(code=classroom.code)
    classrooms.spin_everyone(classroom, 1)
    classrooms.hold_stories(
        classroom, [story.member.pk for story in classrooms.load_stories(classroom)]
    )
    first = classrooms.load_stories(classroom)[0].member
    classrooms.set_story_hidden(classroom, first.pk, is_hidden=True)
    held = classrooms.load_held_stories(classroom)
    assert CANARY in held[0].state.current_text
    for state in (ClassState.FROZEN, ClassState.OPEN, ClassState.CLOSED):
        classrooms.set_state(classroom, state)
    classrooms.reset_all(classroom)
    session_ids = [session_id, str(held[0].held.session_id)]
    metrics = visitor.get("/metrics").content.decode()
    assert_absent_from_the_tables()
    for text in (log.getvalue(), metrics):
        assert_absent(text, session_ids)
    classrooms.delete_classroom(classroom)
    assert_absent_from_the_tables()
    assert_absent(log.getvalue(), session_ids)


def test_a_word_of_a_guess_and_a_simulation_are_in_the_session_store_alone(visitor, log):
    session_id = visitor.send_to_a_class()
    classroom = Classroom.objects.get()
    state = services.get_session(session_id=session_id)
    tokens = [token for token in state.tokenizer.tokens if token.token_text.strip().isalpha()]
    longest = max(tokens, key=lambda token: len(token.token_text))
    url, rev = f"/lessons/guess-first/{session_id}", state.session.rev
    fields = {"rev": rev, "position": len(state.session.history)}
    visitor.expect(200, visitor.post(url, fields | {"text": CANARY}))
    visitor.expect(302, visitor.post(url, fields | {"token_id": longest.token_id}))
    many_spins = f"/lessons/many-spins/{session_id}?prediction=seldom&num_spins=10&seed={SEED}"
    visitor.expect(200, visitor.get(many_spins))
    classrooms.show_guesses(classroom, 1, is_shown=True)
    session = services.get_session(session_id=session_id).session
    assert session.guesses[0].token_id == longest.token_id
    assert session.simulation is not None
    assert session.simulation.seed == SEED
    assert_absent_from_the_tables()
    for word in (longest.token_text.strip(), str(SEED)):
        assert word not in rows_of_all_tables()
    assert longest.token_text.strip() not in log.getvalue()
    assert_absent(log.getvalue(), [session_id])


def rows_of_all_tables():
    """Those of all tables but the session store, as text."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor)) - {SESSION_STORE}
        rows = []
        for table in sorted(tables):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows += cursor.fetchall()
    return str(rows)


def test_a_log_line_can_be_one_json_object(visitor, caplog):
    caplog.set_level(logging.INFO, logger=request_log.__name__)
    visitor.get("/api/models", headers={"X-Request-ID": "from-a-stranger"})
    record = next(record for record in caplog.records if record.name == request_log.__name__)
    line = json.loads(logs.formatter_named("json").format(record))
    assert (line["method"], line["endpoint"], line["status"]) == ("GET", "/api/models", 200)
    assert f" in {line['duration_ms']:.1f} ms" in line["message"]


def test_a_response_carries_the_request_id_of_its_log_lines(visitor, log):
    answer = visitor.get("/api/models", headers={"X-Request-ID": "from-a-stranger"})
    assert answer["X-Request-ID"] != "from-a-stranger"
    assert answer["X-Request-ID"] in log.getvalue()
    assert visitor.get("/nothing")["X-Request-ID"] != answer["X-Request-ID"]


@pytest.mark.parametrize(
    ("given", "is_kept"), [("abc-123", True), (REQUEST_UUID, True), ("a b\n", False)]
)
def test_a_valid_request_id_of_a_trusted_proxy_is_kept(visitor, log, settings, given, is_kept):
    settings.TRUSTED_PROXIES = trusted_proxies(["127.0.0.1"])
    answer = visitor.get("/api/models", headers={"X-Request-ID": given})
    assert (answer["X-Request-ID"] == given) is is_kept
    assert answer["X-Request-ID"] in log.getvalue()
