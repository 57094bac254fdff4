"""Ray and Serve applications on this machine alone: `python -m cluster.head`.

All of Ray listens on the loopback addresses only, requires its token, and has no dashboard. It ends
with this process. A cluster of several machines is started with Ray's own commands instead, see
docs/scaling.md.
"""

# isort: split  - importing the module above sets variables that Ray reads when it is imported
import argparse
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ray
import yaml
from ray import serve
from ray.serve.schema import LoggingConfig

from cluster import single_machine
from cluster.application import Arguments, build
from wheel.remote_engine import protocol

CONFIG = Path(__file__).with_name("serve.yaml")


def main() -> None:
    arguments = parse_arguments()
    config = yaml.safe_load(arguments.config.read_text())
    applications = {
        application["name"]: build(Arguments(**application["args"]))
        for application in config["applications"]
    }
    serve_applications(
        applications,
        config["http_options"] | {"port": arguments.port},
        num_cpus=arguments.num_cpus,
        temp_dir=arguments.temp_dir,
    )


def serve_applications(
    applications: Mapping[str, serve.Application],
    http_options: dict[str, Any],
    *,
    num_cpus: int | None = None,
    temp_dir: str | None = None,
) -> None:
    """Serve the application of each model id until SIGTERM or SIGINT."""
    single_machine.require_token()
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


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, default=CONFIG)
    parser.add_argument("--port", type=int, default=8100, help="of the engine service")
    parser.add_argument("--num-cpus", type=int, help="that replicas may take; default: all")
    parser.add_argument("--temp-dir", help="of Ray's logs and sockets; an absolute path")
    return parser.parse_args()


if __name__ == "__main__":
    main()
