"""Log in with a passkey, which is both factors at once."""

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import JsonResponse
from django.utils.decorators import method_decorator
from django_otp import login as otp_login
from django_otp_webauthn.models import WebAuthnCredential
from django_otp_webauthn.views import CompleteCredentialAuthenticationView

from affiliate_site.sign_in import remember_device

BACKEND = "affiliate_site.roles.RoleBackend"


@method_decorator(login_not_required, name="dispatch")
class LogIn(CompleteCredentialAuthenticationView):
    """The library's, with users as every page reads them, on a browser that is known from now on."""

    def complete_auth(self, device: WebAuthnCredential) -> User:
        login(self.request, device.user, backend=BACKEND)
        otp_login(self.request, device)
        return device.user

    def post(self, *args, **kwargs) -> JsonResponse:
        response = super().post(*args, **kwargs)
        if self.request.user.is_authenticated:
            remember_device(response, self.request.user.get_username())
        return response
