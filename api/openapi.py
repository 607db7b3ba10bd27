"""The OpenAPI description of the API, and the reference that is made of it."""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import orjson

from api.guard import Needs
from api.main import api
from api.problems import PROBLEMS
from api.scopes import SCOPES

METHODS = ("get", "post", "put", "patch", "delete")


@cache
def get_schema() -> dict[str, Any]:
    """Return the description as OpenAPI 3.1 has it; it does not change while a process lives."""
    schema: dict[str, Any] = api.get_openapi_schema(path_prefix="/api/v1/")
    schema["components"]["schemas"]["ProblemOut"] = _problem_schema()
    schema["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    needs = _needs_by_operation()
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            need = needs[operation["operationId"]]
            operation["security"] = [{"token": []}]
            operation["x-scope"] = need.scope
            operation["x-permissions"] = list(need.permissions)
            said = operation.get("description", "")
            operation["description"] = f"{said}\n\nScope: `{need.scope}`.".strip()
            writes = method != "get" and not need.reads
            operation.setdefault("parameters", []).extend(_headers(writes, "{pk}" in path))
            operation["responses"]["default"] = {
                "description": "Refused",
                "content": {
                    "application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemOut"}}
                },
            }
    return orjson.loads(orjson.dumps(schema, default=str, option=orjson.OPT_NON_STR_KEYS))


def _needs_by_operation() -> dict[str, Needs]:
    found: dict[str, Needs] = {}
    for bound in api._get_bound_routers():
        for view in bound.path_operations.values():
            for operation in view.operations:
                name = operation.operation_id or api.get_openapi_operation_id(operation)
                found[name] = operation.auth_callbacks[0]  # type: ignore[assignment]
    return found


def _headers(writes: bool, is_one: bool) -> list[dict[str, Any]]:
    def header(name: str, words: str) -> dict[str, Any]:
        return {"name": name, "in": "header", "description": words, "schema": {"type": "string"}}

    if not writes:
        return [header("If-None-Match", "The ETag that you have: 304 where nothing changed.")]
    key = header("Idempotency-Key", "Sent again with the same key and body, it is done once (24 hours).")
    match = header("If-Match", "The ETag that you read: 412 where somebody saved it since.")
    return [key, match] if is_one else [key]


def _problem_schema() -> dict[str, Any]:
    from api.schemas.common import ProblemOut

    schema = ProblemOut.model_json_schema()
    schema["properties"]["errors"] = {
        "anyOf": [{"type": "array", "items": schema.pop("$defs")["FieldProblem"]}, {"type": "null"}]
    }
    return schema


# --- The reference -------------------------------------------------------------------------------
@dataclass(slots=True)
class Row:
    """A parameter or a field: what it is called, what it may be, whether it must be there."""

    name: str
    kind: str
    required: bool
    words: str = ""


@dataclass(slots=True)
class Operation:
    """One operation, as the page shows it."""

    id: str
    method: str
    path: str
    title: str
    words: str
    scope: str
    parameters: list[Row] = field(default_factory=list)
    fields: list[Row] = field(default_factory=list)
    example: str = ""
    answers: str = ""


@cache
def get_reference() -> dict[str, Any]:
    """Return what the page shows: operations by heading, scopes, codes."""
    schema = get_schema()
    groups: dict[str, list[Operation]] = defaultdict(list)
    for path, item in schema["paths"].items():
        for method in METHODS:
            if method in item:
                groups[item[method]["tags"][0]].append(_operation(schema, path, method, item[method]))
    scopes = [(name, words) for name, (words, _) in SCOPES.items()]
    codes = [(code, status, title) for code, (status, title) in PROBLEMS.items()]
    return {"groups": dict(groups), "scopes": scopes, "codes": codes}


def _operation(schema: dict[str, Any], path: str, method: str, said: dict[str, Any]) -> Operation:
    words = said["description"].rpartition("Scope:")[0].strip()
    content = said.get("requestBody", {}).get("content", {})
    body = next((_follow(schema, each["schema"]) for each in content.values()), {})
    parameters = [
        Row(each["name"], _kind(schema, each["schema"]), each.get("required", False), _words(each))
        for each in said["parameters"]
        if each["in"] != "header"
    ]
    return Operation(
        id=said["operationId"],
        method=method.upper(),
        path=path,
        title=said["summary"],
        words=words,
        scope=said["x-scope"],
        parameters=parameters,
        fields=_fields(schema, body),
        example=_pretty(_example(schema, body)) if body.get("properties") else "",
        answers=_answers(schema, said),
    )


def _answers(schema: dict[str, Any], said: dict[str, Any]) -> str:
    for status, answer in said["responses"].items():
        for content in answer.get("content", {}).values():
            if status != "default":
                return _pretty(_example(schema, content["schema"]))
    return ""


def _follow(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in part:
        part = schema["components"]["schemas"][part["$ref"].rpartition("/")[2]]
    return part


def _fields(schema: dict[str, Any], body: dict[str, Any]) -> list[Row]:
    required = set(body.get("required", ()))
    return [
        Row(name, _kind(schema, part), name in required, _words(part))
        for name, part in body.get("properties", {}).items()
    ]


def _words(part: dict[str, Any]) -> str:
    return str(part.get("description") or part.get("schema", {}).get("description") or "")


def _kind(schema: dict[str, Any], part: dict[str, Any]) -> str:
    part = _follow(schema, part)
    if choices := part.get("enum"):
        return " | ".join(f'"{each}"' for each in choices)
    if several := part.get("anyOf"):
        return " or ".join(_kind(schema, each) for each in several)
    kind = str(part.get("format") or part.get("type") or "anything")
    return f"list of {_kind(schema, part['items'])}" if kind == "array" and "items" in part else kind


def _example(schema: dict[str, Any], part: dict[str, Any], depth: int = 0) -> Any:
    """Return a value that the schema allows: the first example, else the default, else one of its kind."""
    if "examples" in part:
        return part["examples"][0]
    part = _follow(schema, part)
    if "examples" in part:
        return part["examples"][0]
    if "default" in part:
        return part["default"]
    if several := part.get("anyOf") or part.get("allOf"):
        return _example(schema, several[0], depth)
    if choices := part.get("enum"):
        return choices[0]
    match part.get("type"):
        case "object":
            inner = part.get("properties", {})
            return (
                {name: _example(schema, each, depth + 1) for name, each in inner.items()} if depth < 5 else {}
            )
        case "array":
            return [_example(schema, part.get("items", {}), depth + 1)]
        case "integer":
            return 1
        case "boolean":
            return True
        case "null":
            return None
    return "2026-01-31T12:00:00Z" if part.get("format") == "date-time" else ""


def _pretty(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
