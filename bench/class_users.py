"""Locust's users: the members of a class, and the page of its teacher that shows the wall.

Run by `bench.class_load`, which names the class in the environment. A member joins by the code, and
from then on spins and asks for the state of its class in turn, as a page with a student does.
"""

import os

from locust import HttpUser, between, constant_pacing, task
from locust.clients import ResponseContextManager

CODE = os.environ["BENCH_CODE"]
WALL = f"/classrooms/{os.environ['BENCH_CLASSROOM_ID']}/wall"
COOKIE = os.environ["BENCH_COOKIE"]
NOT_MODIFIED = 304


class Member(HttpUser):
    wait_time = between(1.0, 2.0)  # a spin and a question each three seconds

    def on_start(self) -> None:
        joined = self.client.post(f"/api/classrooms/{CODE}/sessions", name="join").json()
        self.session_id = joined["session_id"]
        self.etag = ""

    @task
    def spin(self) -> None:
        url = f"/api/sessions/{self.session_id}"
        self.client.post(f"{url}/spin?history=none", name="spin")
        self.client.get(f"{url}/next-token-probs", name="next wheel")

    @task
    def follow_class(self) -> None:
        self.etag = get_if_changed(self, f"/wheel/{self.session_id}/class", self.etag, "class")


class Wall(HttpUser):
    fixed_count = 1
    wait_time = constant_pacing(2.0)

    def on_start(self) -> None:
        self.client.headers["Cookie"] = COOKIE
        self.client.headers["HX-Request"] = "true"
        self.etag = ""

    @task
    def poll(self) -> None:
        self.etag = get_if_changed(self, WALL, self.etag, "wall")


def get_if_changed(user: HttpUser, path: str, etag: str, name: str) -> str:
    """GET with If-None-Match; returns the ETag. Answers 304 are counted under a name of their
    own."""
    headers = {"If-None-Match": etag} if etag else {}
    response: ResponseContextManager
    with user.client.get(path, headers=headers, name=name, catch_response=True) as response:
        if response.status_code == NOT_MODIFIED:
            response.request_meta = {**response.request_meta, "name": f"{name}, unchanged"}
    return response.headers.get("ETag", etag)
