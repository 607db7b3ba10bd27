"""What feeds may change of one product, and which offer feeds each of its fields."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from catalog import services
from catalog.forms.policies import PoliciesForm
from catalog.models import Product
from catalog.queries.field_states import FieldState, get_field_states
from catalog.queries.offers import get_offers_of
from catalog.queries.pictures import find_picture_keys


@require_http_methods(["GET", "POST"])
@permission_required("catalog.change_product", raise_exception=True)
def product_updates(request: HttpRequest, pk: int) -> HttpResponse:
    """Show and save what goes before the policies of the product's account, and who feeds its fields."""
    product = get_object_or_404(Product.objects.select_related("brand"), pk=pk)
    pictures = find_picture_keys([pk]).get(pk, [])
    states = get_field_states(product, pictures=pictures, category_ids=product.category_ids)
    data = request.POST if request.method == "POST" else None
    policies = PoliciesForm(data, policies=product.policies, of_product=True)
    feeders = FeedersForm(data, product=product, states=states)
    if data is not None and policies.is_valid() and feeders.is_valid():
        try:
            with transaction.atomic():
                services.set_policies(product, policies=policies.policies)
                for field, offer_id in feeders.changed:
                    services.choose_feeder(product, field=field, offer_id=offer_id)
        except services.CatalogError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "Saved.")
        return redirect("catalog:product-updates", pk)
    context = {"product": product, "form": policies, "feeders": feeders, "states": states.values()}
    return render(request, "catalog/product_updates.html", context)


class FeedersForm(forms.Form):
    """Of a product with several offers: which one feeds each field. Empty: the one it was made of."""

    def __init__(self, data=None, *, product: Product, states: dict[str, FieldState]) -> None:
        super().__init__(data, prefix="feeder")
        offers = get_offers_of(product)
        self._keys = {offer.source_key: offer.pk for offer in offers}
        first = product.imported.get("source_key")
        others = [
            (offer.pk, f"{offer.shop.name}: {offer.title or product.title}")
            for offer in offers
            if offer.source_key != first
        ]
        for state in states.values() if others else ():
            self.fields[state.field] = forms.TypedChoiceField(
                label=state.name,
                choices=[("", "The one it was made of"), *others],
                coerce=int,
                empty_value=None,
                required=False,
                initial=self._keys.get(state.source_key or "") if state.source_key != first else "",
            )

    @property
    def changed(self) -> list[tuple[str, int | None]]:
        """The fields that another offer is to feed. Valid forms only."""
        return [
            (field, self.cleaned_data[field])
            for field in self.fields
            if self.cleaned_data[field] != (self.fields[field].initial or None)
        ]
