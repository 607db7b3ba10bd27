"""Feeds: which to show, what to do with several, and the settings of one."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from catalog.forms import SeenForm
from importer.feeds.state import FILTERS, filter_feeds
from importer.forms.imports import IdListField
from importer.models import Feed

# What only asks the network, and what changes settings.
SYNC = "sync"
SETTINGS = {"mirror": "Mirror", "stop": "Stop mirroring"}


class FeedFilterForm(forms.Form):
    """What to show of a network's feeds: a state, a text in the names of feed, program and account."""

    state = forms.ChoiceField(label="State", choices=[("", "All feeds"), *FILTERS.items()], required=False)
    text = forms.CharField(label="Text", max_length=100, required=False)

    def filter(self, feeds: QuerySet[Feed]) -> QuerySet[Feed]:
        """Narrow `feeds` down; what is not valid does not filter."""
        self.is_valid()
        feeds = filter_feeds(feeds, self.cleaned_data.get("state", ""))
        for word in self.cleaned_data.get("text", "").split():
            in_names = Q(name__icontains=word) | Q(program__name__icontains=word)
            feeds = feeds.filter(in_names | Q(account__label__icontains=word) | Q(external_id=word))
        return feeds


class FeedsActionForm(forms.Form):
    """One thing to do with the ticked feeds: `sync`, a key of SETTINGS or a schedule."""

    ids = IdListField(required=False)
    action = forms.ChoiceField(
        choices=[(SYNC, "Sync now"), *SETTINGS.items(), *Feed.Schedule.choices],
        error_messages={"required": "Choose what to do with the feeds."},
    )

    def clean_ids(self) -> list[int]:
        if not self.cleaned_data["ids"]:
            raise ValidationError("Tick at least one feed first.", code="nothing")
        return self.cleaned_data["ids"]


class FeedForm(SeenForm):
    """The settings of one feed: its pace, and what makes a sync wait for a person."""

    class Meta:
        model = Feed
        fields = [
            *("schedule", "max_shrink_percent", "max_bad_percent", "max_price_factor", "gone_after_syncs"),
        ]
        labels = {
            "schedule": "Sync",
            "max_shrink_percent": "Ask when more than so many % are gone",
            "max_bad_percent": "Ask when more than so many % are unreadable",
            "max_price_factor": "Hold a price that becomes so many times higher or lower",
            "gone_after_syncs": "Take a product for gone after so many syncs without it",
        }
        help_texts = {
            "max_shrink_percent": "",
            "max_bad_percent": "100 never asks.",
            "max_price_factor": "0 holds none.",
            "gone_after_syncs": "Of whole, good feeds. 1: shops drop what is sold out.",
        }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["gone_after_syncs"].required = False

    def clean_gone_after_syncs(self) -> int:
        wanted = self.cleaned_data["gone_after_syncs"]
        return self.instance.gone_after_syncs if wanted is None else wanted
