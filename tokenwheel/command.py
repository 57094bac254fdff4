"""The command `tokenwheel`: prepare and serve, or run one of Django's commands."""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Sequence

from tokenwheel.database_outage import exit_on_database_outage
from tokenwheel.environment import (
    exit_on_setting_error,
    listen_address,
    num_web_processes,
    one_of,
    require,
)
from tokenwheel.listening import require_free_port
from wheel.installation import FOLDER, VERSION

IS_WINDOWS = os.name == "nt"
SERVERS = ["waitress"] if IS_WINDOWS else ["gunicorn", "waitress"]
DESCRIPTION = """\
Sets up the data folder and serves Token Wheel on http://HOST:PORT until Ctrl-C. All settings are
environment variables; the README lists them.
"""
EXAMPLES = """\
other commands:
  tokenwheel prepare               set up the data folder, without serving
  tokenwheel download_models gpt2  fetch a model from the model hub
  tokenwheel create_teacher        create a teacher's login for the admin pages
  tokenwheel createsuperuser       create a login that sees the classes of all teachers
  tokenwheel check --deploy        check the settings
  tokenwheel help                  list all commands
"""


def main() -> None:
    """Read the command line of this process, and run it to the end."""
    options = parse_arguments(sys.argv[1:])
    set_variables(HOST=options.host, PORT=options.port)
    if options.command:
        sys.argv[1:] = options.command  # which the app and Django's reloader read, too
        run_django_command(["tokenwheel", *options.command])
    else:
        prepare_and_serve()


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tokenwheel",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"tokenwheel {VERSION}")
    parser.add_argument("--host", help="address to listen on, instead of the variable HOST")
    parser.add_argument("--port", help="port to listen on, instead of the variable PORT")
    parser.add_argument(
        "command", nargs=argparse.REMAINDER, help="a command, with its own arguments"
    )
    return parser.parse_args(arguments)


def set_variables(**values: str | None) -> None:
    os.environ.update({name: value for name, value in values.items() if value is not None})


def run_django_command(argv: Sequence[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - takes long

    with exit_on_setting_error(), exit_on_database_outage():
        execute_from_command_line(list(argv))


def prepare_and_serve() -> None:
    """Ends with the status of `prepare` if that fails. A wrong setting of the server ends it first,
    since preparing may take minutes."""
    with exit_on_setting_error():
        listen_address()
        require_free_port()
        serve = chosen_server()
    try:
        status = prepare()
    except KeyboardInterrupt:
        sys.exit(130)
    if status:
        sys.exit(status)
    serve()


def prepare() -> int:
    """Run `prepare` in a process of its own, and return its status.

    It may import torch, with which a process must neither fork nor waste memory while it serves.
    """
    command = [sys.executable, "-P", "-m", "tokenwheel", "prepare"]  # -P: not from this folder
    path = os.pathsep.join(filter(None, [str(FOLDER), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": path}, check=False)  # noqa: S603
    return done.returncode


def chosen_server() -> Callable[[], None]:
    """The function that serves, by the variable SERVER. gunicorn does not run on Windows."""
    name = one_of("SERVER", SERVERS[0], SERVERS)
    if name == "gunicorn":
        return serve_with_gunicorn
    require(num_web_processes() == 1, "WEB_PROCESSES", "must be 1 with SERVER=waitress")
    return serve_with_waitress


def serve_with_gunicorn() -> None:
    """gunicorn adds the current folder to the front of the Python path. The project's packages are
    imported before that, so that others with their names are not."""
    from gunicorn.app import wsgiapp  # noqa: PLC0415 - does not import on Windows

    sys.argv = ["gunicorn", "--config", str(FOLDER / "gunicorn.conf.py")]
    wsgiapp.run()


def serve_with_waitress() -> None:
    from tokenwheel import serve_without_gunicorn  # noqa: PLC0415 - takes long

    serve_without_gunicorn.serve()
