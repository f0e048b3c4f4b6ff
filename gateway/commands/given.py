"""The settings that a command is given, without anything that they are for."""

import os
import sys

from gateway.settings import BadSettings, Settings, read


def settings() -> Settings:
    """The environment's settings; ends the process with every gap named when there are any."""
    try:
        return read(os.environ)
    except BadSettings as gaps:
        sys.exit(f"The settings are not complete:\n{gaps}\nSee .env.example.")
