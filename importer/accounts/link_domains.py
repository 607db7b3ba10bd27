"""Where the links of a program may lead: domains of its network, of its own website, and of the account."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cache, lru_cache
from ipaddress import ip_address

from django.db import transaction
from publicsuffixlist import PublicSuffixList

from catalog.lib.addresses import domain_of
from catalog.lib.source_keys import own_part, source_of
from catalog.locks import lock, take_turn
from catalog.models import ShopSource
from importer.models import NetworkAccount, Program
from importer.models.accounts import MAX_LINK_DOMAINS
from importer.models.keys import all_of, program_key
from importer.networks import NETWORKS


def link_domains(keys: Collection[str]) -> dict[str, list[str]]:
    """Return the domains by program key (`network:program`), sorted. Two queries, however many keys.

    A website stands for the domain that its owner registered and all below it: TradeTracker's direct links
    and tracking on a merchant's own domain live there (adtraction.md 5, tradetracker.md 8).
    """
    programs = defaultdict(set)
    known = Program.objects.filter(external_id__any=[own_part(key) for key in keys])
    for network, program_id, url, domains in known.values_list(
        "account__network", "external_id", "url", "link_domains"
    ):
        programs[program_key(network, program_id)].update([site_domain(url), *domains])
    accounts = defaultdict(set)
    for network, domains in NetworkAccount.objects.values_list("network", "link_domains"):
        accounts[network].update(domains)
    return {
        key: sorted({*NETWORKS[network].click_domains, *accounts[network], *programs[key]} - {""})
        for key in keys
        if (network := source_of(key)) in NETWORKS
    }


def refresh_link_domains(network: str) -> None:
    """Tell the shops of the network what their links may lead to now: an account or a program changed."""
    sources = {source.key: source for source in ShopSource.objects.filter(key__startswith=all_of(network))}
    changed = []
    for key, domains in link_domains(sources).items():
        if sources[key].link_domains != domains:
            sources[key].link_domains = domains
            changed.append(sources[key])
    lock(ShopSource.objects.filter(pk__in=[source.pk for source in changed]))
    ShopSource.objects.bulk_update(changed, ["link_domains"], batch_size=1_000)


def learn_link_domains(network: str, domains: Mapping[str, Collection[str]]) -> None:
    """Note domains of programs (by the network's id), and tell their shops. Cheap where all is known."""
    known = Program.objects.filter(account__network=network, external_id__in=domains)
    news = {
        pk: new
        for pk, external_id, stored in known.values_list("pk", "external_id", "link_domains")
        if (new := set(domains[external_id]) - set(stored))
    }
    if not news:
        return
    with transaction.atomic():
        take_turn()
        # On rows that stand still: another worker may have learnt something, too.
        for program in Program.objects.filter(pk__in=news).order_by("pk").select_for_update():
            program.link_domains = sorted({*program.link_domains, *news[program.pk]})[:MAX_LINK_DOMAINS]
            program.save(update_fields=["link_domains"])
        refresh_link_domains(network)


def tracking_domain(network: str, link: str, destination: str) -> str:
    """Return the domain of a shop's own tracking host, or "".

    `link` must be of the network's form, and lead to a page of the domain that its host is on:
    `https://go.shop.se/t/t?a=1&as=2&url=https://www.shop.se/` -> `shop.se`.
    """
    domain = _registrable(domain_of(link))
    is_own = domain and domain == _registrable(domain_of(destination))
    return domain if is_own and NETWORKS[network].click_form.search(link) else ""


def site_domain(url: str) -> str:
    """Return the domain that the owner of the website registered (`shop.co.uk`); of other hosts, the host."""
    host = domain_of(url)
    return _registrable(host) or host


@lru_cache(maxsize=4096)
def _registrable(host: str) -> str:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return _public_suffixes().privatesuffix(host) or ""
    return ""


@cache
def _public_suffixes() -> PublicSuffixList:
    """The list in the package; it is not asked for anywhere."""
    return PublicSuffixList()
