"""What a visitor wants to be told of, as a form or a link says it. No alert before its address is confirmed:
until then it is nothing but a token in a mail."""

import json
import re
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Self

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer, TimestampSigner
from django.core.validators import validate_email
from django.utils.crypto import salted_hmac

from affiliate_site.encrypted import CredentialsUnreadable, decrypt_text, encrypt_text

CONFIRM_SECONDS = 48 * 3600
FORM_SECONDS = 2 * 3600
MAX_PRICE = Decimal(10) ** 9
MAX_ADDRESS = 254
_stop = Signer(salt="catalog.alerts.stop")


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants to be told what of which product. `below` has a currency of its own; None: no price."""

    address: str
    product_id: int
    below: Decimal | None
    currency: str
    in_stock: bool

    @property
    def address_key(self) -> str:
        return address_key(self.address)

    def to_token(self) -> str:
        """Return it as a part of a link: encrypted, as links stand in logs."""
        values = asdict(self) | {"below": None if self.below is None else str(self.below)}
        return encrypt_text(json.dumps({"wish": values}))

    @classmethod
    def from_token(cls, token: str) -> Self | None:
        """Return the wish of a token; None where it is none, or older than 48 hours."""
        try:
            values = json.loads(decrypt_text(token, seconds=CONFIRM_SECONDS))["wish"]
        except (CredentialsUnreadable, ValueError, KeyError, TypeError):
            return None
        below = values.pop("below")
        return cls(below=None if below is None else Decimal(below), **values)


def address_key(address: str) -> str:
    """Return what finds the alerts of an address, and from which nobody can read it."""
    return salted_hmac("catalog.alerts", address.lower(), algorithm="sha256").hexdigest()


def parse_address(text: str) -> str:
    """Return a mail address; "" where it is none."""
    address = text.strip()
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address if len(address) <= MAX_ADDRESS and address.isprintable() else ""


def parse_price(text: str) -> Decimal | None:
    """Return a price as people type it; None where it is none. Whoever typed it sees how it was read.

    >>> parse_price("1.299,90"), parse_price("79,9"), parse_price("1,299"), parse_price("1.2.3")
    (Decimal('1299.90'), Decimal('79.9'), Decimal('1299'), None)
    """
    found = re.fullmatch(_PRICE, re.sub(r"[\s'’]", "", text), re.ASCII)
    if not found or (found["group"] and found["group"] == found["point"]):
        return None
    price = Decimal(f"{re.sub(r'[.,]', '', found['whole'])}.{found['cents'] or '0'}".removesuffix(".0"))
    return price if 0 < price < MAX_PRICE else None


# Three digits behind a sign are thousands: no shop asks for a tenth of a cent.
_PRICE = (
    r"(?P<whole>\d{1,3}(?P<group>[.,])\d{3}(?:(?P=group)\d{3})*|\d{1,9})"
    r"(?:(?P<point>[.,])(?P<cents>\d{1,2}))?"
)


def stop_token(alert_id: int) -> str:
    """Return what ends an alert, without a login and for ever."""
    return _stop.sign(str(alert_id))


def read_stop_token(token: str) -> int | None:
    try:
        return int(_stop.unsign(token))
    except (BadSignature, ValueError):
        return None


def form_token(product_id: int, network: str) -> str:
    """Return the proof that somebody at `network` opened the form of a product.

    It stands for the token against forged forms, which needs a cookie: another page cannot make its visitors
    send this form, as what it could fetch for them is of its own network.
    """
    return _form_signer(network).sign(str(product_id))


def is_form_token(token: str, product_id: int, network: str) -> bool:
    try:
        return _form_signer(network).unsign(token, max_age=FORM_SECONDS) == str(product_id)
    except BadSignature:
        return False


def _form_signer(network: str) -> TimestampSigner:
    return TimestampSigner(salt=f"catalog.alerts.form:{network}")
