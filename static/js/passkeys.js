// A passkey that was added stands in the list at once.
document.addEventListener("otp_webauthn.register_complete", () => location.reload());
