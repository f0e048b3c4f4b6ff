"""One line of `pesachama verify`: an invariant that was derived again, and whether it holds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`count` is how many things were looked at; `detail` says what is wrong and is empty when all is well."""

    name: str
    ok: bool
    detail: str
    count: int
