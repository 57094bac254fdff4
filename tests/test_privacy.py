"""A canary sings through every part of the product; no log, no metric and no table may know it."""

import json
import logging
from io import StringIO

import pytest
from django.db import DatabaseError, OperationalError, connection
from django.test import Client

from tests.api.fakes import engine_that_raises, store_down
from tests.api.helpers import SESSION_ENDPOINTS
from tokenwheel import logs
from tokenwheel.middleware import request_log
from wheel import services
from wheel.errors import EngineBusyError, EngineFailedError
from wheel.models import Classroom

CANARY = "canarybird"
SESSION_STORE = "wheel_session_store"  # where texts are kept, for an hour after their last use


@pytest.fixture(params=["line", "json"])
def log(request):
    """All that is logged at DEBUG, as it would stand in the log of a server."""
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
    return Client(raise_request_exception=False)


def sing(visitor):
    """Every way in for text; returns the ids of the sessions."""
    session_ids = [sing_to_the_api(visitor), sing_to_the_pages(visitor)]
    for path in (
        f"/{CANARY}",
        f"/api/{CANARY}",
        f"/wheel/{CANARY}",
        f"/wheel/{CANARY}/spin",
        f"/api/sessions/{CANARY}",
        f"/?prompt={CANARY}",
        f"/join?code={CANARY}",
        f"/static/{CANARY}.css",
        f"/admin/{CANARY}",
        f"/api/models?{CANARY}={CANARY}",
    ):
        visitor.get(path, headers={"Referer": f"/{CANARY}", "User-Agent": CANARY})
        visitor.post(path, {"text": CANARY})
    visitor.get("/", headers={"Host": f"{CANARY}.example"})
    visitor.get("/", headers={"Cookie": f"last_wheels={CANARY}"})
    visitor.post("/admin/login/", {"username": CANARY, "password": CANARY})
    return session_ids


def sing_to_the_api(visitor):
    def post(path, body):
        return visitor.post(path, body, content_type="application/json")

    session_id = post("/api/sessions", {}).json()["session_id"]
    url = f"/api/sessions/{session_id}"
    post("/api/sessions", {"model_name": CANARY})
    post(f"{url}/set-prompt", {"prompt": f"The {CANARY}"})
    post(f"{url}/set-prompt", {"prompt": f"{CANARY} " * 4000})
    post(f"{url}/set-prompt", {"prompt": f"{CANARY} " * 900})
    post(f"{url}/set-prompt", {"prompt": CANARY + "\ud800"})
    post(f"{url}/set-prompt", f'{{"prompt": "{CANARY}')
    post(f"{url}/append-token", {"token_text": CANARY})
    post(f"{url}/append-token", {"token_id": 3, "token_text": CANARY})
    post(f"{url}/spin", {"temperature": CANARY, CANARY: CANARY})
    visitor.get(f"{url}/next-token-probs?threshold={CANARY}")
    visitor.get(f"{url}/next-token-probs")
    visitor.get(url)
    return session_id


def sing_to_the_pages(visitor):
    answer = visitor.post("/", {"prompt": f"<b>{CANARY}</b>", "model_id": "gpt2"})
    session_id = answer["Location"].removeprefix("/wheel/")
    url = f"/wheel/{session_id}"
    visitor.post("/", {"prompt": CANARY, "model_id": CANARY})
    visitor.post("/join", {"code": CANARY})
    visitor.get(f"{url}?temperature={CANARY}")
    visitor.post(f"{url}/prompt", {"prompt": f"A {CANARY}", "rev": "1"})
    visitor.get(f"{url}/find", {"text": CANARY})
    for tail in ("spin", "choose", "undo", "redo", "rewind"):
        visitor.post(f"{url}/{tail}", {"token_id": CANARY, "rev": CANARY})
        visitor.post(f"{url}/{tail}", {})
    for tail in ("export.json", "export.csv", "wheel.svg"):
        visitor.get(f"{url}/{tail}")
    return session_id


def assert_unknown(text, session_ids=()):
    assert CANARY not in text
    for session_id in session_ids:
        assert session_id not in text
        assert session_id.replace("-", "") not in text


