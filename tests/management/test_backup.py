"""The backup commands of docs/operations.md: classes and logins are saved and restored."""

import json
import shlex

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command

from wheel import services
from wheel.models import Classroom, SessionIndexEntry

OPERATIONS = settings.BASE_DIR / "docs" / "operations.md"


def documented(command, path):
    """The arguments as they stand in the docs, with another file."""
    lines = OPERATIONS.read_text().splitlines()
    line = next(line for line in lines if f"manage.py {command} " in line)
    arguments = shlex.split(line.partition("manage.py ")[2])
    return [argument.replace("backup.json", str(path)) for argument in arguments]


@pytest.fixture
def backup(wheel_runtime, db, tmp_path):
    path = tmp_path / "backup.json"
    get_user_model().objects.create_superuser("teacher", password="chalk and board")
    Classroom.objects.create(title="4b", prompt="The cat", code="ABC234")
    session_id = services.start_text(prompt="canarybird").session_id
    services.spin(session_id=session_id)
    call_command(*documented("dumpdata", path))
    return path


def test_classes_and_logins_are_restored(backup, client):
    Classroom.objects.all().delete()
    get_user_model().objects.all().delete()
    call_command(*documented("loaddata", backup))
    assert Classroom.objects.get().code == "ABC234"
    assert client.login(username="teacher", password="chalk and board")


def test_a_backup_holds_no_session_and_no_text_of_a_student(backup):
    kinds = {entry["model"] for entry in json.loads(backup.read_text())}
    assert kinds - {"auth.group"} == {"auth.user", "wheel.classroom"}
    assert "canarybird" not in backup.read_text()
    assert SessionIndexEntry.objects.exists()
