"""Archives of a group, honest ones and what forgers make of them."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gateway.commands import export
from gateway.wiring import Wiring

if TYPE_CHECKING:
    from tests.chamas.conftest import Village

Check = Callable[..., tuple[int, str]]
Row = dict[str, str]


def made(wiring: Wiring, village: "Village", **how: Any) -> bytes:
    body = export.made(wiring, village.chama_id, **how)
    assert body is not None
    return body


def resealed(body: bytes, name: str, change: Callable[[list[Row]], list[Row] | None]) -> bytes:
    """The archive with another CSV file in it and a manifest that fits: what a careful forger sends."""
    rows = rows_of(body, name)
    header, changed = list(rows[0]), change(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows if changed is None else changed)
    return refilled(body, name, text.getvalue().encode())


def refilled(body: bytes, name: str, part: bytes) -> bytes:
    """The archive with this file in it, and a manifest that fits unless it is the manifest itself."""
    with zipfile.ZipFile(io.BytesIO(body)) as files:
        parts = {one: files.read(one) for one in files.namelist()} | {name: part}
    if name != "manifest.json":
        manifest = json.loads(parts["manifest.json"])
        manifest["files"][name] = hashlib.sha256(part).hexdigest()
        parts["manifest.json"] = json.dumps(manifest).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as files:
        for one, content in parts.items():
            files.writestr(one, content)
    return out.getvalue()


def rows_of(body: bytes, name: str) -> list[Row]:
    with zipfile.ZipFile(io.BytesIO(body)) as files:
        return list(csv.DictReader(io.StringIO(files.read(name).decode())))
