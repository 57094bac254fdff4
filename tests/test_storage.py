"""Static files: all that are asked for are there, under names that change with their content."""

import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from whitenoise.storage import MissingFileError

STATIC = Path(django_settings.BASE_DIR, "static")
TEMPLATES = Path(django_settings.BASE_DIR, "templates")
IMPORT = re.compile(r"""(?:import|from)\s*\(?["'](\.[^"']*)["']""")
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")


@pytest.fixture
def collect(tmp_path, settings):
    """Collects the files of one folder as production does; gives their new names by the old."""
    root = tmp_path / "collected"

    def run(folder):
        settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
        settings.STATICFILES_DIRS = [folder]
        settings.STATIC_ROOT = root
        settings.STORAGES = django_settings.STORAGES | {
            "staticfiles": {"BACKEND": "tokenwheel.storage.ModuleStaticFilesStorage"}
        }
        call_command("collectstatic", verbosity=0, interactive=False)
        return {unhashed(path, root): path for path in root.rglob("*") if HASHED.search(path.name)}

    return run


def unhashed(path, root):
    return re.sub(r"\.[0-9a-f]{12}(?=\.\w+$)", "", str(path.relative_to(root)))


def write_modules(folder, body="export const turn = 1;"):
    (folder / "js").mkdir(parents=True, exist_ok=True)
    (folder / "js/turn.js").write_text(body)
    (folder / "js/spin.js").write_text(
        'import { turn } from "./turn.js";\nexport * from "./turn.js";\nimport "./turn.js";\n'
    )


def test_an_import_asks_for_the_name_that_changes_with_the_content(collect, tmp_path):
    write_modules(tmp_path / "source")
    files = collect(tmp_path / "source")
    name = files["js/turn.js"].name
    assert files["js/spin.js"].read_text() == (
        f'import {{ turn }} from "./{name}";\nexport * from "./{name}";\nimport"./{name}";\n'
    )


def test_what_imports_a_changed_script_has_changed_too(collect, tmp_path):
    source = tmp_path / "source"
    write_modules(source)
    before = collect(source)["js/spin.js"].name
    write_modules(source, "export const turn = 2;")
    assert {path.name for path in collect(source).values()} - {before}
    newest = max(tmp_path.glob("collected/js/spin.*.js"), key=lambda path: path.stat().st_mtime_ns)
    assert newest.name != before


def test_a_script_of_a_package_may_import_what_is_not_there(collect, tmp_path):
    (tmp_path / "source/package").mkdir(parents=True)
    (tmp_path / "source/package/a.js").write_text('import x from "./missing";\n')
    files = collect(tmp_path / "source")
    assert files["package/a.js"].read_text() == 'import x from "./missing";\n'


def test_a_script_of_ours_may_not(collect, tmp_path):
    (tmp_path / "source/js").mkdir(parents=True)
    (tmp_path / "source/js/a.js").write_text('import { x } from "./missing.js";\n')
    with pytest.raises(MissingFileError, match=r"missing\.js"):
        collect(tmp_path / "source")


def test_files_lie_ready_compressed(collect, tmp_path):
    write_modules(tmp_path / "source", "export const turn = 1;\n" * 100)
    path = collect(tmp_path / "source")["js/turn.js"]
    assert Path(f"{path}.br").is_file()
    assert Path(f"{path}.gz").is_file()


def test_every_import_of_ours_is_renamed(collect):
    """One without its semicolon would be left as it is, and fetch a file that is not kept fresh."""
    for name, path in collect(STATIC).items():
        if name.startswith("js/"):
            for target in IMPORT.findall(path.read_text()):
                assert HASHED.search(target), f"{name} imports {target}"


def test_every_file_that_a_template_asks_for_is_there():
    asked = {
        name
        for template in TEMPLATES.rglob("*.*")
        for name in re.findall(r"{% static ['\"](.*?)['\"]", template.read_text())
    }
    assert len(asked) > 10
    assert [name for name in asked if not finders.find(name)] == []


def test_every_script_that_a_script_imports_is_there():
    for script in STATIC.glob("js/**/*.js"):
        for target in IMPORT.findall(script.read_text()):
            assert (script.parent / target).is_file(), f"{script.name} imports {target}"
