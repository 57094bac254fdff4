"""The Ray Serve application of one model, made from the arguments in `serve.yaml`.

Each replica is one process with one engine. Secrets and paths of the machine come from the
environment of the machine that has the replica: `WHEEL_ENGINE_TOKEN`, `TRANSFORMERS_CACHE`.
"""

import logging
import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from ray.serve import Application
from ray.serve.config import AutoscalingConfig, BackpressureConfig, RequestRouterConfig

from cluster.replica import DEPLOYMENT, HostedModel
from wheel import local_engine
from wheel.engine_settings import EngineSettings
from wheel.language_models.models_file import ModelsFileError, registry_of
from wheel.remote_engine import MIN_TOKEN_LEN
from wheel.remote_engine.protocol import ModelReport

LOADING_S = 3600.0
LOG_LINE = "%(asctime)s %(levelname)s %(name)s %(message)s"

# A forward pass takes 32 sequences, and twice as many may wait for it. Above that, Ray Serve offers
# a request to the next two replicas on the ring, then lets it wait in the proxy. What finds no
# place there is answered 503: it would wait for seconds. The engine's own bound is above all these,
# for requests that a proxy has forgotten.
MAX_ONGOING = 96
MAX_QUEUED = 64  # in each proxy
MAX_WAITING = 128
BUSY_ANSWER = BackpressureConfig(status_code=503, retry_after_s=1)

# Requests of one wheel session go to one replica while it lives and has room, else to the next on
# the ring.
AFFINITY = RequestRouterConfig(
    request_router_class="ray.serve.experimental.consistent_hash_router:ConsistentHashRouter",
    request_router_kwargs={"num_fallback_replicas": 2},
)


class Arguments(BaseModel):
    """model_id             of the registry
    min_replicas, max_replicas  between which Ray Serve scales
    target_ongoing_requests     of each replica, on average, for which it scales
    num_cpus             of the machine, for each replica; also the number of torch's threads
    """

    model_config = ConfigDict(extra="forbid")

    model_id: str
    min_replicas: int = Field(default=1, ge=1)
    max_replicas: int = Field(default=1, ge=1)
    target_ongoing_requests: float = Field(default=16, gt=0)
    num_cpus: int = Field(default=1, ge=1)
    max_context_length: int = Field(default=2048, ge=2)
    prefix_cache_mb: int = Field(default=1024, ge=0)
    logits_cache_mb: int = Field(default=256, ge=0)
    look_ahead_children: int = Field(default=3, ge=0, le=20)
    max_waiting: int = Field(default=MAX_WAITING, ge=1)


@dataclass(frozen=True, slots=True)
class Host:
    """What the environment of a machine says."""

    token: str
    models_dir: Path
    models_file: Path | None

    @classmethod
    def from_environment(cls) -> "Host":
        """Raises `ValueError` that names the variable."""
        token = os.environ.get("WHEEL_ENGINE_TOKEN", "")
        if len(token) < MIN_TOKEN_LEN:
            raise ValueError(f"WHEEL_ENGINE_TOKEN must have at least {MIN_TOKEN_LEN} characters")
        if not (models_dir := os.environ.get("TRANSFORMERS_CACHE")):
            raise ValueError("TRANSFORMERS_CACHE must be the folder with the models")
        return cls(token, Path(models_dir), models_file_of(os.environ.get("WHEEL_MODELS_FILE")))


def models_file_of(value: str | None) -> Path | None:
    """A file that can be used. Raises `ValueError` that names the variable."""
    path = Path(value) if value else None
    try:
        registry_of(path)
    except ModelsFileError as error:
        raise ValueError(f"WHEEL_MODELS_FILE: of {value}, {error}") from None
    return path


def build(arguments: Arguments) -> Application:
    """Called by Ray Serve for an `import_path` of `cluster.application:build`."""
    options = deployment_options(arguments)
    return DEPLOYMENT.options(**options).bind(partial(load_model, arguments))


def deployment_options(arguments: Arguments) -> dict[str, Any]:
    threads = {"OMP_NUM_THREADS": str(arguments.num_cpus)}
    return {
        "max_ongoing_requests": MAX_ONGOING,
        "max_queued_requests": MAX_QUEUED,
        "backpressure_config": BUSY_ANSWER,
        "request_router_config": AFFINITY,
        "health_check_period_s": 2,
        "health_check_timeout_s": 10,
        "graceful_shutdown_timeout_s": 30,
        "ray_actor_options": {
            "num_cpus": arguments.num_cpus,
            "runtime_env": {"env_vars": threads},
        },
        "autoscaling_config": AutoscalingConfig(
            min_replicas=arguments.min_replicas,
            max_replicas=max(arguments.min_replicas, arguments.max_replicas),
            target_ongoing_requests=arguments.target_ongoing_requests,
            upscale_delay_s=10,
            downscale_delay_s=600,  # a lesson has pauses
        ),
    }


def load_model(arguments: Arguments) -> HostedModel:
    """Called in the replica. Raises `UnknownModelError`, `ModelUnavailableError`, `ValueError`."""
    logging.basicConfig(level=logging.INFO, format=LOG_LINE)
    host, model_id = Host.from_environment(), arguments.model_id
    catalog, engine = local_engine.build(
        EngineSettings(
            model_ids=(model_id,),
            models_dir=host.models_dir,
            models_file=host.models_file,
            max_context_length=arguments.max_context_length,
            load_timeout_s=LOADING_S,
            max_waiting=arguments.max_waiting,
            logits_cache_mb=arguments.logits_cache_mb,
            prefix_cache_mb=arguments.prefix_cache_mb,
            look_ahead_children=arguments.look_ahead_children,
        )
    )
    catalog.runner(model_id)
    tokenizer = catalog.tokenizer(model_id)
    report = ModelReport(
        model_id,
        catalog.context_length(model_id),
        tokenizer.vocabulary_size,
        tokenizer.digest,
    )
    return HostedModel(engine, report, host.token)
