"""A passkey in a real browser, with an authenticator that the browser plays."""

from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from django_otp_webauthn.models import WebAuthnCredential
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture
def passkeys(settings, live_server):
    settings.PASSKEYS_WORK = True
    settings.OTP_WEBAUTHN_RP_ID = urlsplit(live_server.url).hostname
    settings.OTP_WEBAUTHN_ALLOWED_ORIGINS = [live_server.url]


def test_a_passkey_is_added_logs_in_by_itself_and_is_forgotten(admin_page, passkeys):
    devtools = admin_page.context.new_cdp_session(admin_page)
    devtools.send("WebAuthn.enable")
    options = {
        **{"protocol": "ctap2", "transport": "internal", "hasResidentKey": True},
        **{"hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True},
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    admin_page.goto(reverse("dashboard:security"))
    admin_page.get_by_role("button", name="Add a passkey").click()
    expect(admin_page.get_by_role("button", name="Forget")).to_be_visible(timeout=20_000)
    assert WebAuthnCredential.objects.count() == 1

    admin_page.context.clear_cookies()
    admin_page.goto(reverse("login"))
    admin_page.get_by_role("button", name="Log in with a passkey").click()
    expect(admin_page.get_by_role("heading", level=1, name="Dashboard")).to_be_visible(timeout=20_000)

    admin_page.goto(reverse("dashboard:security"))
    admin_page.get_by_role("button", name="Forget").click()
    admin_page.get_by_role("button", name="Continue").click()
    expect(admin_page.get_by_text("The passkey is forgotten.")).to_be_visible()
    assert not WebAuthnCredential.objects.exists()
