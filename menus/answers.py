"""What the member typed last, out of the text that Africa's Talking sends: all answers of the session joined by `*`.

A literal `*` that she typed stands between the joining ones, so splitting loses it and applies a repeated turn twice.
The difference to the text of the turn before is exact. Source: facts of captured traffic; `1` then `1**` is a typed
`*`.
"""

from collections.abc import Callable


def since(text: str, length: int, begins_as_before: Callable[[str], bool]) -> str | None:
    """The answer that `text` adds to an earlier text of `length` characters; None when it does not continue it.

    The earlier text is never kept: `begins_as_before` tells whether a beginning of `text` is that text.
    """
    if length == 0:
        return text or None
    if len(text) <= length or text[length] != "*" or not begins_as_before(text[:length]):
        return None
    return text[length + 1 :]


def split(text: str) -> list[str]:
    """The answers in a text of which no turn is known. Two empty answers in a row are one typed `*`."""
    if not text:
        return []
    answers: list[str] = []
    parts = iter(text.split("*"))
    for part in parts:
        if part == "" and (following := next(parts, None)) is not None:
            answers += ["*"] if following == "" else ["", following]
        else:
            answers.append(part)
    return answers


def join(answers: list[str]) -> str:
    """The text that these answers make."""
    return "*".join(answers)
