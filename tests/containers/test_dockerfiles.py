"""Faults of the Dockerfiles that can be found without building an image."""

import os
import re
from pathlib import PurePosixPath

import pytest
from django.core.management import get_commands

from tests.containers.files import PROJECT, is_sent_to_the_builder, read_dockerfile

NAMES = ["Dockerfile", "Dockerfile.dev"]
READ_BY_OTHERS = r"PYTHON\w+|PIP_\w+|GUNICORN_CMD_ARGS"


@pytest.fixture
def production():
    return read_dockerfile("Dockerfile")[-1]


@pytest.fixture
def dev():
    return read_dockerfile("Dockerfile.dev")[-1]


def steps_of(name):
    return [step for stage in read_dockerfile(name) for step in stage.steps]


@pytest.mark.parametrize("name", NAMES)
def test_the_server_runs_as_the_user_that_was_added_and_not_as_root(name):
    stage = read_dockerfile(name)[-1]
    made = re.search(r"useradd --uid (\d+)", " ".join(stage.all("RUN")))
    assert made is not None
    assert int(made[1]) > 0
    assert stage.last("USER") == made[1]


@pytest.mark.parametrize("name", NAMES)
def test_every_file_that_is_copied_exists_and_is_sent_to_the_builder(name):
    for stage in read_dockerfile(name):
        for source in stage.copied():
            assert (PROJECT / source).exists(), source
            assert is_sent_to_the_builder(source), source


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        ".git/config",
        ".venv/bin/python",
        "docs/design.md",
        "scripts/try_image.py",
        "tests/conftest.py",
        "var/db.sqlite3",
        "var/models/converted/smollm2-135m-1/model.safetensors",
        "var/secret_key",
        "wheel/__pycache__/apps.cpython-311.pyc",
    ],
)
def test_private_and_needless_files_are_not_sent_to_the_builder(path):
    assert not is_sent_to_the_builder(path)


@pytest.mark.parametrize("name", NAMES)
def test_every_script_that_is_run_can_be_run_and_every_command_is_there(name):
    text = " ".join(arguments for _, arguments in steps_of(name))
    for script in re.findall(r"scripts/\S+?\.sh", text):
        assert os.access(PROJECT / script, os.X_OK), script
    for command in re.findall(r"python manage\.py (\w+)", text):
        assert command in get_commands()


def test_the_image_holds_the_scripts_that_it_starts(production):
    for instruction in ("CMD", "HEALTHCHECK"):
        for script in re.findall(r"scripts/[\w.-]+", production.last(instruction)):
            assert script in production.copied()


def test_later_stages_take_only_from_earlier_ones():
    known: set[str] = set()
    for stage in read_dockerfile("Dockerfile"):
        for source in re.findall(r"--from=(\S+)", " ".join(stage.all("COPY"))):
            assert source in known
        known.add(stage.name)
    assert known == {"base", "dependencies", "models", "production"}


def test_the_last_stage_installs_nothing_and_has_no_packaged_weights(production):
    commands = " ".join(production.all("RUN"))
    assert "install-packages" not in commands
    assert "pip" not in commands
    assert "requirements-model.txt" not in production.copied()
    copied = [line for line in production.all("COPY") if "--from=models /app" in line]
    assert copied == ["--from=models /app/wheel/locale wheel/locale"]  # the compiled catalogs


def test_the_volume_hides_nothing_that_is_in_the_image(production):
    volume = PurePosixPath(production.last("VOLUME"))
    environment = production.environment()
    assert PurePosixPath(environment["TOKENWHEEL_DATA_DIR"]) == volume
    for name in ("TRANSFORMERS_CACHE", "TOKENWHEEL_STATIC_DIR"):
        place = environment[name]
        assert not PurePosixPath(place).is_relative_to(volume)
        assert any(line.endswith(f" {place}") for line in production.all("COPY")), place


def test_the_models_that_are_offered_are_those_that_were_put_in(production):
    argument = production.last("ARG").partition("=")
    assert production.environment()["WHEEL_MODELS"] == f"${argument[0]}"
    models = next(stage for stage in read_dockerfile("Dockerfile") if stage.name == "models")
    assert production.last("ARG") == models.last("ARG")


def test_models_of_the_working_image_go_into_its_volume_and_never_below_it(dev):
    volume = PurePosixPath(dev.last("VOLUME"))
    assert PurePosixPath(dev.environment()["TRANSFORMERS_CACHE"]).is_relative_to(volume)
    assert "manage.py" not in " ".join(dev.all("RUN"))


@pytest.mark.parametrize("name", NAMES)
def test_every_variable_of_an_image_is_read_by_the_settings_or_a_script(name):
    readers = [PROJECT / "tokenwheel/settings.py", PROJECT / "gunicorn.conf.py"]
    readers += (PROJECT / "scripts").glob("serve*.sh")
    text = "".join(path.read_text() for path in readers)
    for variable in read_dockerfile(name)[-1].environment():
        assert re.fullmatch(READ_BY_OTHERS, variable) or re.search(rf"\b{variable}\b", text)


def test_containers_are_stopped_by_the_signal_on_which_the_server_finishes_its_answers(production):
    assert production.last("STOPSIGNAL") == "SIGTERM"
