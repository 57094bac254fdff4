"""gunicorn's settings: `WEB_PROCESSES` processes with one thread per request in progress.

No preload: a process that has used torch must not fork. No --max-requests: a new worker would
start with cold models and empty caches.
"""

import os
from typing import Any

from tokenwheel import shared_metrics
from tokenwheel.engine_process import supervisor
from tokenwheel.environment import exit_on_setting_error, listen_address
from tokenwheel.listening import page_url, require_free_port

with exit_on_setting_error():
    bind = listen_address()
    # Wrong settings end the master here, before it starts a worker.
    from tokenwheel import settings

wsgi_app = "tokenwheel.wsgi:application"
worker_class = "tokenwheel.gunicorn_worker.HTTPServerWorker"  # limits: tokenwheel/http_server.py
workers = settings.WEB_PROCESSES
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
    if settings.WHEEL_METRICS and server.cfg.workers > 1:
        with exit_on_setting_error():
            shared_metrics.create_folder(settings.DATA_DIR, server.cfg.bind)
    with exit_on_setting_error():
        supervisor.start(settings, server.log)


def when_ready(server: Any) -> None:
    if server.cfg.bind == [bind] and not settings.HTTPS:
        server.log.info("Token Wheel is at %s", page_url(settings.URL_PREFIX))


def post_fork(server: object, worker: object) -> None:
    shared_metrics.allocate_files(os.getpid())


def post_worker_init(worker: object) -> None:
    from tokenwheel import figures_publisher  # noqa: PLC0415 - as in worker_exit

    if folder := shared_metrics.current_folder():
        figures_publisher.start(folder)


def worker_exit(server: object, worker: object) -> None:
    """Stop the engine's thread: Python cannot end a thread that is inside torch without a crash."""
    # Not before the worker has loaded the application.
    from tokenwheel import figures_publisher  # noqa: PLC0415
    from wheel import runtime  # noqa: PLC0415

    runtime.stop()
    figures_publisher.stop()


def child_exit(server: Any, worker: Any) -> None:
    shared_metrics.retire_process(worker.pid)


def on_exit(server: Any) -> None:
    supervisor.stop()  # all workers have ended
