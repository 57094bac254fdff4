"""The examples of docs/API_DESIGN.md: each is sent, and answered as it says. Those with figures of
SmolLM2 are tested on its weights (`test_documented_figures`)."""

import json
import re

import pytest
from django.conf import settings

from tests.api.classes import PROMPT, freeze, join, new_classroom
from tests.api.helpers import TIMESTAMP, append

DOCUMENT = settings.BASE_DIR / "docs" / "API_DESIGN.md"
EXAMPLE = re.compile(
    r"<!-- example: (?P<name>[\w ]+) -->\n"
    r"```http\n(?P<method>[A-Z]+) (?P<path>\S+)\n(?P<body>[^`]*)```\n"
    r"```json\n(?P<answer>[^`]+)```"
)
EXAMPLES = {found["name"]: found for found in EXAMPLE.finditer(DOCUMENT.read_text())}
STATUSES = {"look up": 200, "join": 201, "frozen": 409, "locked": 400, "restore": 200}
FIGURES = ("simulate", "tokenize", "score")
CHANGING = ("session_id", "created_at", "pseudonym")  # in every answer


@pytest.fixture
def classroom(api):
    return new_classroom(
        code="ABC234",
        prompt=PROMPT,
        model_id="gpt2",
        temperature=1.5,
        locked=["prompt", "temperature"],
    )


def test_every_example_has_a_status():
    assert EXAMPLES.keys() == {*STATUSES, *FIGURES}


@pytest.mark.parametrize("name", STATUSES)
def test_an_example_is_answered_as_documented(api, classroom, name):
    example = EXAMPLES[name]
    path = example["path"]
    if "{id}" in path:
        url = join(api, classroom)
        path = path.replace("/api/sessions/{id}", url)
    if name == "restore":
        append(api, url, token_text=" dog")
        api.post_json(f"{url}/undo")
        append(api, url, token_text=" is")
    if name == "frozen":
        freeze(classroom)
    sent = api.generic(example["method"], path, example["body"], content_type="application/json")
    assert sent.status_code == STATUSES[name]
    answer, documented = sent.json(), json.loads(example["answer"])
    assert list(answer) == list(documented)
    for each in (answer, documented):
        assert TIMESTAMP.fullmatch(each.get("created_at", "2026-11-22T18:53:46Z"))
    changing = dict.fromkeys(set(CHANGING) & set(answer))
    assert answer | changing == documented | changing
