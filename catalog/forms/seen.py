"""Two people in one form: who saves last is asked before it takes the place of what the other saved."""

import hashlib
import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.html import strip_tags

MAX_SHOWN = 100  # letters of a value


class SeenForm(forms.ModelForm):
    """A form that knows which state it was made of (`seen`), as the product editor does.

    Posted from another state than what is stored now, it is refused once where the two differ: it shows what
    is stored, and what was typed. Posted again, it is saved. A form without `seen` is not asked.
    """

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [name for name in self.fields if name in (self._meta.fields or ())]
        self.stored = {name: self.get_initial_for_field(self.fields[name], name) for name in named}
        self.initial["seen"] = self.now = self._digest()

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if not self.instance.pk or data.pop("seen", "") in ("", self.now):
            return data
        if theirs := [self._says(name) for name in self.stored if name in data and self._differs(name)]:
            again = QueryDict(mutable=True)
            again.update(self.data)
            again[self.add_prefix("seen")] = self.now
            self.data = again
            message = (
                "Somebody else saved this meanwhile. Now it says: "
                f"{'; '.join(theirs)}. Yours is still here: save again to put it in its place."
            )
            raise ValidationError(message, code="conflict")
        return data

    def _digest(self) -> str:
        text = json.dumps(self.stored, default=str, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _differs(self, name: str) -> bool:
        field, mine = self.fields[name], self.cleaned_data[name]
        if isinstance(field, forms.FileField):
            return str(mine or "") != str(self.stored[name] or "")
        return field.has_changed(self.stored[name], field.prepare_value(mine))

    def _says(self, name: str) -> str:
        value = self.stored[name]
        if isinstance(value, bool):
            text = "on" if value else "off"
        else:
            choices = dict(getattr(self.fields[name], "choices", ()))
            text = strip_tags(str(choices.get(value, value) or "")).strip()[:MAX_SHOWN]
        return f"{self[name].label} “{text}”" if text else f"{self[name].label} nothing"
