"""The outbox of conversions: what the shop tells, kept once by its transaction id, sent until it is taken.

An e-mail address becomes a hash at the door (`read_conversion`); nothing behind it ever sees the address.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from desk.models import Conversion, ConversionKey, DeskAccount
from desk.services.accounts import key_of
from events.kinds import Kind
from events.record import record
from importer.normalise import clean_currency

NETWORK, KIND = "tradetracker", "conversions"
SALE, LEAD = Conversion.Kind.SALE, Conversion.Kind.LEAD
State = Conversion.State
MOST_AT_ONCE = 1_000
# An amount that is a whole number and so many times what is usual was told in minor units.
MINOR_FACTOR = 50
USUAL_OF = 200  # of the newest conversions
FIRST_USUAL = Decimal(20_000)  # until there are ten to compare with
KEPT_DAYS = 400  # conversions; then TradeTracker settles nothing any more
MOST_TRIES = 30
PAUSES = (10, 30, 120, 600, 1800, 3600)  # seconds until another try
HELD = 120

NO_REFERENCE = "No click reference: TradeTracker will credit it to nobody."
MINOR_UNITS = "%(amount)s looks like minor units: is it %(major)s?"
REFUSALS = {
    400: "TradeTracker refused it: the transaction id, the amount or the currency is missing or wrong (400).",
    403: "TradeTracker refused it: the campaign is disabled (403).",
    404: "TradeTracker refused it: it knows no campaign of this number (404).",
}


# --- The door -----------------------------------------------------------------------------------

NAMES = {
    "tid": "tid",
    "transaction_id": "tid",
    "order_id": "tid",
    "lead_id": "tid",
    "kind": "kind",
    "type": "kind",
    "amount": "amount",
    "tam": "amount",
    "value": "amount",
    "revenue": "amount",
    "currency": "currency",
    "quantity": "quantity",
    "qty": "quantity",
    "reference": "reference",
    "data": "reference",
    "email": "email",
    "email_hash": "email_hash",
    "eml": "email_hash",
    "voucher": "voucher",
    "vc": "voucher",
    "note": "note",
    "descrmerchant": "note",
    "publisher_note": "publisher_note",
    "descraffiliate": "publisher_note",
    "product_id": "product_id",
    "pid": "product_id",
}
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")
_KINDS = {"": SALE, "sale": SALE, "sales": SALE, "lead": LEAD}


@dataclass(frozen=True, slots=True)
class Told:
    """One conversion as it came through the door: `values` for its row, or `problem`, why it did not."""

    tid: str
    values: Mapping[str, Any]
    problem: str = ""


def hash_email(address: str) -> str:
    """Return the SHA-256 of an address without spaces around it, in lower case."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()


def read_conversion(raw: Mapping[str, Any], *, product_id: str = "") -> Told:
    """Read what a shop tells, by the field's own names or TradeTracker's. Pure.

    Other names are refused: a misspelt reference would cost a publisher the commission. No problem ever
    quotes a value: it might be an address.
    """
    given: dict[str, str] = {}
    for name, value in raw.items():
        known = NAMES.get(str(name).strip().lower())
        if known is None:
            return Told(_short(raw.get("tid")), {}, f"“{_name(name)}” is no field of a conversion.")
        if value is None or isinstance(value, bool | dict | list):
            if value is None:
                continue
            return Told(_short(raw.get("tid")), {}, f"{known} is a text or a number.")
        if text := str(value).strip():
            given[known] = text
    tid = given.get("tid", "")
    problem = _problem(given)
    if problem:
        return Told(_short(tid), {}, problem)
    email = given.get("email", "")
    amount = given.get("amount")
    values: dict[str, Any] = {
        "kind": _KINDS[given.get("kind", "").lower()],
        "tid": tid,
        "product_id": given.get("product_id") or product_id,
        "amount": Decimal(amount).quantize(Decimal("0.01")) if amount else None,
        "currency": given.get("currency", "").upper(),
        "quantity": int(given["quantity"]) if "quantity" in given else None,
        "reference": given.get("reference", ""),
        "email_hash": hash_email(email) if email else given.get("email_hash", "").lower(),
        "voucher": given.get("voucher", ""),
        "note": given.get("note", ""),
        "publisher_note": given.get("publisher_note", ""),
    }
    values["is_whole"] = bool(amount) and "." not in (amount or "")
    return Told(tid, values)


