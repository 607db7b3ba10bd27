"""The filter of the log."""

from collections.abc import Iterable

from django import forms

from importer.log import Line, Type


class LogFilterForm(forms.Form):
    """What to show of a network's log: a type, a text."""

    kind = forms.ChoiceField(label="Type", choices=[("", "All types"), *Type.choices], required=False)
    text = forms.CharField(label="Text", max_length=100, required=False)

    def filter(self, lines: Iterable[Line]) -> list[Line]:
        """Return those of the lines that match; what is not valid does not filter."""
        self.is_valid()
        kind, text = self.cleaned_data.get("kind"), self.cleaned_data.get("text", "").casefold()
        return [
            line
            for line in lines
            if (not kind or line.type == kind) and text in f"{line.message}\n{line.product}".casefold()
        ]
