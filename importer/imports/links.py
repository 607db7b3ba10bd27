"""May a button have the link of an item, what must be asked before, and where does a sub-id go?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cache

from catalog.clicks.outbound_url import PLACEHOLDER, insecure_host, is_within, refusal, secured
from catalog.lib.addresses import domain_of, host_of
from catalog.lib.source_keys import own_part
from importer.accounts.link_domains import link_domains, tracking_domain
from importer.imports.https_hosts import find_https
from importer.imports.planned import PlannedItem
from importer.networks import NETWORKS
from importer.networks.contract import Network


def link_refusal(
    planned: PlannedItem, domains: Collection[str] = (), has_https: Mapping[str, bool] | None = None
) -> str:
    """Return why no button may have the item's link, or "".

    It may lead to its network, to what the account names, and to `domains`. A link with http becomes one with
    https, unless `has_https` says of its host that it does not answer so.
    """
    link = planned.item.tracking_url
    click_domains = NETWORKS[planned.account.network].click_domains
    url = secured(link)
    reason = refusal(url, (*click_domains, *planned.account.link_domains, *domains))
    if reason and not refusal(url, [domain_of(url)]):
        reason += " If that is right, name the domain in the account's settings."
    if not reason and has_https and has_https.get(insecure_host(link)) is False:
        host = insecure_host(link)
        if not is_within(host, click_domains):
            reason = f"Its link is not secure (http), and {host} does not answer by https."
    return reason


def unchecked_hosts(planned_items: Sequence[PlannedItem]) -> set[str]:
    """Return the hosts that links lead to by http, and may, of which nobody knows whether they have https.

    Ask them (`imports.https_hosts`) before the items are carried out; a plan takes https for granted.
    """
    hosts = defaultdict(list)
    for planned in planned_items:
        if host := insecure_host(planned.item.tracking_url):
            hosts[host].append(planned)
    if not hosts:
        return set()
    domains = find_domains([planned for of_host in hosts.values() for planned in of_host])
    known = find_https(hosts)
    return {
        host
        for host, of_host in hosts.items()
        if host not in known
        and not is_within(host, NETWORKS[of_host[0].account.network].click_domains)
        and any(not link_refusal(planned, domains.get(planned.item.program_key, ())) for planned in of_host)
    }


def shop_hosts(planned_items: Sequence[PlannedItem]) -> dict[str, dict[str, set[str]]]:
    """Return what the links say of tracking hosts of the shops' own: network -> program id -> domains."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for planned in planned_items:
        item, network = planned.item, planned.account.network
        # The usual link leads to its network: nothing else is looked at.
        if is_within(host_of(item.tracking_url), NETWORKS[network].click_domains):
            continue
        if domain := tracking_domain(network, item.tracking_url, item.product_url):
            found[network][own_part(item.program_key)].add(domain)
    return found


def find_domains(planned_items: Sequence[PlannedItem]) -> dict[str, list[str]]:
    """Return the domains of the programs some of whose links do not lead to their network."""
    strangers = {planned.item.program_key for planned in planned_items if link_refusal(planned)}
    return link_domains(strangers) if strangers else {}


def tracking_template(network: str, url: str) -> str:
    """Return the tracking address with a placeholder where this network wants the sub-id.

    "" for an address that takes none: a bare shop link.
    """
    template = _link_maker(network).tracking_url(url, PLACEHOLDER)
    # Twice: the address itself holds the word, and a click must not replace that.
    return template if template.count(PLACEHOLDER) == 1 else ""


@cache
def _link_maker(network: str) -> Network:
    return NETWORKS[network]({})
