"""What several of the importer's pages need."""

from django.contrib.auth.decorators import permission_required
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.services import get_or_create_category
from importer.forms import CategoriesForm, SearchForm
from importer.imports import progress
from importer.models import ImportRun, NetworkAccount
from importer.networks import NETWORKS
from importer.networks.contract import Network

IMPORT = "import"  # the form that imports what is ticked: what it kept when it was refused
may_search = permission_required("importer.view_feeditem", raise_exception=True)
may_import = permission_required("importer.add_importrun", raise_exception=True)
may_see_runs = permission_required("importer.view_importrun", raise_exception=True)
may_see_blocks = permission_required("importer.view_block", raise_exception=True)
may_block = permission_required("importer.add_block", raise_exception=True)
may_unblock = permission_required("importer.delete_block", raise_exception=True)
may_see_saved = permission_required("importer.view_savedsearch", raise_exception=True)
may_save = permission_required("importer.add_savedsearch", raise_exception=True)
may_edit_saved = permission_required("importer.change_savedsearch", raise_exception=True)
may_delete_saved = permission_required("importer.delete_savedsearch", raise_exception=True)
may_sync = permission_required("importer.add_syncrun", raise_exception=True)
may_see_log = permission_required("events.view_event", raise_exception=True)
may_configure = permission_required("importer.change_networkaccount", raise_exception=True)


def get_network_class(slug: str) -> type[Network]:
    """Return the network of that slug, or answer 404."""
    try:
        return NETWORKS[slug]
    except KeyError:
        raise Http404(f"There is no network {slug}.") from None


def find_account(data: QueryDict, accounts: list[NetworkAccount]) -> NetworkAccount | None:
    """Return the account that a search names (`account=`; 404 where it is none of these), else the first."""
    if wanted := data.get("account"):
        for account in accounts:
            if str(account.pk) == wanted:
                return account
        raise Http404("There is no such account.")
    return accounts[0] if accounts else None


def get_account(network: str, pk: int) -> NetworkAccount:
    """Return an account of that network, or answer 404."""
    return get_object_or_404(NetworkAccount, network=get_network_class(network).slug, pk=pk)


def set_up_form(data: QueryDict, account: NetworkAccount | None) -> SearchForm | None:
    """Return the search form of an account, bound to `data` where that asks for something."""
    if account is None:
        return None
    network = NETWORKS[account.network]
    form = SearchForm(data, account=account, network=network)
    return form if form.is_asked else SearchForm(account=account, network=network)


def search_url(network: str, search: str) -> str:
    """Return the address of a search at a network, or ("") over the mirrored feeds."""
    url = reverse("importer:network-search", args=[network]) if network else reverse("importer:search-all")
    return f"{url}?{QueryDict(search).urlencode()}" if search else url


def take_categories(form: CategoriesForm) -> list[int]:
    """Return the chosen categories, new ones made first."""
    chosen = [category.pk for category in form.cleaned_data.get("categories", ())]
    return chosen + [get_or_create_category(name).pk for name in form.cleaned_data.get("new_categories", ())]


def progress_context(run: ImportRun) -> dict:
    """Return what `_run_progress.html` shows."""
    return {"run": run, "progress": progress.of_run(run), "counts": progress.verdict_counts(run)}
