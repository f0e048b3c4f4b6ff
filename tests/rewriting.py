"""What pytest makes of every file of tests before it runs, made once for all hands of a run.

They begin together and go through the same files in the same order, so without this each would do it for itself: more
than half of what it takes them to begin.
"""

import os
import sys
from pathlib import Path

import pytest
from _pytest.assertion import rewrite
from _pytest.assertion.rewrite import assertstate_key


def rewritten(config: pytest.Config, tests: Path) -> None:
    """Writes down every file as rewritten that is not there yet, a share of them in each of so many processes."""
    if sys.dont_write_bytecode:
        return
    files, shares = sorted(tests.rglob("*.py")), os.cpu_count() or 1
    children = []
    for share in range(shares):
        child = os.fork()
        if child == 0:
            try:
                for file in files[share::shares]:
                    rewrite_one(config, file)
            finally:
                os._exit(0)  # whatever failed is done by the hands, which say what is wrong with it
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


def rewrite_one(config: pytest.Config, file: Path) -> None:
    there = rewrite.get_cache_dir(file) / (file.stem + rewrite.PYC_TAIL)
    if rewrite._read_pyc(file, there) is None and rewrite.try_makedirs(there.parent):
        stat, code = rewrite._rewrite_test(file, config)
        rewrite._write_pyc(config.stash[assertstate_key], code, stat, there)
