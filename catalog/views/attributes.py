"""Which properties of products visitors see under "Details"."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.http import require_http_methods

from catalog import services
from catalog.forms import AttributeFormSet
from catalog.lib.attributes import is_shown, label_of
from catalog.queries.attribute_counts import SAMPLE, AttributeCount, count_attributes
from catalog.site.settings import get_settings


@require_http_methods(["GET", "POST"])
@permission_required("catalog.change_sitesettings", raise_exception=True)
def attribute_list(request: HttpRequest) -> HttpResponse:
    """List the properties of products, with how many have each, and choose which are shown."""
    site = get_settings()
    counts = count_attributes()
    initial = [
        {
            "key": one.key,
            "shown": is_shown(one.key, site.attributes),
            "filters": bool(site.attributes.get(one.key, {}).get("filter")),
            "label": (labels := site.attributes.get(one.key, {}).get("labels", {})).get(site.language, ""),
            **{f"label_{code}": text for code, text in labels.items()},
        }
        for one in counts
    ]
    forms = AttributeFormSet(request.POST or None, initial=initial, form_kwargs={"language": site.language})
    if request.method == "POST" and forms.is_valid():
        services.save_attribute_choices(
            {
                form.cleaned_data["key"]: services.AttributeChoice(
                    form.cleaned_data["shown"], form.cleaned_data["filters"], form.labels
                )
                for form in forms
                if form.cleaned_data
            }
        )
        messages.success(request, "Details saved.")
        return redirect("catalog:attribute-list")
    by_key = {one.key: one for one in counts}
    with translation.override(site.language):
        rows = [_row(form, by_key.get(form["key"].value()), site.attributes) for form in forms]
    context = {"forms": forms, "rows": rows, "sample_size": SAMPLE, "language": site.get_language_display()}
    return render(request, "catalog/attribute_list.html", context)


def _row(form, count: AttributeCount | None, choices: dict) -> tuple:  # noqa: ANN001 (a form of the set)
    """Return (form, built-in label, count) of a line."""
    count = count or AttributeCount(form["key"].value() or "")
    without = {key: {} for key in choices}
    label = label_of(count.key, count.names[0] if count.names else count.key, without)
    form.fields["label"].widget.attrs |= {
        "class": "input",
        "placeholder": label,
        "aria-label": f"Name of {label}",
    }
    form.fields["shown"].widget.attrs["aria-label"] = f"Show {label}"
    form.fields["filters"].widget.attrs["aria-label"] = f"{label} may be a filter"
    for code in form.others:
        form.fields[f"label_{code}"].widget.attrs |= {"class": "input"}
    return form, label, count
