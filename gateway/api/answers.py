"""Rows as JSON, and the same rows as JSON Schema: both are read off the dataclass, so they cannot differ."""

from dataclasses import fields, is_dataclass
from datetime import datetime
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from gateway.printing import machine_time

# A truth is a number to Python, so it is looked for first.
PLAIN: dict[Any, dict[str, Any]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    str: {"type": "string"},
    datetime: {"type": "string", "format": "date-time"},
}


def as_json(value: Any) -> Any:
    """A row, or a part of one, in types that JSON has; instants in UTC."""
    if is_dataclass(value):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return machine_time(value)
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    return value


def schema_of(kind: Any) -> dict[str, Any]:
    """The JSON Schema of a row type or of one of its fields; raises TypeError for a type that no row has yet."""
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        properties = {field.name: schema_of(hints[field.name]) for field in fields(kind)}
        return {"type": "object", "required": list(properties), "properties": properties}
    if get_origin(kind) in (Union, UnionType):
        (inner,) = (part for part in get_args(kind) if part is not NoneType)
        return {**schema_of(inner), "type": [schema_of(inner)["type"], "null"]}
    if get_origin(kind) is Literal:
        return {"type": "string", "enum": list(get_args(kind))}
    if get_origin(kind) in (list, tuple):
        return {"type": "array", "items": schema_of(get_args(kind)[0])}
    for plain, schema in PLAIN.items():
        if isinstance(kind, type) and issubclass(kind, plain):
            return dict(schema)
    raise TypeError(f"no JSON Schema for {kind}")
