"""A real server process, as `make run` starts it, on a free port and a database of its own."""

from pathlib import Path
from typing import Any

import requests
from django.conf import settings

from bench.server import ServerProcess


class Server(ServerProcess):
    """data_dir: where its database is; the models are those of `make setup`."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        super().__init__(
            data_dir,
            {
                "TRANSFORMERS_CACHE": str(settings.TRANSFORMERS_CACHE),
                **environment,
            },
        )
        self._environment.pop("DJANGO_SETTINGS_MODULE", None)  # the tests' own; `make run` has none
        self.url = f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **query: Any) -> requests.Response:
        return requests.get(self.url + path, params=query, timeout=60)

    def post(self, path: str, body: Any = None) -> requests.Response:
        return requests.post(self.url + path, json=body or {}, timeout=60)
