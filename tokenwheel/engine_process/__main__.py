"""The engine process: models and engine behind the protocol of the remote engine.

Standard input is a pipe from the server's processes. It ends when the last of them has ended,
however that came about, and the engine process ends then. Signals do not end it: a service manager
or a terminal sends them to all processes at once, while the web processes still answer requests.
"""

import logging
import os
import signal
import socket
import sys
import threading
from dataclasses import replace

from tokenwheel.engine_process.options import LIFELINE_FD, LISTENER_FD, Options
from tokenwheel.http_connection import protect_log
from tokenwheel.http_limits import limits_of_this_process
from tokenwheel.http_server import HTTPServer
from tokenwheel.logs import formatter_named
from wheel import local_engine
from wheel.remote_engine.service import EngineService

INHERITED = 256  # file descriptors below this may be those of gunicorn's listening sockets


def main() -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.closerange(LISTENER_FD + 1, INHERITED)
    options = Options.decode(sys.argv[1])
    configure_log(options)
    serve(options, socket.socket(fileno=LISTENER_FD))


def configure_log(options: Options) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(formatter_named(options.log_format))
    logging.basicConfig(level=options.log_level, handlers=[handler])
    protect_log()


def serve(options: Options, listener: socket.socket) -> None:
    """Until the lifeline ends. Then requests under way are answered."""
    catalog, engine = local_engine.build(options.engine)
    engine.start()
    catalog.start(on_loaded=local_engine.exempt_from_garbage_collection)
    timeout_s = options.engine.load_timeout_s + options.engine.timeout_s
    server = HTTPServer(
        EngineService(catalog, engine, timeout_s=timeout_s),
        [listener],
        limits=replace(limits_of_this_process(), num_threads=options.num_threads),
    )
    is_over = threading.Event()
    threading.Thread(target=watch_lifeline, args=(server, is_over), daemon=True).start()
    while not is_over.is_set():
        server.handle_events()
    server.stop()
    catalog.stop()
    engine.stop()


def watch_lifeline(server: HTTPServer, is_over: threading.Event) -> None:
    while os.read(LIFELINE_FD, 1):
        pass  # nothing is ever written
    is_over.set()
    server.wake_up()


main()