def _problem(given: Mapping[str, str]) -> str:
    """Return why a conversion cannot be taken, "" where it can."""
    kind = given.get("kind", "").lower()
    if kind not in _KINDS:
        return "kind is sale or lead."
    if not given.get("tid"):
        return "tid is missing: the number of the order or lead."
    for name, most in (
        ("tid", 100),
        ("reference", 300),
        ("voucher", 100),
        ("note", 200),
        ("publisher_note", 200),
    ):
        text = given.get(name, "")
        if len(text) > most:
            return f"{name} is longer than {most} characters."
        if _ADDRESS.search(text):
            return f"{name} holds an e-mail address: that belongs in email, where it is hashed."
    if "product_id" in given and not re.fullmatch(r"[0-9]{1,18}", given["product_id"]):
        return "product_id has digits only."
    if "quantity" in given and not re.fullmatch(r"[0-9]{1,6}", given["quantity"]):
        return "quantity is a whole number."
    if "email_hash" in given and not re.fullmatch(r"[0-9a-fA-F]{64}", given["email_hash"]):
        return "email_hash is a SHA-256 in 64 hexadecimal digits."
    if "email" in given and not _ADDRESS.fullmatch(given["email"]):
        return "email is no e-mail address."
    return _money_problem(given, _KINDS[kind])


def _money_problem(given: Mapping[str, str], kind: str) -> str:
    amount, currency = given.get("amount", ""), given.get("currency", "")
    if not amount:
        return "amount is missing." if kind == SALE else ""
    # With one form, "1.299" is no question: thousands are never told apart by a sign.
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,2})?", amount):
        return "amount is a number in major units with a point, such as 129.99."
    if kind == SALE and Decimal(amount) == 0:
        return "amount is 0: a sale of nothing earns nobody anything."
    if not currency:
        return "currency is missing: an amount never travels without one."
    return "" if clean_currency(currency) else "currency is a code of ISO 4217, such as EUR."


def _short(value: Any) -> str:
    """Return a transaction id as an answer may repeat it: never what looks like an address."""
    text = str(value or "")[:100]
    return "" if _ADDRESS.search(text) else text


def _name(value: Any) -> str:
    return "…" if _ADDRESS.search(str(value)) else str(value)[:40]


# --- Taking -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one conversion: "taken", "held", "known", or "refused" with why."""

    tid: str
    outcome: str
    message: str = ""

    @property
    def status(self) -> str:
        """How its line is marked."""
        return {"taken": "done", "known": "kept", "held": "warning"}.get(self.outcome, "error")

    def to_json(self) -> dict[str, str]:
        values = {"tid": self.tid, "outcome": self.outcome, "message": self.message}
        return {name: value for name, value in values.items() if value}


def take(
    account: DeskAccount, raws: Sequence[Mapping[str, Any]], *, now: datetime | None = None
) -> list[Taken]:
    """Keep what a shop tells, each transaction id once. Return what became of each, in their order.

    Safe to say twice: what is known stays as it was first told.
    """
    now = now or timezone.now()
    product_id = str(account.get_credentials().get("product_id", ""))
    told = [read_conversion(raw, product_id=product_id) for raw in raws]
    usual = _usual_amounts(account, {one.values["currency"] for one in told if one.values})
    rows: dict[tuple[str, str], Conversion] = {}
    for one in told:
        if not one.problem:
            row = _row(account, one.values, usual, now)
            rows.setdefault((row.kind, row.tid), row)
    new, old = _insert(account, list(rows.values()))
    return [_outcome(one, rows, new, old) for one in told]


def _row(
    account: DeskAccount, values: Mapping[str, Any], usual: Mapping[str, Decimal], now: datetime
) -> Conversion:
    values = dict(values)
    is_whole, amount = values.pop("is_whole"), values["amount"]
    row = Conversion(account=account, **values, created_at=now, next_try_at=now, state=State.WAITING)
    if is_whole and amount and amount >= usual.get(row.currency, FIRST_USUAL / MINOR_FACTOR) * MINOR_FACTOR:
        row.state = State.HELD
        row.problem = MINOR_UNITS % {"amount": f"{amount:.0f}", "major": f"{amount / 100:.2f} {row.currency}"}
    elif not row.reference:
        row.problem = NO_REFERENCE
    return row


