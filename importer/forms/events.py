"""The filter of the API log."""

from django import forms
from django.db.models import Q, QuerySet

from importer.models import ApiEvent


class EventFilterForm(forms.Form):
    """What to show of a network's log: a type, a text."""

    kind = forms.ChoiceField(
        label="Type", choices=[("", "All types"), *ApiEvent.Kind.choices], required=False
    )
    text = forms.CharField(label="Text", max_length=100, required=False)

    def filter(self, events: QuerySet[ApiEvent]) -> QuerySet[ApiEvent]:
        """Narrow `events` down; what is not valid does not filter."""
        self.is_valid()
        if kind := self.cleaned_data.get("kind"):
            events = events.filter(kind=kind)
        if text := self.cleaned_data.get("text"):
            events = events.filter(Q(message__icontains=text) | Q(product__title__icontains=text))
        return events
