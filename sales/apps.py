from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "sales"
    verbose_name = "Sales"

    def ready(self) -> None:
        from importer.feeds.cleaning import ALSO_DELETED
        from sales.read.removal import delete_sales

        if delete_sales not in ALSO_DELETED:
            ALSO_DELETED.append(delete_sales)
