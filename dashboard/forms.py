"""People who work on the site."""

from django import forms
from django.contrib.auth.forms import SetPasswordMixin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from affiliate_site.roles import ADMINISTRATOR, DESK, EDITOR
from catalog.forms import SeenForm
from dashboard.models import Topic
from dashboard.users import ROLES, get_role

ROLE_LABELS = {
    ADMINISTRATOR: "Administrator: everything, also networks, settings and users",
    EDITOR: "Editor: search, import and look after products",
    DESK: "Desk: the advertiser's side, such as own products, publishers and sales",
}


class UserForm(SetPasswordMixin, SeenForm):
    """A user with role and, for a new one or when it shall change, password. `editor` is who fills it in."""

    role = forms.ChoiceField(
        choices=[(role, ROLE_LABELS[role]) for role in ROLES], initial=EDITOR, widget=forms.RadioSelect
    )
    password1, password2 = SetPasswordMixin.create_password_fields("Password", "Password again")

    class Meta:
        model = User
        fields = ("username", "email", "is_active")
        labels = {"email": "E-mail", "is_active": "May log in"}
        help_texts = {"username": "", "is_active": "Off: the person keeps the account but cannot log in."}

    def __init__(self, *args, editor: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.editor = editor
        if self.instance.pk:
            self.initial["role"] = get_role(self.instance) or EDITOR
            self.fields["password1"].label = "New password"
            self.fields["password1"].help_text = "Leave empty to keep the password."
            self.fields["password2"].label = "New password again"
            for name in ("password1", "password2"):
                self.fields[name].required = False
        if self.instance == editor:
            for name in ("role", "is_active"):
                self.fields[name].disabled = True
            self.fields["role"].help_text = "You cannot change your own role."
            self.fields["is_active"].help_text = "You cannot lock yourself out."

    def clean_username(self) -> str:
        name = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=name).exclude(pk=self.instance.pk).exists():
            raise ValidationError("There is a user of this name already.", code="unique")
        return name

    def clean(self) -> dict:
        data = super().clean()
        if data.get("password1", "") != data.get("password2", ""):
            self.add_error("password2", "The two passwords differ.")
        else:
            self.validate_password_for_user(self.instance)
        return data

    def save(self, commit: bool = True) -> User:
        if password := self.cleaned_data["password1"]:
            self.instance.set_password(password)
        return super().save(commit)


class MailChoicesForm(forms.Form):
    """Which mails a user wants."""

    topics = forms.MultipleChoiceField(
        label="Every day, tell me of",
        choices=Topic.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    at_once = forms.BooleanField(
        label="Tell me at once when a network refuses our sign-in",
        required=False,
        help_text="Once, not with each try.",
    )
