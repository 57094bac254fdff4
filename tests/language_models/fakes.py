"""Models without weights: folders that look complete, and loads under the test's control."""

import threading
from dataclasses import dataclass, field
from types import SimpleNamespace

from wheel.language_models.model_files import locate_model
from wheel.language_models.registry import HubSource, ModelSpec, PackagedGgufSource

BOUND_S = 120  # only ends a test that hangs; no test is that slow

ALPHA = ModelSpec("alpha", "Alpha", "The first.", 1_000_000, 64, 400, HubSource("tests/alpha"))
BETA = ModelSpec("beta", "Beta", "The second.", 2_000_000, 128, 400, HubSource("tests/beta"))
GAMMA = ModelSpec(
    "gamma", "Gamma", "Converted.", 3_000_000, 32, 400, PackagedGgufSource("gamma", "gamma.gguf")
)
COMMIT = "fedcba9876543210fedcba9876543210fedcba98"


def put_in_hub_cache(models_dir, spec, tokenizer_json, *, leave_out=()):
    """The layout of the hub's cache: refs/main names a commit, snapshots/<commit> has the files."""
    repo = models_dir / f"models--{spec.source.repo_id.replace('/', '--')}"
    folder = repo / "snapshots" / COMMIT
    (repo / "refs").mkdir(parents=True)
    (repo / "refs" / "main").write_text(COMMIT)
    return put_files(folder, tokenizer_json, leave_out=leave_out)


def put_converted(models_dir, spec, tokenizer_json):
    return put_files(models_dir / "converted" / f"{spec.model_id}-1", tokenizer_json)


def put_files(folder, tokenizer_json, *, leave_out=()):
    folder.mkdir(parents=True)
    files = {"config.json": "{}", "model.safetensors": "", "tokenizer.json": tokenizer_json}
    for name in files.keys() - set(leave_out):
        (folder / name).write_text(files[name])
    return folder


def fake_runner(context_length):
    return SimpleNamespace(name="fake", context_length=context_length)


@dataclass
class RecordingLoad:
    """Loads nothing, and records the folders; fails for folders of the models in `failing`."""

    failing: tuple[str, ...] = ()
    context_length: int = 1000
    folders: list[str] = field(default_factory=list)

    def __call__(self, folder):
        self.folders.append(str(folder))
        if any(name in str(folder) for name in self.failing):
            raise OSError("the file is damaged")
        return fake_runner(self.context_length)

    @property
    def order(self):
        return [name for folder in self.folders for name in ("alpha", "beta") if name in folder]


@dataclass
class GatedLoad(RecordingLoad):
    """A load that stops at a gate until the test opens it."""

    entered: threading.Event = field(default_factory=threading.Event)
    gate: threading.Event = field(default_factory=threading.Event)

    def __call__(self, folder):
        self.entered.set()
        assert self.gate.wait(BOUND_S)
        return super().__call__(folder)


@dataclass
class SwitchableDisk:
    """Finds models as `locate_model` does, until the test switches it off; then it raises.

    num_calls   how often a model was looked for
    """

    is_off: bool = False
    num_calls: int = 0

    def __call__(self, spec, models_dir):
        self.num_calls += 1
        assert not self.is_off, "the file system was touched"
        return locate_model(spec, models_dir)
