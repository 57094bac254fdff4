"""Ray and the Serve applications of a configuration on this machine alone: `python -m cluster.head`.

All of Ray listens on the loopback addresses only, requires its token, and has no dashboard. It ends
with this process. A cluster of several machines is started with Ray's own commands instead, see
docs/scaling.md.
"""

import argparse
import os
import signal
import threading
from pathlib import Path
from typing import Any

# Read when Ray is imported. Without the first, Ray binds to all of the machine's addresses.
os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
os.environ["RAY_AUTH_MODE"] = "token"
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

import ray
import yaml
from ray import serve

from cluster.application import Arguments, build

CONFIG = Path(__file__).with_name("serve.yaml")


def main() -> None:
    arguments = parse_arguments()
    config = yaml.safe_load(arguments.config.read_text())
    is_over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: is_over.set())
    ray.init(
        address="local",
        num_cpus=arguments.num_cpus,
        include_dashboard=False,
        _temp_dir=arguments.temp_dir,
        log_to_driver=True,
    )
    serve.start(http_options=config["http_options"] | {"port": arguments.port})
    for application in config["applications"]:
        run(application)
    print(f"The engine service is at http://127.0.0.1:{arguments.port}", flush=True)
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


def run(application: dict[str, Any]) -> None:
    serve.run(
        build(Arguments(**application["args"])),
        name=application["name"],
        route_prefix=application["route_prefix"],
    )


if __name__ == "__main__":
    main()
