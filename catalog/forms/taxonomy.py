"""Categories, brands and shops."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import translation

from catalog.forms.fields import ParentField, logo_file
from catalog.forms.seen import SeenForm
from catalog.lib.attributes import label_of
from catalog.lib.facets import MAX_FACETS, filter_keys
from catalog.models import Brand, Category, Shop
from catalog.queries.categories import with_descendants
from catalog.services import Place
from catalog.site.settings import get_settings


class NameForm(SeenForm):
    """A thing with a name; its address is made from the first one and stays."""

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class CategoryForm(NameForm):
    parent = ParentField(Category.objects.all(), required=False, empty_label="None (at the top)")

    class Meta:
        model = Category
        fields = ("name", "parent")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            below = with_descendants(Category.objects.all(), self.instance.pk)
            self.fields["parent"].queryset = Category.objects.exclude(pk__in=below)
            if choices := _facet_choices():
                self.fields["facets"] = forms.MultipleChoiceField(
                    choices=choices,
                    required=False,
                    initial=self.instance.facets,
                    label="Filters",
                    help_text="None: those of the category above. More under “Product details”.",
                    widget=forms.CheckboxSelectMultiple,
                )

    def clean_facets(self) -> list[str]:
        if len(self.cleaned_data["facets"]) > MAX_FACETS:
            raise ValidationError(f"Choose {MAX_FACETS} at most: more nobody reads.")
        return self.cleaned_data["facets"]


def _facet_choices() -> list[tuple[str, str]]:
    """Return the properties that may be a filter, by the names that visitors read."""
    site = get_settings()
    with translation.override(site.language):
        return [(key, label_of(key, key, site.attributes)) for key in filter_keys(site.attributes)]


class CategoryMoveForm(forms.Form):
    """Where a category goes: `before:7`, `after:7` or `inside:7`, as buttons and dragging say it."""

    to = forms.RegexField(rf"^({'|'.join(Place.values)}):\d{{1,18}}$")

    def clean_to(self) -> tuple[Place, Category]:
        place, _, pk = self.cleaned_data["to"].partition(":")
        target = Category.objects.filter(pk=pk).first()
        if target is None:
            raise ValidationError("This category was removed meanwhile.")
        return Place(place), target


class CategoryMergeForm(forms.Form):
    """The category that gets what is in another."""

    into = ParentField(Category.objects.all(), label="Merge into", empty_label="Choose a category")

    def __init__(self, *args, category: Category, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        below = with_descendants(Category.objects.all(), category.pk)
        self.fields["into"].queryset = Category.objects.exclude(pk__in=below)


class BrandForm(NameForm):
    class Meta:
        model = Brand
        fields = ("name",)


class MergeForm(forms.Form):
    """The brand or shop, by its name, that gets what another one has."""

    into = forms.CharField(
        label="Merge into",
        max_length=120,
        widget=forms.TextInput(attrs={"list": "merge-names", "autocomplete": "off"}),
    )

    def __init__(self, *args, thing: Brand | Shop, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.thing = thing

    def clean_into(self) -> Brand | Shop:
        others = type(self.thing).objects.filter(name__iexact=self.cleaned_data["into"])
        into = others.exclude(pk=self.thing.pk).order_by("pk").first()
        if into is None:
            raise ValidationError(f"There is no other {self.thing._meta.verbose_name} of this name.")
        return into


class ShopMergeForm(forms.Form):
    """The shop that was seen on the page that asks: by id, as it may have been renamed since."""

    into = forms.ModelChoiceField(Shop.objects.all())


class ShopForm(SeenForm):
    url = forms.CharField(
        label="Website", max_length=2000, required=False, validators=[URLValidator(["http", "https"])]
    )

    class Meta:
        model = Shop
        fields = ("name", "url", "logo")
        help_texts = {
            "name": "Visitors see it, and it fills the %s of the buttons.",
            "logo": "Shown instead of the network's logo.",
        }

    def clean_logo(self):
        logo = self.cleaned_data["logo"]
        return logo_file(logo) if logo and "logo" in self.changed_data else logo
