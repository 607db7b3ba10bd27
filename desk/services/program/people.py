"""Users of the advertiser's organisation, and the login's own data."""

from typing import Any

from desk.services.program.calls import (
    OWNER,
    Call,
    Field,
    Link,
    Words,
    one_of,
    secret,
    text,
    whole,
)

ROLE_NAMES = {1: "Owner", 2: "Admin", 3: "Member", 4: "Read-only"}
_USER = Field("logonAccountId", whole("User", needed=True), "path")


def _own() -> tuple[Field, ...]:
    return (
        Field("username", text("User name", "With it somebody signs in at Tradedoubler.", needed=True)),
        Field("firstName", text("First name", needed=True)),
        Field("lastName", text("Last name", needed=True)),
        Field("email", text("E-mail", "Where Tradedoubler writes to.", needed=True)),
        Field("languageId", text("Language", "Two letters, such as en.", needed=True, most=2)),
        Field(
            "newsletter", one_of("Newsletter", {"Y": "Yes", "N": "No"}, "Tradedoubler's own.", needed=True)
        ),
        Field(
            "reportCurrencyCode",
            text(
                "Currency of reports",
                "Three letters. Dashboards and reports begin with it.",
                needed=True,
                most=3,
            ),
        ),
    )


def _access() -> tuple[Field, ...]:
    return (
        Field("roleId", one_of("Role", ROLE_NAMES, "What they may do there.", needed=True, is_number=True)),
        Field(
            "countryAccess",
            Words(
                label="Countries", help_text="Codes with commas between them, such as DE, SE.", required=False
            ),
        ),
    )


_COLUMNS = (
    ("username", "User name"),
    ("firstName", "First name"),
    ("lastName", "Last name"),
    ("email", "E-mail"),
    ("roleId", "Role"),
)


def _password(values: dict[str, Any]) -> dict[str, Any]:
    return {"currentPassword": values["currentPassword"], "newPassword": values["newPassword"]}


CALLS = (
    Call(
        slug="me",
        title="This login",
        group="Users",
        path="usermanagement/users/me",
        help="Who signs in here.",
    ),
    Call(
        slug="me-edit",
        title="Change this login",
        group="Users",
        method="PUT",
        path="usermanagement/users/me",
        fields=_own(),
        before="me",
        then="me",
    ),
    Call(
        slug="password",
        title="Change the password",
        group="Users",
        method="PUT",
        path="usermanagement/users/me/password",
        fields=(
            Field("currentPassword", secret("Password now")),
            Field("newPassword", secret("New password")),
        ),
        body=_password,
        then="me",
        warning="The desk signs in with the old one: enter the new one under Logins afterwards.",
    ),
    Call(
        slug="organisation",
        title="Organisation",
        group="Users",
        path="advertiser/account",
        help="Your company as Tradedoubler keeps it.",
    ),
    Call(
        slug="users",
        title="Users",
        group="Users",
        path="usermanagement/users",
        lowest=OWNER,
        columns=_COLUMNS,
        links=(
            Link("user-edit", "Change", {"logonAccountId": "logonAccountId"}),
            Link("user-delete", "Delete", {"logonAccountId": "logonAccountId"}),
        ),
    ),
    Call(
        slug="user",
        title="User",
        group="Users",
        path="usermanagement/users/{logonAccountId}",
        lowest=OWNER,
        fields=(_USER,),
    ),
    Call(
        slug="user-add",
        title="Add a user",
        group="Users",
        method="POST",
        path="usermanagement/users",
        lowest=OWNER,
        fields=(*_own(), *_access(), Field("password", secret("Password", "Their first one."))),
        then="users",
    ),
    Call(
        slug="user-edit",
        title="Change a user",
        group="Users",
        method="PUT",
        path="usermanagement/users/{logonAccountId}",
        lowest=OWNER,
        fields=(_USER, *_own(), *_access()),
        before="user",
        then="users",
    ),
    Call(
        slug="user-delete",
        title="Delete a user",
        group="Users",
        method="DELETE",
        path="usermanagement/users/{logonAccountId}",
        lowest=OWNER,
        fields=(_USER,),
        before="user",
        typed="username",
        then="users",
        warning="They cannot sign in at Tradedoubler any more.",
    ),
)
