"""Which properties of products visitors see, what they are called, and which they may filter by."""

from django import forms
from django.conf import settings

from catalog.lib.attribute_names import MAX_LABEL
from catalog.queries.attribute_counts import MAX_KEYS


class AttributeForm(forms.Form):
    """One property: whether it is shown and may be a filter, and labels in place of the built-in ones.

    `label` is that in the language of the site; `label_de` and so on are those in the others.
    """

    key = forms.CharField(max_length=200, widget=forms.HiddenInput)
    shown = forms.BooleanField(required=False, label="Show")
    filters = forms.BooleanField(required=False, label="Filter")
    label = forms.CharField(max_length=MAX_LABEL, required=False)

    def __init__(self, *args, language: str = settings.LANGUAGE_CODE, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.language = language
        self.others = [code for code, _ in settings.LANGUAGES if code != language]
        names = dict(settings.LANGUAGES)
        for code in self.others:
            self.fields[f"label_{code}"] = forms.CharField(
                max_length=MAX_LABEL, required=False, label=names[code]
            )

    @property
    def other_labels(self) -> list[forms.BoundField]:
        return [self[f"label_{code}"] for code in self.others]

    @property
    def has_other_labels(self) -> bool:
        return any(field.value() or field.errors for field in self.other_labels)

    @property
    def labels(self) -> dict[str, str]:
        """The labels that were sent, by language; "" for the built-in one."""
        fields = {self.language: "label"} | {code: f"label_{code}" for code in self.others}
        return {
            code: self.cleaned_data.get(name, "")
            for code, name in fields.items()
            if self.add_prefix(name) in self.data
        }


AttributeFormSet = forms.formset_factory(AttributeForm, extra=0, absolute_max=MAX_KEYS, max_num=MAX_KEYS)
