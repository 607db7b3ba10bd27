"""What to list, and what becomes of the ticked: publishers, sales, conversions."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from desk.models import Conversion, DeskAccount, State
from desk.services import pending, publishers
from desk.services.pending import Verdict

MOST_FILE_BYTES = 2 * 1024 * 1024
STATES = [("", "Any"), *((value, label) for value, label in State.choices if value)]


class FilterForm(forms.Form):
    """The filters of the address. What makes no sense is left out, so that an old link still shows a list."""

    def __init__(self, data: Any, accounts: Sequence[DeskAccount] = ()) -> None:
        super().__init__(data)
        if "account_id" in self.fields:
            choices = [("", "All logins"), *((str(one.pk), str(one)) for one in accounts)]
            self.fields["account_id"].choices = choices  # type: ignore[attr-defined]

    @property
    def asked(self) -> dict[str, Any]:
        self.is_valid()
        given = {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}
        if "account_id" in given:
            given["account_id"] = int(given["account_id"])
        if "within_days" in given:
            given["within_days"] = int(given["within_days"])
        return given


class ApplicationFilterForm(FilterForm):
    status = forms.ChoiceField(
        choices=[*publishers.STATUSES.items()], required=False, label="Status", initial=publishers.APPLIED
    )
    account_id = forms.ChoiceField(required=False, label="Login")
    kind = forms.ChoiceField(required=False, label="Kind")
    state = forms.ChoiceField(choices=STATES, required=False, label="Decision")
    words = forms.CharField(required=False, max_length=100, label="Name or address")

    def __init__(self, data: Any, accounts: Sequence[DeskAccount] = (), kinds: Sequence[str] = ()) -> None:
        super().__init__(data, accounts)
        self.fields["kind"].choices = [("", "All kinds"), *((kind, kind) for kind in kinds)]  # type: ignore[attr-defined]


class PendingFilterForm(FilterForm):
    account_id = forms.ChoiceField(required=False, label="Login")
    within_days = forms.ChoiceField(
        choices=[("", "Any day"), ("7", "Within a week"), ("2", "Within two days")],
        required=False,
        label="Time decides",
    )
    state = forms.ChoiceField(choices=STATES, required=False, label="Decision")
    words = forms.CharField(required=False, max_length=100, label="Order or publisher")


class ConversionFilterForm(FilterForm):
    state = forms.ChoiceField(choices=[("", "Any"), *Conversion.State.choices], required=False, label="State")
    words = forms.CharField(required=False, max_length=100, label="Transaction id")


class PublisherDecisionForm(forms.Form):
    """What becomes of the ticked publishers."""

    status = forms.ChoiceField(
        choices=[
            ("", "Leave the status"),
            (publishers.ACCEPTED, "Approve"),
            (publishers.REJECTED, "Reject"),
            (publishers.ON_HOLD, "Put on hold"),
            (publishers.ENDED, "End"),
        ],
        required=False,
        label="Decision",
    )
    reason = forms.ChoiceField(
        choices=[("", "–"), *publishers.REASONS.items()],
        required=False,
        label="Reason (Adtraction)",
        help_text="Adtraction tells the publisher why it was rejected.",
    )
    segment_id = forms.RegexField(
        r"^\d{1,9}$",
        required=False,
        label="Segment (Tradedoubler)",
        help_text="The number of a segment: it decides what commission they get.",
    )
    category_id = forms.RegexField(
        r"^\d{1,9}$",
        required=False,
        label="Category (Tradedoubler)",
        help_text="The number of one of your own categories of publishers.",
    )
    rank = forms.RegexField(
        r"^\d{1,4}$", required=False, label="Rank (Tradedoubler)", help_text="Your own order of them."
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not any(values.values()):
            raise ValidationError("Choose what becomes of them.")
        return values

    @property
    def decision(self) -> dict[str, Any]:
        values = self.cleaned_data
        changes = {name: values[name] for name in publishers.CHANGES if values.get(name)}
        return {"status": values["status"], "reason": values["reason"], "changes": changes}


class SaleDecisionForm(forms.Form):
    """What becomes of the ticked sales."""

    status = forms.ChoiceField(
        choices=[("approve", "Approve"), ("deny", "Deny"), ("amount", "Change the amount")], label="Decision"
    )
    reason = forms.ChoiceField(
        choices=[
            ("", "–"),
            ("Tradedoubler", [*pending.reasons_of("tradedoubler", untracked=True).items()]),
            ("TradeTracker", [*pending.reasons_of("tradetracker").items()]),
        ],
        required=False,
        label="Reason",
        help_text="Publishers read why a sale was denied.",
    )
    amount = forms.DecimalField(
        required=False,
        min_value=Decimal("0.01"),
        max_digits=12,
        decimal_places=2,
        label="New amount",
        help_text="What is left of the order after a part came back, in the currency of the sale.",
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("status") == "deny" and not values.get("reason"):
            raise ValidationError("Choose a reason to deny.")
        if values.get("status") == "amount" and not values.get("amount"):
            raise ValidationError("Enter the new amount.")
        return values

    @property
    def verdict(self) -> Verdict:
        values = self.cleaned_data
        if values["status"] == "amount":
            return Verdict(amount=values["amount"])
        status = pending.APPROVED if values["status"] == "approve" else pending.DENIED
        return Verdict(status=status, reason=values["reason"] if status == pending.DENIED else "")


class TextFileForm(forms.Form):
    """A file of text, or the text itself where it was shown once already."""

    file = forms.FileField(label="File", required=False)
    text_kept = forms.CharField(required=False, widget=forms.HiddenInput, max_length=MOST_FILE_BYTES)

    text = ""

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        file = values.get("file")
        if file is None and not values.get("text_kept"):
            raise ValidationError("Choose a file.")
        if file is not None and file.size > MOST_FILE_BYTES:
            raise ValidationError("The file is larger than 2 MB.")
        try:
            self.text = file.read().decode("utf-8-sig") if file is not None else values["text_kept"]
        except UnicodeDecodeError:
            raise ValidationError("The file is no text in UTF-8.") from None
        return values


class ReturnsForm(TextFileForm):
    """A CSV of returns."""


class AccountForm(forms.Form):
    account = forms.ModelChoiceField(DeskAccount.objects.none(), label="Login", empty_label=None)

    def __init__(self, *args: Any, accounts: Sequence[DeskAccount], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = DeskAccount.objects.filter(pk__in=[one.pk for one in accounts])
        self.fields["account"].queryset = rows  # type: ignore[attr-defined]


class ConversionFileForm(AccountForm, TextFileForm):
    """A CSV of conversions, and the campaign they are for."""


class KeyForm(AccountForm):
    """A new key for a shop."""

    name = forms.CharField(max_length=60, label="Name", help_text="Where it is used, such as “Shop, live”.")
