"""What people read of a reason: one sentence per code, made at the edge and in the reader's language.

A sentence names parameters as `%(name)s`. Numbers are written as the language writes them. Some have rules of
their own: `said`, somebody's own words, comes after a colon where there are any; without a `who` or a `host`
it is "the server"; and a `network` that the sentence does not name stands before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from importer.http.errors import NetworkError
from importer.reasons import Reason

# --- What no other try changes -----------------------------------------------------------------
REFUSED = {
    "credentials_refused": _(
        "%(who)s refused the credentials%(said)s. Trying again does not help: check the account's settings."
    ),
    "access_refused": _(
        "%(who)s refused access%(said)s. Trying again does not help: ask the network for access."
    ),
    "address_unknown": _(
        "%(who)s does not know this address%(said)s. Trying again does not help: it may be closed or removed."
    ),
    "address_gone": _("%(who)s does not have this any more%(said)s. Trying again does not help."),
    "request_refused": _(
        "%(who)s refused the request (status %(status)s)%(said)s. Trying again does not help."
    ),
    "login_page": _(
        "%(who)s sent a login page instead of data. Trying again does not help: check the account's settings."
    ),
    "sign_in_again": _(
        "The stored sign-in does not count any more. Sign in again in the account's settings."
    ),
    "moved": _("%(who)s moved to %(host)s."),
    "redirects_in_a_circle": _("%(host)s redirects in a circle."),
    "private_address": _(
        "%(host)s is a private address. Name it in ALLOW_PRIVATE_HOSTS if it may be reached."
    ),
    "bad_address": _("The address of %(host)s cannot be used."),
    "too_large": _("The answer of %(host)s is too large."),
    "local_file": _("%(network)s: the service description names a local file."),
    # The networks' own
    "no_search": _("%(network)s has no product search."),
    "changes_not_told": _("%(network)s does not tell what changed."),
    "token_refused": _(
        "%(network)s refused the token%(said)s. Trying again does not help: check the account's settings."
    ),
    "passphrase_refused": _(
        "%(network)s refused the customer ID or the passphrase%(said)s. "
        "Trying again does not help: check the account's settings."
    ),
    "no_reason_given": _(
        "%(network)s refused the request (status 400): it gave no reason, as its firewall does. "
        "Trying again does not help."
    ),
    "fault": _("%(network)s refused the request%(said)s. Trying again does not help."),
    "feed_not_connected": _(
        "Feed not connected yet: %(network)s does so a day after a program accepts you%(said)s."
    ),
    "feed_of_another": _("This feed belongs to a program that is not yours%(said)s."),
    "mapping_refused": _("%(network)s refused the mapping%(said)s."),
    "own_file_missing": _("The file of this feed is not there. Upload it, or look at its folder."),
    "own_columns_missing": _("Map the columns of this feed first: ID, name, address, picture and price."),
    "own_refuses_all": _("Tradedoubler refuses one product after the other%(said)s. The push was stopped."),
    "no_feed": _("%(network)s sent no feed%(said)s. Trying again does not help."),
    "site_unknown": _("%(network)s knows no affiliate site %(site)s of yours. Yours: %(own)s."),
    "no_site": _("%(network)s knows no affiliate site %(site)s of yours. Yours: none."),
    # The advertiser's desk
    "role_too_low": _("The role of this login does not allow it at %(network)s%(said)s."),
    "not_an_advertiser": _("This login at %(network)s is not an advertiser's."),
    "decision_refused": _("%(network)s did not take the decision%(said)s."),
    "list_too_long": _("%(network)s gave out %(count)s rows and no end: ask for a part of the list."),
    "no_reports": _("%(network)s has no reports of sales."),
    "login_read_already": _("The sales of this login are read through “%(account)s” already."),
    # Our account
    "credentials_missing": _("Enter %(fields)s in the settings of “%(account)s”."),
    "credentials_unreadable": _(
        "These credentials can no longer be read. Enter them again, or put the old key back into "
        "CREDENTIALS_KEYS."
    ),
    # Files that are not safe to read
    "feed_too_large": _("The feed is larger than any feed should be, so it was not read."),
    "feed_bomb": _("The file unpacks to far more than a feed would, so it was not read."),
    "product_too_large": _("One product of the feed is larger than any product should be."),
    "feed_declares_entities": _("The feed declares entities of its own, as attacks do, so it was not read."),
    "feed_not_xml": _("The feed is not valid XML."),
    "feed_without_products": _("The feed holds no products that can be recognised."),
}

# --- What is worth another try -----------------------------------------------------------------
UNAVAILABLE = {
    "busy": _("Too many searches are waiting for networks."),
    "host_busy": _("Other feeds of this network are being read."),
    "requests_spent": _("The requests of this minute are spent; the rest is for people."),
    "rate_limited": _("%(who)s allows no more requests for now%(said)s."),
    "server_problem": _("%(who)s has a problem (status %(status)s)%(said)s."),
    "unreachable": _("%(host)s cannot be reached."),
    "no_answer_in_time": _("%(host)s did not answer in time."),
    "bad_certificate": _("%(host)s has no valid certificate."),
    "answer_too_slow": _("%(host)s took too long to answer."),
    "sends_too_slowly": _("%(host)s sends too slowly."),
    "stopped_sending": _("%(host)s stopped sending in the middle of its answer."),
    "answer_cut": _("The answer of %(host)s was cut off."),
    "web_page": _("A web page came instead of data."),
    "web_page_for_description": _("A web page came instead of the service description."),
    "empty_answer": _("The answer is empty."),
    "not_json": _("The answer is not valid JSON."),
    "no_json": _("The answer is not valid JSON: it begins with “%(begin)s”."),
    "not_xml": _("The answer is not valid XML."),
    "other_xml": _("The answer is not the XML that was expected."),
    "unknown_form": _("The answer has an unknown form."),
    "no_list": _("The answer has no list of %(name)s."),
    "token_is_renewed": _("Another worker is renewing the sign-in."),
    "ids_not_obeyed": _("The answer has other products than those that were asked for."),
    "same_page_again": _("The same page of a list came twice."),
    "report_lacks": _("The report lacks %(count)s sales that were there before. They still count."),
    "list_moves": _("The list changed all the time while it was read."),
    "downloads_spent": _("%(network)s allows three downloads of a feed in a day, and they are spent."),
    "download_refused": _("%(network)s refused another download%(said)s."),
    "still_preparing": _("%(network)s is still preparing the file of this feed."),
    "kept_unreadable": _("The download that was kept cannot be read."),
    # Damaged files
    "feed_cut": _("The feed is cut off in the middle of a row."),
    "feed_cut_or_not_json": _("The feed is cut off or is not valid JSON."),
    "feed_last_tag_missing": _("The feed is cut off: its last tag is missing."),
    "feed_count_missing": _("The feed is cut off: the count of products at its end is missing."),
    "packed_damaged": _("The packed file is damaged."),
    "packed_cut": _("The packed file is cut off."),
    "packed_cut_or_damaged": _("The packed file is cut off or damaged."),
    "archive_empty": _("The archive holds no file."),
    # What came in place of a feed
    "feed_empty_answer": _("An empty answer came in place of the feed."),
    "feed_web_page": _("A web page came in place of the feed: “%(words)s”"),
    "feed_message": _("A message came in place of the feed%(said)s."),
    "feed_something_else": _("Something else came in place of the feed: “%(words)s”"),
    "feed_no_list": _("Something else came in place of the feed: JSON without a list of products."),
}

# --- What runs, feeds and searches say ---------------------------------------------------------
SAID = {
    "try_again_later": _("Try again in a few minutes."),
    "try_again_in_seconds": _("Try again in %(count)s seconds."),
    "try_again_in_minutes": _("Try again in %(count)s minutes."),
    "try_again_in_hours": _("Try again in %(count)s hours."),
    # Searches
    "hits_capped": _("%(network)s shows the first %(most)s hits of a search. Narrow it to see the others."),
    "hits_capped_of": _(
        "%(network)s shows the first %(most)s of %(total)s hits of a search. Narrow it to see the others."
    ),
    "hits_not_looked_through": _("Only the first %(most)s hits were looked through. Narrow the search."),
    "program_without_feed": _("This program has no product feed."),
    "currency_hides_hits": _(
        "Prices are compared in %(currency)s, the account's currency. "
        "Hits in other currencies are not shown: take the prices away to see them."
    ),
    # Syncs
    "waits_for_connection": _("Waiting for a free connection."),
    "waits_for_file": _("Waiting for %(network)s to make the file."),
    "gives_way": _("Waiting for a free connection: other feeds of this network are being read."),
    "sync_cancelled": _("Cancelled. The index is as it was."),
    "stopped_by_error": _("Stopped by an error (%(error)s)."),
    "tried_again_by_itself": _("It is tried again by itself."),
    "cut_at_source": _(
        "It ended at the same place last time: the file is cut where it is made. Ask the network or the shop."
    ),
    # Held feeds
    "count_differs": _("The feed says that it has %(promised)s products, but %(came)s came."),
    "may_be_cut_at_source": _("It may be cut where it is made: ask the network or the shop."),
    "feed_came_empty": _("The feed came back empty; %(kept)s products are kept."),
    "rows_unusable": _("%(bad)s of %(rows)s rows cannot be used; the first: %(first)s."),
    "products_gone": _("%(gone)s of %(live)s products would be gone."),
    "many_missed": _("%(missed)s of %(listed)s products were not found; none is taken for gone."),
    "currency_changes": _("%(changed)s of %(live)s products would change their currency."),
    # Freshness
    "feed_not_here": _("Its feed is not here any more."),
    "sync_held": _("The feed is held."),
    "sync_failed": _("The last sync failed."),
    "sync_runs": _("It is being synced."),
    "synced_seldom": _("Its feed is synced %(schedule)s, less often than is promised."),
    "next_sync": _("Its next sync comes."),
    "waits_for_window": _("Waits for its hours, %(start)s to %(end)s."),
    "not_mirrored_not_read": _("Its feed is not mirrored, and the network gives out no single products."),
    "waits_for_turn": _("Due, and waiting for their turn: %(count)s."),
    "not_found_by_itself": _("Cannot be found by themselves: %(count)s. Mirror the feed."),
    "next_read": _("They are read when their turn comes."),
    # Imports
    "account_removed": _("The account was removed."),
    "overtaken": _("Overtaken by a newer sync of the feed."),
    "goes_on_by_itself": _("The import goes on by itself."),
    # Weeks of the sandbox
    "week_began_anew": _("The sandbox has begun anew. Reload the page and try again."),
    "week_feeds_read": _("Feeds are still being read. Wait for them, then let the week pass."),
    # Saved searches
    "saved_asks": _("The network is being asked."),
    "saved_asked": _("Asked the network: looked at its first %(count)s products."),
    "saved_no_account": _("The account that it asks is not here any more."),
    "saved_looked": _("Looked, and added nothing."),
    "saved_adds": _("Adds %(count)s."),
    "saved_nothing": _("Nothing to add."),
    "saved_limit": _("Nothing added: the %(limit)s of today are spent."),
    "saved_needs_trial": _("Nothing added: somebody must look at the trial first."),
    "saved_no_feed": _("None of the feeds that it searches is mirrored here."),
    "saved_unreadable": _("The search cannot be read%(said)s."),
    # Pictures
    "picture_broke_worker": _("It broke the worker that read it."),
    "picture_late": _("%(host)s took too long."),
    "picture_not_copied": _("It could not be copied (%(error)s)."),
    # Own products (the desk)
    "own_price_factor": _(
        "%(count)s of %(total)s prices are %(factor)s times what they were: the file may be in cents."
    ),
    "own_prices_whole": _(
        "All %(count)s prices are whole numbers, such as %(example)s. Say in the feed's settings "
        "whether they are cents."
    ),
    "own_many_gone": _("%(gone)s of %(held)s products would vanish from the network."),
    "own_all_gone": _("The source has no product that can be sent; the network holds %(held)s."),
    "own_refused": _("Tradedoubler refused it%(said)s."),
    "own_held_less": _("Tradedoubler holds %(held)s products, %(sent)s were sent. It may still be at work."),
    "own_held_other": _("Tradedoubler does not show “%(id)s” as it was sent. It may still be at work."),
    "own_file_other": _("Tradedoubler has not written the feed anew yet."),
    "own_id_missing": _("The row has no product ID."),
    "own_id_comma": _("The ID “%(id)s” has a comma or a semicolon, which separate IDs at Tradedoubler."),
    "own_id_long": _("The ID is longer than %(most)s characters."),
    "own_id_twice": _(
        "This ID stands in the file %(count)s times, for different products. Nothing of them is sent."
    ),
    "own_value_missing": _("%(field)s is missing."),
    "own_price_unreadable": _("The price “%(text)s” cannot be read for sure."),
    "own_price_decimals": _("The price “%(text)s” needs more than two decimals. It has none or two."),
    "own_price_cents": _("The price “%(text)s” is no whole number of cents."),
    "own_price_zero": _("The price is 0."),
    "own_price_currency": _("The price is in %(currency)s, the feed in %(own)s."),
    "own_address": _("%(field)s is no web address: “%(text)s”."),
    "own_category_missing": _("The product has no category, neither yours nor Tradedoubler's."),
    "own_category_number": _("The category “%(text)s” is no number, as those of Tradedoubler are."),
    "own_number": _("%(field)s is no whole number: “%(text)s”."),
    "own_ean": _(
        "The EAN “%(text)s” has not 8, 12, 13 or 14 digits. Spreadsheets shorten them; write it as text."
    ),
    "own_letters": _("%(field)s has a character that Tradedoubler does not take (%(letter)s)."),
    "own_encoding": _(
        "%(field)s has letters that could not be read: the file is not in the encoding that it says."
    ),
    # The database
    "database_short": _("The database is short of resources."),
    "database_disk_full": _("The disk of the database is full."),
    "database_out_of_memory": _("The database is out of memory."),
    "database_no_connection_left": _("The database has no connection left."),
    "database_limit_reached": _("The database has reached a limit that its settings set."),
    "database_disk_broken": _("The disk of the database cannot be read or written."),
    "database_lost": _("The connection to the database was lost."),
    "database_restarting": _("The database is stopping or starting."),
}
SENTENCES = {**REFUSED, **UNAVAILABLE, **SAID}


class Sentence(Reason):
    """A reason that reads as its sentence wherever it is shown."""

    __slots__ = ()

    def __str__(self) -> str:
        return say(self)


def say(what: Reason | NetworkError) -> str:
    """Return the sentence of a reason or an error, and what comes after it, in the active language.

    A code that is no longer known, of an older version, reads as itself.
    """
    reason = what.reason if isinstance(what, NetworkError) else what
    sentence = str(SENTENCES.get(reason.code, "")) or reason.code.replace("_", " ").capitalize() + "."
    network = reason.params.get("network")
    if network and not ("%(network)s" in sentence or "%(who)s" in sentence):
        sentence = f"%(network)s: {sentence}"
    words = sentence % _Values(reason.params)
    return f"{words} {say(reason.then)}" if reason.then else words


def _readable(value: Any) -> Any:
    if isinstance(value, list):
        return get_text_list(value, gettext("and"))
    return intcomma(value) if type(value) is int else value


class _Values(dict[str, Any]):
    """The parameters as a sentence has them; what an older version did not give reads as "?"."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        super().__init__({name: _readable(value) for name, value in params.items()})
        if "said" in self:
            words = str(self["said"]).strip().rstrip(".")
            self["said"] = f": {words}" if words else ""
        if "who" in self:
            self["who"] = self["who"] or gettext("The server")
        if "host" in self:
            self["host"] = self["host"] or gettext("the server")

    def __missing__(self, name: str) -> str:
        return "?"
