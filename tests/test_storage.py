"""Collected static files: complete, compressed, under names that change with their content."""

import re
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest
from django.conf import settings as django_settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import override_settings
from whitenoise.storage import MissingFileError

STATIC = Path(django_settings.BASE_DIR, "static")
TEMPLATES = Path(django_settings.BASE_DIR, "templates")
IMPORT = re.compile(r"""(?:import|from)\s*\(?["'](\.[^"']*)["']""")
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")


PRODUCTION = django_settings.STORAGES | {
    "staticfiles": {"BACKEND": "tokenwheel.storage.ModuleStaticFilesStorage"}
}


@pytest.fixture
def collect(tmp_path, settings):
    """Collect the files of one folder as production does. Returns paths by the names before
    hashing."""
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STORAGES = PRODUCTION

    def run(folder):
        settings.STATICFILES_DIRS = [folder]
        call_command("collectstatic", verbosity=0, interactive=False)
        return hashed_files(settings.STATIC_ROOT)

    return run


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """The folder with the collected files of the project and its packages, as in production."""
    root = tmp_path_factory.mktemp("collected")
    with override_settings(STATIC_ROOT=root, STORAGES=PRODUCTION):
        call_command("collectstatic", verbosity=0, interactive=False)
    return root


def hashed_files(root):
    return {unhashed(path, root): path for path in root.rglob("*") if HASHED.search(path.name)}


def unhashed(path, root):
    return re.sub(r"\.[0-9a-f]{12}(?=\.\w+$)", "", str(path.relative_to(root)))


def write_modules(folder, body="export const turn = 1;"):
    (folder / "js").mkdir(parents=True, exist_ok=True)
    (folder / "js/turn.js").write_text(body)
    (folder / "js/spin.js").write_text(
        'import { turn } from "./turn.js";\nexport * from "./turn.js";\nimport "./turn.js";\n'
    )


def test_an_import_is_rewritten_to_the_hashed_name_of_its_target(collect, tmp_path):
    write_modules(tmp_path / "source")
    files = collect(tmp_path / "source")
    name = files["js/turn.js"].name
    assert files["js/spin.js"].read_text() == (
        f'import {{ turn }} from "./{name}";\nexport * from "./{name}";\nimport"./{name}";\n'
    )


def test_a_script_gets_a_new_name_when_a_script_that_it_imports_changes(collect, tmp_path):
    source = tmp_path / "source"
    write_modules(source)
    before = collect(source)["js/spin.js"].name
    write_modules(source, "export const turn = 2;")
    assert {path.name for path in collect(source).values()} - {before}
    newest = max(tmp_path.glob("collected/js/spin.*.js"), key=lambda path: path.stat().st_mtime_ns)
    assert newest.name != before


def test_a_script_of_a_package_may_import_a_missing_file(collect, tmp_path):
    (tmp_path / "source/package").mkdir(parents=True)
    (tmp_path / "source/package/a.js").write_text('import x from "./missing";\n')
    files = collect(tmp_path / "source")
    assert files["package/a.js"].read_text() == 'import x from "./missing";\n'


def test_a_script_of_the_project_may_not_import_a_missing_file(collect, tmp_path):
    (tmp_path / "source/js").mkdir(parents=True)
    (tmp_path / "source/js/a.js").write_text('import { x } from "./missing.js";\n')
    with pytest.raises(MissingFileError, match=r"missing\.js"):
        collect(tmp_path / "source")


def test_files_are_compressed_when_they_are_collected(collect, tmp_path):
    write_modules(tmp_path / "source", "export const turn = 1;\n" * 100)
    path = collect(tmp_path / "source")["js/turn.js"]
    assert Path(f"{path}.br").is_file()
    assert Path(f"{path}.gz").is_file()


def test_a_missing_source_map_is_ignored(collect, tmp_path):
    (tmp_path / "source").mkdir()
    script = "const x = 1;\n//# sourceMappingURL=x.js.map\n"
    style = "a { color: red }\n/*# sourceMappingURL=x.css.map */\n"
    (tmp_path / "source/x.js").write_text(script)
    (tmp_path / "source/x.css").write_text(style)
    files = collect(tmp_path / "source")
    assert (files["x.js"].read_text(), files["x.css"].read_text()) == (script, style)


def test_large_files_are_compressed_too(collect, tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source/large.js").write_text("export const turn = 1;\n" * 20_000)
    path = collect(tmp_path / "source")["large.js"]
    assert brotli.decompress(Path(f"{path}.br").read_bytes()) == path.read_bytes()


def test_no_source_map_and_no_unused_language_is_collected(collected, settings):
    files = hashed_files(collected)
    assert [name for name in files if name.endswith(".map")] == []
    languages = {Path(name).stem for name in files if "/select2/i18n/" in name}
    assert languages == {code for code, _ in settings.LANGUAGES}


def test_packages_whose_pages_are_switched_off_have_no_files(collected):
    files = hashed_files(collected)
    unused = {"redoc", "rest_framework", "django_htmx"}
    assert [name for name in files if unused & set(Path(name).parts)] == []


def test_a_file_is_kept_under_its_hashed_name_only(collected):
    assert not (collected / "css/base.css").exists()
    assert hashed_files(collected)["css/base.css"].is_file()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api/docs",
        "/admin/",
        "/admin/wheel/classroom/",
        "/admin/wheel/classroom/add/",
        "/admin/wheel/sessionindexentry/",
        "/admin/auth/user/",
        "/admin/auth/user/add/",
        "/admin/auth/group/add/",
    ],
)
def test_every_file_that_a_page_loads_is_collected(
    wheel_runtime, admin_client, settings, collected, path
):
    settings.STATIC_ROOT, settings.STORAGES = collected, PRODUCTION
    page = admin_client.get(path).content.decode()
    loaded = re.findall(r'(?:src|href)="/static/([^"]+)"', page)
    assert loaded
    assert [name for name in loaded if not (collected / name).is_file()] == []


def test_every_import_of_the_project_is_rewritten(collected):
    """One without a semicolon would stay as it is, and load a file that browsers do not refresh."""
    for name, path in hashed_files(collected).items():
        if name.startswith("js/"):
            for target in IMPORT.findall(path.read_text()):
                assert HASHED.search(target), f"{name} imports {target}"


def test_every_file_that_a_template_names_exists():
    asked = {
        name
        for template in TEMPLATES.rglob("*.*")
        for name in re.findall(r"{% static ['\"](.*?)['\"]", template.read_text())
    }
    assert len(asked) > 10
    assert [name for name in asked if not finders.find(name)] == []


def test_every_script_that_a_script_imports_exists():
    for script in STATIC.glob("js/**/*.js"):
        for target in IMPORT.findall(script.read_text()):
            assert (script.parent / target).is_file(), f"{script.name} imports {target}"
