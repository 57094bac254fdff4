"""How gunicorn serves Token Wheel: one process with all the models, and a thread a request.

No preload: a process that has used torch must not fork. No --max-requests: a new worker would
start with cold models and empty caches.
"""

import os

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
wsgi_app = "tokenwheel.wsgi:application"
worker_class = "gthread"
workers = 1
threads = 64
timeout = 60
graceful_timeout = 30
keepalive = 5
preload_app = False
control_socket_disable = True
forwarded_allow_ips = ""  # whom to believe is TRUSTED_PROXIES' business alone
logger_class = "tokenwheel.logs.GunicornLogger"
accesslog = None  # tokenwheel/middleware/request_log.py writes a line a request, without addresses


def worker_exit(server: object, worker: object) -> None:
    """Python ends threads of its own in peace, but not one that is in the middle of torch."""
    from wheel import runtime  # noqa: PLC0415 - not before the worker has loaded the application

    runtime.stop()
