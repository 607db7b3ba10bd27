"""The third contract of a network: what an advertiser may do there. One class for each kind of login.

Like the first (`contract.py`) it knows HTTP and formats, and never a model. A network lists its kinds in
`Network.advertiser`; what each can do besides `check` is its own: their calls have nothing in common.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from django import forms

from importer.http.client import Http


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginData:
    """Whose login it is: its name, what it is for (id -> name of program or campaign), its role there."""

    name: str = ""
    programs: Mapping[str, str] = field(default_factory=dict)
    role: str = ""  # as the network writes it; "" where it has no roles


class Advertiser:
    """One kind of login of an advertiser. Every call may raise `NetworkError` and `NetworkUnavailable`."""

    # Templates get the class itself, for its label.
    do_not_call_in_templates: ClassVar[bool] = True

    label: ClassVar[str]
    use: ClassVar[str]  # what it is good for, as a sentence
    # Name -> form field; `help_text` says where to find a value, and secrets use PasswordInput.
    credential_fields: ClassVar[Mapping[str, forms.Field]]

    def __init__(self, credentials: Mapping[str, str], http: Http) -> None:
        self.credentials = dict(credentials)
        self.http = http

    @classmethod
    def secrets(cls, credentials: Mapping[str, str]) -> list[str]:
        """List the credential values that must never appear in a message or a log."""
        hidden = [
            name
            for name, field in cls.credential_fields.items()
            if isinstance(field.widget, forms.PasswordInput)
        ]
        return [credentials[name] for name in hidden if credentials.get(name)]

    def check(self) -> LoginData:
        """Return whose login it is; raise `NetworkError` with the network's reason."""
        raise NotImplementedError
