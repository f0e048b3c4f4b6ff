"""What every command starts with: the settings of the environment and the wiring built from them."""

import os
import sys

from gateway import log, outbound
from gateway.clock import OffsetClock, SystemClock
from gateway.settings import BadSettings, Settings, read
from gateway.wiring import Process, Wiring


def settings() -> Settings:
    """The environment's settings; ends the process with every gap named when there are any."""
    try:
        return read(os.environ)
    except BadSettings as gaps:
        sys.exit(f"The settings are not complete:\n{gaps}\nSee .env.example.")


def wiring(process: Process) -> Wiring:
    """The wiring of this process, its log started, its clock the simulated one where CLOCK_URL says so."""
    chosen = settings()
    log.start(chosen.log_level)
    clock = OffsetClock(outbound.clock_offset(chosen.clock_url)) if chosen.clock_url else SystemClock()
    return Wiring(chosen, process, clock)
