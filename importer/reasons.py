"""Why something is as it is, as a code and what its sentence needs; `importer.sentences` has the words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Reason:
    """A code with the parameters that its sentence names, and perhaps what to say after it.

    Parameters are text and numbers, as JSON has them: amounts of seconds, counts, hosts, others' own words.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    then: Reason | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads: `{"code", "params", "then"}`, without what is empty."""
        values = {"code": self.code, "params": dict(self.params), "then": self.then and self.then.to_json()}
        return {name: value for name, value in values.items() if value}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        then = values.get("then")
        return cls(values["code"], values.get("params", {}), cls.from_json(then) if then else None)

    def to_text(self) -> str:
        return json.dumps(self.to_json(), ensure_ascii=False)


def try_again(seconds: float | None) -> Reason:
    """Return when another try is worth it: after so many seconds, where that is known."""
    if seconds is None:
        return Reason("try_again_later")
    if seconds < 90:
        return Reason("try_again_in_seconds", {"count": max(2, round(seconds))})
    if seconds < 5400:
        return Reason("try_again_in_minutes", {"count": max(2, round(seconds / 60))})
    return Reason("try_again_in_hours", {"count": round(seconds / 3600)})
