"""The OpenAPI 3.1 document of `/api/v1`, made from the table of operations."""

import re
from typing import Any

from marshmallow import Schema, fields, validate

from gateway.api import repeats
from gateway.api.answers import schema_of
from gateway.api.operation import Operation
from gateway.api.operations import OPERATIONS
from gateway.api.questions import Walk

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
    },
}
TYPES: dict[type, str] = {fields.Integer: "integer", fields.Boolean: "boolean", fields.List: "array"}
ABOUT = "Groups, payments and seals of PesaChama. Money is whole cents, instants are UTC, phones are masked."


def document() -> dict[str, Any]:
    """The whole document, as JSON has it."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(f"/api/v1{operation.path}", {})[operation.method.lower()] = _operation(operation)
    rows = {operation.answer.__name__: operation.answer for operation in OPERATIONS}
    return {
        "openapi": "3.1.0",
        "info": {"title": "PesaChama Gateway", "version": "1", "description": ABOUT},
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": PROBLEM, **{name: schema_of(kind) for name, kind in sorted(rows.items())}},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    problem = {"description": "A problem", "content": {"application/problem+json": {"schema": _named("Problem")}}}
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": _parameters(operation),
        "responses": {
            "200": {"description": "Found", "content": {"application/json": {"schema": _answer(operation)}}},
            "default": problem,
        },
    }
    if operation.body:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _body(operation.body())}},
        }
    return described


def _body(schema: Schema) -> dict[str, Any]:
    needed = sorted(name for name, field in schema.fields.items() if field.required)
    properties = {name: _field(field) for name, field in schema.fields.items()}
    return {"type": "object", **({"required": needed} if needed else {}), "properties": properties}


def _answer(operation: Operation) -> dict[str, Any]:
    row = _named(operation.answer.__name__)
    if not operation.is_list:
        return row
    properties: dict[str, Any] = {"items": {"type": "array", "items": row}, "next": {"type": ["string", "null"]}}
    if operation.edge:
        properties["archived_before"] = {
            "type": ["string", "null"],
            "format": "date-time",
            "description": "What was recorded before this instant is put away with its season, and not in the list",
        }
    return {"type": "object", "required": list(properties), "properties": properties}


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    whole = {"type": "integer"}
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": whole}
        for name in re.findall(r"{(\w+)}", operation.path)
    ]
    if operation.keyed:
        found.append(
            {
                "name": repeats.HEADER,
                "in": "header",
                "required": True,
                "description": "Yours for this request: the same key gets the same answer, and one effect",
                "schema": {"type": "string", "minLength": 1, "maxLength": repeats.LONGEST},
            }
        )
    schemas: list[type[Schema]] = [Walk] if operation.is_list else []
    for schema in [*schemas, *([operation.query] if operation.query else [])]:
        found.extend(
            {"name": name, "in": "query", "description": field.metadata["description"], "schema": _field(field)}
            for name, field in schema().fields.items()
        )
    return found


def _field(field: fields.Field[Any]) -> dict[str, Any]:
    described: dict[str, Any] = {"type": TYPES.get(type(field), "string")}
    if isinstance(field, fields.List):
        described["items"] = _field(field.inner)
    if field.allow_none:
        described["type"] = [described["type"], "null"]
    if isinstance(field, fields.DateTime):
        described["format"] = "date-time"
    for rule in field.validators:
        if isinstance(rule, validate.Range):
            described |= {"minimum": rule.min, "maximum": rule.max}
        elif isinstance(rule, validate.OneOf):
            described["enum"] = list(rule.choices)
    return described


def _named(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}