def test_the_log_knows_no_text_and_no_session(visitor, log):
    session_ids = sing(visitor)
    assert log.getvalue().count("/api/sessions/<session_id>") > 10  # it did listen
    assert_unknown(log.getvalue(), session_ids)


@pytest.mark.parametrize("error", [EngineBusyError(), EngineFailedError(CANARY)], ids=str)
def test_nor_when_the_engine_fails(visitor, log, error):
    with engine_that_raises(error):
        session_ids = sing(visitor)
    assert_unknown(log.getvalue(), session_ids)


def test_nor_when_the_store_is_down(visitor, log):
    session_id = sing_to_the_api(visitor)
    with store_down():
        for endpoint in SESSION_ENDPOINTS:
            endpoint.call(visitor, f"/api/sessions/{session_id}")
        visitor.post("/", {"prompt": CANARY})
        visitor.get(f"/wheel/{session_id}")
    assert " 503 " in log.getvalue()
    assert_unknown(log.getvalue(), [session_id])


@pytest.mark.parametrize(
    "error", [ValueError(f"cannot read {CANARY}"), KeyError(CANARY), DatabaseError(f"({CANARY})")]
)
def test_nor_where_our_own_code_fails_on_it(visitor, log, monkeypatch, error):
    def fail(**arguments):
        try:
            raise error  # noqa: TRY301
        except Exception as first:
            raise RuntimeError(f"while reading {CANARY}") from first

    session_id = sing_to_the_api(visitor)
    monkeypatch.setattr(services, "set_prompt", fail)
    url = f"/api/sessions/{session_id}/set-prompt"
    answer = visitor.post(url, {"prompt": CANARY}, content_type="application/json")
    assert answer.status_code == 500
    assert "RuntimeError" in log.getvalue()  # where it happened is told
    assert "test_privacy.py" in log.getvalue()
    assert_unknown(log.getvalue(), [session_id])


def test_what_a_machine_says_is_shown(log):
    try:
        raise OperationalError("connection refused")  # noqa: TRY301
    except OperationalError:
        logging.getLogger("wheel").exception("no database")
    assert "connection refused" in log.getvalue()


def test_a_line_that_would_leak_is_heard(log):
    """This test can fail."""
    logging.getLogger("wheel").info("prompt: %s", CANARY)
    assert CANARY in log.getvalue()


def test_metrics_know_no_text_and_no_session(visitor):
    session_ids = sing(visitor)
    assert_unknown(visitor.get("/metrics").content.decode(), session_ids)


def test_no_table_knows_the_text(visitor):
    """But that of the store, which is not used here."""
    Classroom.objects.create(name="4b", prompt="A teacher's own words stay until they are deleted.")
    sing(visitor)
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor)) - {SESSION_STORE}
        assert "wheel_sessionindexentry" in tables
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            assert_unknown(str(cursor.fetchall()))


def test_a_line_of_json_can_be_read_by_a_machine(visitor, caplog):
    caplog.set_level(logging.INFO, logger=request_log.__name__)
    visitor.get("/api/models", headers={"X-Request-ID": "from-a-stranger"})
    record = next(record for record in caplog.records if record.name == request_log.__name__)
    line = json.loads(logs.formatter_named("json").format(record))
    assert (line["method"], line["endpoint"], line["status"]) == ("GET", "/api/models", 200)
    assert line["duration_ms"] >= 0


def test_an_answer_carries_the_id_of_its_lines(visitor, log):
    answer = visitor.get("/api/models", headers={"X-Request-ID": "from-a-stranger"})
    assert answer["X-Request-ID"] != "from-a-stranger"
    assert answer["X-Request-ID"] in log.getvalue()
    assert visitor.get("/nothing")["X-Request-ID"] != answer["X-Request-ID"]


@pytest.mark.parametrize(("given", "is_taken"), [("abc-123", True), ("a b\n", False)])
def test_an_id_that_a_proxy_of_ours_gives_is_taken(visitor, settings, given, is_taken):
    from tokenwheel.middleware.client_address import trusted_proxies

    settings.TRUSTED_PROXIES = trusted_proxies(["127.0.0.1"])
    answer = visitor.get("/api/models", headers={"X-Request-ID": given})
    assert (answer["X-Request-ID"] == given) is is_taken