def _usual_amounts(account: DeskAccount, currencies: Collection[str]) -> dict[str, Decimal]:
    """Return the median amount of the newest conversions, by currency; none where there are too few."""
    usual = {}
    for currency in filter(None, currencies):
        amounts = list(
            Conversion.objects.filter(account=account, currency=currency, amount__gt=0)
            .exclude(state=State.HELD)
            .order_by("-id")
            .values_list("amount", flat=True)[:USUAL_OF]
        )
        known = sorted(amount for amount in amounts if amount is not None)
        if len(known) >= 10:
            usual[currency] = known[len(known) // 2]
    return usual


def _insert(
    account: DeskAccount, rows: Sequence[Conversion]
) -> tuple[set[tuple[str, str]], dict[tuple[str, str], Conversion]]:
    """Insert what is not known. Return the keys that are new, and the rows that were there."""
    keys = [(row.kind, row.tid) for row in rows]
    if not rows:
        return set(), {}
    # One at a time for an account, so that of two who tell the same at once one hears "known".
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('desk-conversions'), %s)", [account.pk])
        known = Conversion.objects.filter(account=account, tid__in={tid for _, tid in keys})
        old = {(row.kind, row.tid): row for row in known}
        new = [row for row in rows if (row.kind, row.tid) not in old]
        Conversion.objects.bulk_create(new, ignore_conflicts=True, batch_size=500)
    return {(row.kind, row.tid) for row in new}, old


def _outcome(
    one: Told,
    rows: Mapping[tuple[str, str], Conversion],
    new: Collection[tuple[str, str]],
    old: Mapping[tuple[str, str], Conversion],
) -> Taken:
    if one.problem:
        return Taken(one.tid, "refused", one.problem)
    key = (one.values["kind"], one.values["tid"])
    row = rows[key]
    if key in new:
        outcome = "held" if row.state == State.HELD else "taken"
        return Taken(one.tid, outcome, row.problem)
    before = old[key]
    differs = (before.amount, before.currency) != (one.values["amount"], one.values["currency"])
    words = "It was told before with another amount, which stands." if differs else ""
    return Taken(one.tid, "known", words)


# --- Keys ---------------------------------------------------------------------------------------

KEY_START = "conv_"


def create_key(account: DeskAccount, name: str, user: User | None) -> tuple[ConversionKey, str]:
    """Return a new key and its text, which is told once and kept nowhere."""
    text = KEY_START + secrets.token_urlsafe(32)
    with transaction.atomic():
        key = ConversionKey.objects.create(
            account=account, name=name, created_by=user, key_hash=hashlib.sha256(text.encode()).hexdigest()
        )
        record(Kind.DESK_KEY_CREATED, key_of(account), after={"name": name}, sources=[account.network])
    return key, text


def revoke_key(key: ConversionKey) -> None:
    """Let a key open nothing any more. What it brought stays."""
    with transaction.atomic():
        if ConversionKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now()):
            record(
                Kind.DESK_KEY_REVOKED,
                key_of(key.account),
                after={"name": key.name},
                sources=[key.account.network],
            )


def account_of_key(text: str) -> DeskAccount | None:
    """Return the account that a key is for; None for one that is unknown or revoked."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    key = ConversionKey.objects.select_related("account").filter(key_hash=digest, revoked_at=None).first()
    if key is None:
        return None
    now = timezone.now()
    if key.used_at is None or now - key.used_at > timedelta(minutes=1):
        ConversionKey.objects.filter(pk=key.pk).update(used_at=now)
    return key.account


def list_keys() -> QuerySet[ConversionKey]:
    return ConversionKey.objects.select_related("account", "created_by")


def accounts() -> list[DeskAccount]:
    """Return the logins that take conversions."""
    return list(DeskAccount.objects.filter(network=NETWORK, kind=KIND))
