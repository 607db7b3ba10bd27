"""The second factor: codes of an app (TOTP), and recovery codes for whoever loses it. Kept by django-otp."""

import base64
from collections.abc import Sequence
from urllib.parse import quote, urlencode

import segno
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.models import WebAuthnCredential

from events.kinds import Kind
from events.record import record

RECOVERY_CODES = 10
MAX_CODE = 20  # characters that are looked at


def is_on(user: User) -> bool:
    """Tell whether a password alone does not log this user in."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def get_setup(user: User) -> TOTPDevice:
    """Return the app that a user is about to connect; the same one until it is confirmed."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        device = TOTPDevice.objects.filter(user=user, confirmed=False).first()
        return device or TOTPDevice.objects.create(user=user, name="App", confirmed=False)


def secret_of(device: TOTPDevice) -> str:
    """Return the secret as people type it into an app, in groups of four."""
    text = base64.b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def qr_code(device: TOTPDevice, *, site_name: str) -> str:
    """Return an SVG that an app scans; black on white whatever the scheme, or it cannot be read."""
    label = quote(f"{site_name}:{device.user.get_username()}")
    query = urlencode({"secret": secret_of(device).replace(" ", ""), "issuer": site_name}, quote_via=quote)
    code = segno.make(f"otpauth://totp/{label}?{query}", error="m")
    return code.svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=False)


def turn_on(user: User, code: str) -> list[str] | None:
    """Confirm the app by a code that it shows; return the recovery codes, None where the code is wrong."""
    with transaction.atomic():
        device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=False).first()
        if device is None or not _verify(device, code):
            return None
        TOTPDevice.objects.filter(user=user, confirmed=True).delete()
        device.confirmed = True
        device.save(update_fields=["confirmed"])
        _note(user, "on")
        return new_recovery_codes(user)


def turn_off(user: User) -> bool:
    """Let the password alone log this user in again; passkeys go, too. Tell whether anything was on."""
    with transaction.atomic():
        counts = [
            model.objects.filter(user=user).delete()[0]
            for model in (TOTPDevice, StaticDevice, WebAuthnCredential)
        ]
        if any(counts):
            _note(user, "off")
        return any(counts)


def new_recovery_codes(user: User) -> list[str]:
    """Make recovery codes, each good for one log-in; those from before count no longer."""
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        device = StaticDevice.objects.create(user=user, name="Recovery codes")
        codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
        StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
        return codes


def recovery_codes_left(user: User) -> int:
    return StaticToken.objects.filter(device__user=user).count()


def get_passkeys(user: User) -> QuerySet[WebAuthnCredential]:
    return WebAuthnCredential.objects.filter(user=user).order_by("pk")


def check_code(user: User, code: str) -> Device | None:
    """Return the device that a code came from; None where it is wrong, was used, or comes too soon after one.

    After each wrong code the device waits twice as long (django-otp's throttling).
    """
    devices: Sequence[type[Device]] = (TOTPDevice, StaticDevice)
    for model in devices:
        with transaction.atomic():
            for device in model.objects.select_for_update().filter(user=user, confirmed=True):
                if _verify(device, code):
                    return device
    return None


def _verify(device: Device, code: str) -> bool:
    """Check a code, and count it where it is wrong: also one that no device of this kind ever has."""
    typed = "".join(filter(str.isalnum, code[:MAX_CODE])).lower()
    is_allowed, _ = device.verify_is_allowed()
    return is_allowed and device.verify_token(typed)


def _note(user: User, state: str) -> None:
    record(
        Kind.USER_CHANGED,
        f"user:{user.pk}",
        after={"username": user.get_username(), "second_factor": state},
    )
