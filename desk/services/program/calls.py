"""The calls of a program's management as data: what each asks, who may, what it shows.

A page and a log line are made of a `Call` alone (`desk.services.program.run`), so that none of the forty is
written by hand. Help texts say what the network's documents say, in our words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

OWNER, ADMIN, MEMBER, READER = 1, 2, 3, 4
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a call: its name at the network, its form field, and where it goes."""

    name: str
    form: forms.Field
    place: str = "body"  # or "query", or "path"
    read: str = ""  # under which name the network tells it, where that is another


@dataclass(frozen=True, slots=True)
class Link:
    """What can be done with a row of a list: another call, with values of the row."""

    slug: str
    label: str
    values: Mapping[str, str]  # field of the other call -> column of the row


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call. `lowest` is the role that may make it."""

    slug: str
    title: str
    group: str
    method: str = "GET"
    path: str
    lowest: int = READER
    help: str = ""
    fields: tuple[Field, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()  # (name, label) of a list; none: one thing, with all it has
    rows: Callable[[Any], Sequence[Row]] | None = None  # of an answer in a shape of its own
    links: tuple[Link, ...] = ()
    before: str = ""  # the call that tells how it is now: fills the form, and stands before the change
    found_by: str = ""  # in a list `before`, the row whose value of this name is the field's
    body: Callable[[dict[str, Any]], Any] = lambda values: values
    then: str = ""  # where to go on after a write
    warning: str = ""
    typed: str = ""  # the field of `before` whose value somebody has to type
    pages: bool = False  # is it a list in pages?
    is_file: bool = False
    fixed: tuple[tuple[str, str], ...] = ()  # of the query, always

    @property
    def writes(self) -> bool:
        return self.method != "GET"


# --- Form fields ----------------------------------------------------------------------------------


def text(
    label: str, help_text: str = "", *, needed: bool = False, most: int = 200, **kwargs: Any
) -> forms.Field:
    return forms.CharField(label=label, help_text=help_text, required=needed, max_length=most, **kwargs)


def area(label: str, help_text: str = "", *, needed: bool = False) -> forms.Field:
    return text(label, help_text, needed=needed, most=20_000, widget=forms.Textarea(attrs={"rows": 6}))


def secret(label: str, help_text: str = "") -> forms.Field:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(label=label, help_text=help_text, max_length=200, widget=widget)


def whole(label: str, help_text: str = "", *, needed: bool = False, most: int = 10**15) -> forms.Field:
    return forms.IntegerField(label=label, help_text=help_text, required=needed, min_value=0, max_value=most)


def amount(label: str, help_text: str = "", *, needed: bool = False) -> forms.Field:
    return forms.DecimalField(
        label=label, help_text=help_text, required=needed, min_value=0, max_digits=12, decimal_places=4
    )


def day(label: str, help_text: str = "", *, needed: bool = False) -> forms.Field:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, help_text=help_text, required=needed, widget=widget)


def one_of(
    label: str,
    choices: Mapping[Any, str],
    help_text: str = "",
    *,
    needed: bool = False,
    is_number: bool = False,
) -> forms.Field:
    listed = [*([] if needed else [("", "–")]), *((str(value), words) for value, words in choices.items())]
    return forms.TypedChoiceField(
        label=label,
        help_text=help_text,
        required=needed,
        choices=listed,
        coerce=int if is_number else str,
        empty_value=None,
    )


def yes_no(label: str, help_text: str = "") -> forms.Field:
    return forms.TypedChoiceField(
        label=label,
        help_text=help_text,
        required=False,
        choices=[("", "–"), ("true", "Yes"), ("false", "No")],
        coerce=lambda value: value == "true",
        empty_value=None,
    )


class Numbers(forms.CharField):
    """Numbers with commas between them; a list of them."""

    def clean(self, value: Any) -> list[int] | None:
        parts = [part.strip() for part in (super().clean(value) or "").split(",") if part.strip()]
        if not all(part.isdecimal() for part in parts):
            raise forms.ValidationError("Numbers with commas between them.")
        return [int(part) for part in parts] or None


def numbers(label: str, help_text: str = "") -> forms.Field:
    return Numbers(label=label, help_text=help_text, required=False, max_length=500)


class Words(forms.CharField):
    """Words with commas between them; a list of them."""

    def clean(self, value: Any) -> list[str] | None:
        return [part.strip() for part in (super().clean(value) or "").split(",") if part.strip()] or None


# --- Fields that several calls have ---------------------------------------------------------------

CURRENCY = text("Currency", "Three letters, such as EUR.", needed=True, most=3)
PROGRAM = Field("programId", whole("Program", needed=True), "path")
FROM = Field("fromDate", day("From", needed=True), "query")
TO = Field("toDate", day("To", "This day is in it.", needed=True), "query")
ORDER = Field("sortOrder", one_of("Order", {"asc": "Upwards", "desc": "Downwards"}), "query")
REPORT_CURRENCY = Field(
    "reportCurrencyCode", text("Currency", "All amounts are converted into it.", needed=True, most=3), "query"
)


def sort_by(*names: str) -> Field:
    return Field("sortBy", one_of("Sorted by", {name: name for name in names}), "query")
