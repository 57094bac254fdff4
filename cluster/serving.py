"""Serving of applications on this machine alone, until the process is told to end.

Importing this module imports Ray, so `single_machine.use` has to be called before.
"""

import signal
import sys
import threading
from collections.abc import Mapping
from typing import Any

import ray
from ray import serve
from ray.serve.schema import LoggingConfig

from cluster.single_machine import require_use
from wheel.remote_engine import protocol


def serve_applications(
    applications: Mapping[str, serve.Application],
    http_options: dict[str, Any],
    *,
    num_cpus: int | None = None,
    temp_dir: str | None = None,
) -> None:
    """Serve the application of each model id until SIGTERM or SIGINT."""
    require_use()
    is_over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: is_over.set())
    ray.init(address="local", num_cpus=num_cpus, include_dashboard=False, _temp_dir=temp_dir)
    serve.start(http_options=http_options, logging_config=LoggingConfig(enable_access_log=False))
    for model_id, application in applications.items():
        serve.run(application, name=model_id, route_prefix=f"{protocol.PREFIX}/{model_id}")
    sys.stdout.write(f"The engine service is at http://127.0.0.1:{http_options['port']}\n")
    sys.stdout.flush()
    is_over.wait()
    serve.shutdown()
    ray.shutdown()
