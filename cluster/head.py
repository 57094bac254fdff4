"""Ray and Serve applications on this machine alone: `python -m cluster.head`.

All of Ray listens on the loopback addresses only, requires its token, and has no dashboard. It ends
with this process. A cluster of several machines is started with Ray's own commands instead, see
docs/scaling.md.
"""

import argparse
from pathlib import Path

import yaml

from cluster import single_machine

CONFIG = Path(__file__).with_name("serve.yaml")


def main() -> None:
    arguments = parse_arguments()
    config = yaml.safe_load(arguments.config.read_text())
    single_machine.use()
    from cluster.application import Arguments, build  # noqa: PLC0415 - imports Ray
    from cluster.serving import serve_applications  # noqa: PLC0415

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


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, default=CONFIG)
    parser.add_argument("--port", type=int, default=8100, help="of the engine service")
    parser.add_argument("--num-cpus", type=int, help="that replicas may take; default: all")
    parser.add_argument("--temp-dir", help="of Ray's logs and sockets; an absolute path")
    return parser.parse_args()


if __name__ == "__main__":
    main()
