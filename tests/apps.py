"""What hundreds of apps of one run have in common is made once: nothing in it is an app's own.

The looks over the menu, what builds the addresses of a hundred routes, and the templates as Python would otherwise be
most of what it takes to make an app and to ask it for a page.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import CodeType
from typing import Any

import pytest
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule
from werkzeug.routing.rules import RulePart

from gateway.app import Gateway
from menus import validator


class Kept(BytecodeCache):
    """Templates compiled in this process, by name and content."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = bucket.code


@contextmanager
def alike() -> Iterator[None]:
    """For the length of a block."""
    builders: dict[Any, Any] = {}
    parsed: dict[str, tuple[list[RulePart], list[tuple[bool, str]], dict[str, Any]]] = {}
    build, parse = Rule._compile_builder, Rule._parse_rule

    def once(rule: Rule, append_unknown: bool = True) -> Any:
        key = rule.rule, str(rule.defaults), tuple(rule._trace), append_unknown
        return builders.get(key) or builders.setdefault(key, build(rule, append_unknown))

    def parsed_once(rule: Rule, text: str) -> list[RulePart]:
        if text not in parsed:
            before = len(rule._trace)
            parts = list(parse(rule, text))
            parsed[text] = parts, rule._trace[before:], dict(rule._converters)
            return parts
        parts, trace, converters = parsed[text]
        rule._trace += trace
        rule._converters |= converters
        rule.arguments |= converters.keys()
        return parts

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_parse_rule", parsed_once)
        patch.setattr(Rule, "_compile_builder", once)
        patch.setattr(validator, "check", cache(validator.check))
        patch.setattr(Gateway, "jinja_options", {"bytecode_cache": Kept()})
        yield
