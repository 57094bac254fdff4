"""The notebook of docs/examples: its cells run in a process of their own against a live server."""

import json
import sys

import nbformat
import pytest
from django.conf import settings

from tests.processes import run

NOTEBOOK = settings.BASE_DIR / "docs" / "examples" / "simulate.ipynb"
PROMPT = "Once upon a time, there was a little"

# Executes the code cells in order in one namespace, as a kernel does. Prints what they have made.
RUNNER = """
import json, sys
import nbformat
names = {}
for cell in nbformat.read(sys.argv[1], as_version=4).cells:
    if cell.cell_type == "code":
        exec(compile(cell.source, cell.id, "exec"), names)
names["figure"].savefig(sys.argv[2])
made = {name: names[name] for name in ("rows", "simulation", "same", "spun")}
bars = [bar.get_height() for bar in names["axes"].patches]
print("\\n" + json.dumps(made | {"bars": bars}))
"""


@pytest.fixture(scope="module")
def notebook():
    return nbformat.read(NOTEBOOK, as_version=4)


def test_the_notebook_is_valid_and_needs_no_newer_reader(notebook):
    nbformat.validate(notebook)
    assert notebook.nbformat == 4


def test_outputs_are_stripped(notebook):
    """Run `jupyter nbconvert --clear-output --inplace` on it before a commit."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(code) >= 5
    assert [cell.id for cell in code if cell.outputs or cell.execution_count is not None] == []
    assert [cell.id for cell in notebook.cells if cell.metadata] == []
    assert set(notebook.metadata) == {"kernelspec", "language_info"}


def test_without_a_variable_the_server_is_the_one_that_make_run_starts(notebook):
    (line,) = [
        line for cell in notebook.cells for line in cell.source.splitlines() if "environ" in line
    ]
    assert 'os.environ.get("TOKENWHEEL_URL", "http://127.0.0.1:8000")' in line


@pytest.mark.slow
def test_the_cells_run_and_compare_what_was_drawn_with_the_model(
    live_server, wheel_runtime, catalog, reference_probs, tmp_path
):
    ended = run(
        [sys.executable, "-c", RUNNER, NOTEBOOK, tmp_path / "figure.png"],
        {
            "TOKENWHEEL_URL": live_server.url,
            "MPLBACKEND": "Agg",
            "MPLCONFIGDIR": str(tmp_path),
        },
    )
    assert ended.returncode == 0, ended.stderr
    made = json.loads(ended.stdout.splitlines()[-1])
    tokens = made["simulation"]["segments"]
    probs = reference_probs(catalog.tokenizer("gpt2").encode(PROMPT))
    *own, other = made["rows"]
    assert [row[1] for row in own] == pytest.approx(
        [probs[token["token_id"]] for token in tokens], abs=1e-5
    )
    assert own[-1][1] >= 0.02
    assert sum(row[1] for row in made["rows"]) == pytest.approx(1)
    assert sum(row[2] for row in made["rows"]) == made["simulation"]["num_spins"] == 1000
    assert other[0] == "Other"
    shares = [row[2] / 1000 for row in made["rows"]]
    assert made["bars"] == pytest.approx([row[1] for row in made["rows"]] + shares)
    assert sum(made["spun"].values()) == made["same"]["num_spins"] == 30
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")
