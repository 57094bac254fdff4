"""Ray on this machine alone: all of its ports on the loopback addresses.

Ray binds to the loopback addresses where it supports no clusters, which an environment variable
says. One server does not follow it: that of a replica for other deployments, which would listen on
all addresses. It requires Ray's token, but has no client here.
"""

import os

VARIABLE = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"


def bind_replica_to_loopback() -> None:
    """Call in a replica, before it is ready. Does nothing on a machine of a cluster."""
    if os.environ.get(VARIABLE) != "0":
        return
    from ray.serve._private import replica  # noqa: PLC0415 - not needed on a cluster

    add_port = replica.add_port_to_grpc_server

    def add_loopback_port(server: object, address: str) -> int:
        port: int = add_port(server, address.replace("[::]", "127.0.0.1"))
        return port

    replica.add_port_to_grpc_server = add_loopback_port
