"""Addresses of the importer, under /dashboard/."""

from django.urls import path

from importer.views import accounts, buttons, feeds, imports, index_search, log, pictures, runs, search

app_name = "importer"
urlpatterns = [
    path("search/", search.search_all, name="search-all"),
    path("search/import/", imports.index_import, name="index-import"),
    path("search/list/", index_search.search_list, name="search-list"),
    path("search/<int:pk>/", search.search_section, name="search-section"),
    path("networks/<slug:network>/", search.network_search, name="network-search"),
    path("networks/<slug:network>/import/", imports.import_selected, name="import-selected"),
    path("networks/<slug:network>/feeds/", feeds.network_feeds, name="network-feeds"),
    path("networks/<slug:network>/feeds/apply/", feeds.feeds_apply, name="feeds-apply"),
    path("networks/<slug:network>/feeds/refresh/", feeds.feeds_refresh, name="feeds-refresh"),
    path("networks/<slug:network>/settings/", accounts.network_settings, name="network-settings"),
    path("networks/<slug:network>/settings/new/", accounts.account_add, name="account-add"),
    path("networks/<slug:network>/settings/<int:pk>/", accounts.network_settings, name="account-edit"),
    path("networks/<slug:network>/settings/<int:pk>/check/", accounts.account_check, name="account-check"),
    path("networks/<slug:network>/settings/<int:pk>/remove/", accounts.account_remove, name="account-remove"),
    path("networks/<slug:network>/buttons/", buttons.network_buttons, name="network-buttons"),
    path("networks/<slug:network>/log/", log.network_log, name="network-log"),
    path("networks/<slug:network>/log/delete/", log.log_delete, name="log-delete"),
    path("accounts/<int:pk>/index/", search.index_state, name="index-state"),
    path("accounts/<int:pk>/categories/", search.category_options, name="category-options"),
    path("feeds/<int:pk>/", feeds.feed_detail, name="feed-detail"),
    path("feeds/<int:pk>/row/", feeds.feed_row, name="feed-row"),
    path("feeds/<int:pk>/mirror/", feeds.feed_mirror, name="feed-mirror"),
    path("feeds/<int:pk>/schedule/", feeds.feed_schedule, name="feed-schedule"),
    path("feeds/<int:pk>/sync/", feeds.feed_sync, name="feed-sync"),
    path("syncs/<int:pk>/progress/", feeds.sync_progress, name="sync-progress"),
    path("syncs/<int:pk>/cancel/", feeds.sync_cancel, name="sync-cancel"),
    path("feeds/<int:pk>/held-prices/accept/", feeds.held_prices_accept, name="held-prices-accept"),
    path("syncs/<int:pk>/accept/", feeds.sync_accept, name="sync-accept"),
    path("syncs/<int:pk>/discard/", feeds.sync_discard, name="sync-discard"),
    path("items/<int:pk>/row/", imports.item_row, name="item-row"),
    path("items/<int:pk>/import/", imports.item_import, name="item-import"),
    path("items/<int:pk>/import/<int:run>/", imports.item_imported, name="item-imported"),
    path("items/<int:pk>/quick/", imports.item_quick, name="item-quick"),
    path("products/<int:pk>/pictures/retry/", pictures.picture_retry, name="picture-retry"),
    path("runs/", runs.run_list, name="run-list"),
    path("runs/<int:pk>/", runs.run_detail, name="run-detail"),
    path("runs/<int:pk>/progress/", runs.run_progress, name="run-progress"),
    path("runs/<int:pk>/cancel/", runs.run_cancel, name="run-cancel"),
    path("runs/<int:pk>/retry/", runs.run_retry, name="run-retry"),
    path("runs/<int:pk>/allow/", runs.run_allow, name="run-allow"),
]
