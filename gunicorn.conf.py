"""gunicorn's settings: one process with all the models, and one thread per request in progress.

No preload: a process that has used torch must not fork. No --max-requests: a new worker would
start with cold models and empty caches.
"""

from typing import Any

from tokenwheel.environment import exit_on_setting_error, listen_address
from tokenwheel.listening import page_url, require_free_port

with exit_on_setting_error():
    bind = listen_address()
    # Wrong settings end the master here, before it starts a worker.
    from tokenwheel import settings

wsgi_app = "tokenwheel.wsgi:application"
worker_class = "tokenwheel.gunicorn_worker.HTTPServerWorker"  # limits: tokenwheel/http_server.py
workers = 1
timeout = 60
graceful_timeout = 35  # more than GRACE_S in tokenwheel/http_server.py
preload_app = False
control_socket_disable = True
forwarded_allow_ips = ""  # replaced by TRUSTED_PROXIES (tokenwheel/middleware/client_address.py)
logger_class = "tokenwheel.gunicorn_logger.GunicornLogger"
accesslog = None  # tokenwheel/middleware/request_log.py logs requests, without addresses


def on_starting(server: Any) -> None:
    if server.cfg.bind == [bind]:  # no other address is given on the command line
        with exit_on_setting_error():
            require_free_port()


def when_ready(server: Any) -> None:
    if server.cfg.bind == [bind] and not settings.HTTPS:
        server.log.info("Token Wheel is at %s", page_url(settings.URL_PREFIX))


def worker_exit(server: object, worker: object) -> None:
    """Stop the engine's thread: Python cannot end a thread that is inside torch without a crash."""
    from wheel import runtime  # noqa: PLC0415 - not before the worker has loaded the application

    runtime.stop()
