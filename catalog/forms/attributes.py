"""Which properties of products visitors see."""

from django import forms

from catalog.lib.attribute_names import MAX_LABEL
from catalog.queries.attribute_counts import MAX_KEYS


class AttributeForm(forms.Form):
    """One property: whether it is shown, and a label in the site's language in place of the built-in one."""

    key = forms.CharField(max_length=200, widget=forms.HiddenInput)
    shown = forms.BooleanField(required=False, label="Show")
    label = forms.CharField(max_length=MAX_LABEL, required=False)


AttributeFormSet = forms.formset_factory(AttributeForm, extra=0, absolute_max=MAX_KEYS, max_num=MAX_KEYS)
