"""What is written so that a power cut cannot take it back."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Makes the names in the folder durable: a new file lasts only once the folder that names it is on the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
