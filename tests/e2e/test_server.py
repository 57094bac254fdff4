"""The whole product over HTTP: a server process with the weights of SmolLM2."""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings

from tests.waiting import HANGING_S

pytestmark = pytest.mark.slow


def start_session(server, prompt, **body):
    session_id = server.post("/api/sessions", body).json()["session_id"]
    server.post(f"/api/sessions/{session_id}/set-prompt", {"prompt": prompt})
    return f"/api/sessions/{session_id}"


def readme_curl_lines():
    """The block of curl commands in the README."""
    blocks = re.findall(
        r"```sh\n(.*?)```", (settings.BASE_DIR / "README.md").read_text(), re.DOTALL
    )
    return next(block for block in blocks if "set-prompt" in block)


def test_the_curl_commands_of_the_readme_work_unchanged(server):
    script = readme_curl_lines().replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")
    run = subprocess.run(
        ["sh", "-eu", "-c", script], capture_output=True, text=True, check=True, timeout=HANGING_S
    )
    assert re.search(r'"token_text":" Paris","[^}]*?"probability":0\.7[678]', run.stdout)
    assert '"code"' not in run.stdout  # no error among the answers
    assert '"message":"Session deleted successfully"' in run.stdout
    assert run.stdout.count('"appended_token"') == 4


def test_the_likeliest_token_after_the_capital_of_france_is_is_paris(server):
    url = start_session(server, "The capital of France is")
    first = server.get(f"{url}/next-token-probs").json()["above_threshold_tokens"][0]
    assert first["token_text"] == " Paris"
    assert first["probability"] == pytest.approx(0.77, abs=0.01)


def test_a_session_goes_on_after_the_server_was_killed_and_started_again(server):
    url = start_session(server, "Once upon a time", seed=1)
    before = [server.post(f"{url}/spin").json() for _ in range(3)][-1]
    server.kill()
    server.start()
    session = server.get(url).json()
    assert session["current_text"] == before["current_text"]
    assert session["token_history"] == before["token_history"]
    after = server.post(f"{url}/spin").json()
    assert after["previous_text"] == before["current_text"]


def test_a_spin_is_answered_again_after_the_server_was_killed_and_started_again(server):
    url = start_session(server, "Once upon a time")
    first = server.post(f"{url}/spin", headers={"Idempotency-Key": "k1"})
    server.kill()
    server.start()
    assert server.post(f"{url}/spin", headers={"Idempotency-Key": "k1"}).content == first.content
    assert server.get(url).json()["generation_count"] == 1


def test_health_answers_while_a_long_prompt_is_read(server):
    url = start_session(server, "word " * 790)
    with ThreadPoolExecutor() as pool:
        wheel = pool.submit(server.get, f"{url}/next-token-probs")
        answers = []
        while not wheel.done():
            answers.append(server.get("/health").status_code)
    assert wheel.result().status_code == 200
    assert set(answers) == {200}
    assert len(answers) > 1


def test_the_log_holds_no_text_of_a_prompt_or_of_a_refused_setting(server):
    url = start_session(server, "canary-in-the-coal-mine")
    server.post(f"{url}/spin")
    server.post(f"{url}/spin", {"temperature": "canary-in-a-field"})
    assert "canary" not in server.log()
