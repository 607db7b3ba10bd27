from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PagesConfig(AppConfig):
    name = "pages"
    verbose_name = "Pages"

    def ready(self) -> None:
        from catalog.public import sitemaps
        from catalog.site import generation
        from pages import models
        from pages.queries import posts

        generation.also_watch(
            models.Post, models.Post.categories.through, models.PostAddress, models.MenuItem
        )
        post_migrate.connect(generation.watch_tables, sender=self)
        sitemaps.SECTIONS["guides"] = sitemaps.Section(posts.sitemap_guides, "guides:guide")
        sitemaps.SECTIONS["pages"] = sitemaps.Section(posts.sitemap_pages, "guides:page")
