"""The import of OpenVINO sends nothing: no telemetry, no connection, no process."""

import subprocess
import sys

from django.conf import settings

PROGRAM = """
import sys

events = []

def note(event, arguments):
    if event.startswith(("socket.connect", "socket.getaddrinfo", "subprocess", "os.fork", "http")):
        events.append(event)

sys.addaudithook(note)
import numpy as np
from wheel.engine.quiet_openvino import ops, ov

x = ops.parameter([2], np.float32)
request = ov.Core().compile_model(ov.Model([ops.add(x, x)], [x]), "CPU").create_infer_request()
assert request.infer([np.ones(2, np.float32)])[0].tolist() == [2, 2]
loaded = [name for name, module in sys.modules.items() if module and "telemetry" in name]
print(events, loaded)
"""


def test_openvino_is_imported_without_its_telemetry(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=settings.BASE_DIR,
        env={"PATH": "", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr) == ("[] []", "")
    assert list(tmp_path.iterdir()) == []
