"""The real nginx with the example of docs/deploy, in front of a server on this machine."""

import getpass
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.server import free_port
from tests.waiting import HANGING_S

DEPLOY = Path(__file__).resolve().parents[2] / "docs" / "deploy"
HOST = "wheel.school.example"


def example() -> str:
    return (DEPLOY / "nginx.conf").read_text()


@contextmanager
def running_nginx(folder: Path, site: str, port_of_server: int) -> Iterator[tuple[int, int]]:
    """A site with free ports and other paths, included in a complete configuration. Gives the ports
    for HTTP and HTTPS."""
    http, https = free_port(), free_port()
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
            *("-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST},DNS:localhost"),
            *("-keyout", "privkey.pem", "-out", "fullchain.pem"),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    for old, new in {
        r"listen \[::\].*;": "",
        r"listen 80;": f"listen 127.0.0.1:{http};",
        r"listen 443": f"listen 127.0.0.1:{https}",
        r"127\.0\.0\.1:8000": f"127.0.0.1:{port_of_server}",
        r"/etc/ssl/tokenwheel": str(folder),
        r"/var/log/nginx": str(folder),
    }.items():
        assert re.search(old, site), old
        site = re.sub(old, new, site)
    config = folder / "nginx.conf"
    paths = " ".join(
        f"{name}_temp_path {folder}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config.write_text(
        f"user {getpass.getuser()}; daemon off;\n"
        f"pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{ {paths}\n{site} }}\n"
    )
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "nginx is not installed: apt-get install nginx-light"
    subprocess.run([program, "-t", "-c", str(config)], check=True, capture_output=True)
    process = subprocess.Popen([program, "-c", str(config)])
    try:
        yield http, https
    finally:
        process.terminate()
        process.wait(timeout=HANGING_S)
