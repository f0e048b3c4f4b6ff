"""What the tests measure with leaves nothing behind, however a run ends."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.instruments import fast_folder

RUN = """
import time
from tests.instruments import fast_folder
with fast_folder() as folder:
    (folder / "rows").write_text("x")
    print(folder, flush=True)
    time.sleep(60)
"""


def test_a_killed_run_leaves_no_folder_behind() -> None:
    with subprocess.Popen([sys.executable, "-c", RUN], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout
        folder = Path(run.stdout.readline().strip())
        assert (folder / "rows").exists()
        run.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while folder.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_run_that_ends_clears_its_folder_itself() -> None:
    with fast_folder() as folder:
        (folder / "rows").write_text("x")
    assert not folder.exists()
