"""Where the links of a program may lead: domains of its network, of its own website, and of the account."""

from collections import defaultdict
from collections.abc import Collection

from catalog.links import domain_of
from catalog.models import ShopSource
from importer.models import NetworkAccount, Program
from importer.networks import NETWORKS


def link_domains(keys: Collection[str]) -> dict[str, list[str]]:
    """Return the domains by program key (`network:program`), sorted. Two queries, however many keys.

    A website stands for its host without `www.` and all below it: TradeTracker's direct links and tracking on
    a merchant's own domain live there (NETWORKS.md 2.5, 3.8).
    """
    programs = defaultdict(set)
    known = Program.objects.filter(external_id__any=[key.partition(":")[2] for key in keys])
    for network, program_id, url in known.values_list("account__network", "external_id", "url"):
        programs[f"{network}:{program_id}"].add(domain_of(url))
    accounts = defaultdict(set)
    for network, domains in NetworkAccount.objects.values_list("network", "link_domains"):
        accounts[network].update(domains)
    return {
        key: sorted({*NETWORKS[network].click_domains, *accounts[network], *programs[key]} - {""})
        for key in keys
        if (network := key.partition(":")[0]) in NETWORKS
    }


def refresh_link_domains(network: str) -> None:
    """Tell the shops of the network what their links may lead to now: an account or a program changed."""
    sources = {source.key: source for source in ShopSource.objects.filter(key__startswith=f"{network}:")}
    changed = []
    for key, domains in link_domains(sources).items():
        if sources[key].link_domains != domains:
            sources[key].link_domains = domains
            changed.append(sources[key])
    ShopSource.objects.bulk_update(changed, ["link_domains"], batch_size=1_000)
