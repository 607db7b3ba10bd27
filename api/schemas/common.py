"""What several subjects have: amounts, things by name, pages, problems."""

from decimal import Decimal
from typing import Any, Generic, TypeVar

from ninja import Field, Schema
from pydantic import ConfigDict, model_validator

T = TypeVar("T")


class In(Schema):
    """What a program sends: an unknown name is refused, so that a typing error is no silence."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _no_zeros(cls, data: Any) -> Any:
        if _holds_zero(getattr(data, "_obj", data)):
            raise ValueError("No text may hold the character zero")
        return data


def _holds_zero(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_zero(one) for pair in value.items() for one in pair)
    return isinstance(value, list) and any(map(_holds_zero, value))


class Money(Schema):
    """An amount with its currency (ISO 4217); the amount is a text, so that nothing rounds it."""

    amount: str = Field(examples=["218.95"])
    currency: str = Field(examples=["EUR"])


class Named(Schema):
    """A thing by id and name."""

    id: int
    name: str


class Page(Schema, Generic[T]):
    """Some rows, and the cursor of the next ones: "" after the last."""

    items: list[T]
    next: str


class Ids(In):
    ids: list[int] = Field(min_length=1, max_length=1000)


class Into(In):
    into: int = Field(description="The id of the one that gets what this one has.")


class Count(Schema):
    count: int


class Changed(Schema):
    """How many changed, and the cause by which all of it can be undone (`POST /undo`)."""

    count: int
    cause: str = ""


class FieldProblem(Schema):
    field: str
    code: str
    message: str


class ProblemOut(Schema):
    """What was refused (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(examples=["invalid"])
    instance: str
    params: dict[str, Any] | None = None
    errors: list[FieldProblem] | None = None


def money(amount: Decimal | None, currency: str) -> dict[str, str] | None:
    """Return an amount as the API writes it; None where there is none."""
    return None if amount is None or not currency else {"amount": f"{amount:f}", "currency": currency}
