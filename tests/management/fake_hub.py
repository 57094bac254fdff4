"""A fake model hub on this machine, with the addresses that `snapshot_download` requests.

It can break a connection in the middle of a file, stop answering, or serve a damaged file, and it
records all requests.
"""

import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.checkpoints import COMMIT

WEIGHTS = "model.safetensors"


class FakeHub:
    """Serves the files of one folder as one repository.

    contents      what is sent for each file; `etags` are always those of the true files
    break_after   the first answer with the weights ends after so many bytes
    breaks_down   whether no request is answered after that
    portal        an HTML page that answers every request, as a school's filter does
    """

    def __init__(self, repo_id, folder):
        self.repo_id = repo_id
        self.contents = {file.name: file.read_bytes() for file in folder.iterdir()}
        self.etags = {file.name: file.resolve().name for file in folder.iterdir()}
        self.break_after = None
        self.breaks_down = False
        self.is_down = False
        self.portal = None
        self.requests = []  # (method, path, Range header)

    def put(self, name, content):
        self.contents[name] = content
        self.etags[name] = hashlib.sha256(content).hexdigest()

    def fetched(self):
        """The files that were sent, each with the requested range."""
        return [
            (path.rpartition("/")[2], requested_range)
            for method, path, requested_range in self.requests
            if method == "GET" and "/resolve/" in path
        ]

    def tree(self):
        return [self.tree_entry(name, content) for name, content in self.contents.items()]

    def tree_entry(self, name, content):
        entry = {"type": "file", "path": name, "size": len(content), "oid": self.etags[name][:40]}
        if name == WEIGHTS:
            entry["lfs"] = {"oid": self.etags[name], "size": len(content), "pointerSize": 130}
        return entry

    @contextmanager
    def serving(self):
        """Listen; gives the address for HF_ENDPOINT."""
        server = HubServer(("127.0.0.1", 0), HubHandler)
        server.hub = self
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class HubServer(ThreadingHTTPServer):
    hub: FakeHub


class HubHandler(BaseHTTPRequestHandler):
    server: HubServer

    @property
    def hub(self):
        return self.server.hub

    def do_HEAD(self):
        self.answer(has_body=False)

    def do_GET(self):
        self.answer(has_body=True)

    def answer(self, *, has_body):
        hub, path = self.hub, urlsplit(self.path).path
        hub.requests.append((self.command, path, self.headers.get("Range")))
        if hub.is_down:
            self.close_connection = True
        elif hub.portal is not None:
            self.send(hub.portal.encode(), {"Content-Type": "text/html"}, has_body=has_body)
        elif path == f"/api/models/{hub.repo_id}/revision/main":
            self.send_json({"id": hub.repo_id, "sha": COMMIT, "siblings": []})
        elif path == f"/api/models/{hub.repo_id}/tree/{COMMIT}":
            self.send_json(hub.tree())
        elif path.startswith(f"/{hub.repo_id}/resolve/{COMMIT}/"):
            self.send_file(path.rpartition("/")[2], has_body=has_body)
        else:
            self.send_error(404)

    def send_json(self, answer):
        self.send(json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def send_file(self, name, *, has_body):
        content, first = self.hub.contents[name], 0
        headers = {"ETag": f'"{self.hub.etags[name]}"', "X-Repo-Commit": COMMIT}
        requested_range = self.headers.get("Range")
        if requested_range:
            first = int(requested_range.removeprefix("bytes=").partition("-")[0])
            headers["Content-Range"] = f"bytes {first}-{len(content) - 1}/{len(content)}"
        self.send(
            content[first:],
            headers,
            status=206 if requested_range else 200,
            has_body=has_body,
            break_after=self.take_break() if name == WEIGHTS and has_body else None,
        )

    def take_break(self):
        hub = self.hub
        num_bytes, hub.break_after = hub.break_after, None
        if num_bytes is not None and hub.breaks_down:
            hub.is_down = True
        return num_bytes

    def send(self, body, headers, *, status=200, has_body=True, break_after=None):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if has_body:
            self.wfile.write(body[:break_after])

    def log_message(self, *arguments):
        """Keep requests off the terminal."""


def damaged(content):
    """The same content with one byte changed."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
