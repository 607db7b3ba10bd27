import sys
from pathlib import Path

from django.core.management.base import BaseCommand

from dashboard.settings_file.export import export_settings


class Command(BaseCommand):
    help = (
        "Write site settings, account settings, policies, categories, the category map and saved searches as "
        "JSON, for another site. No secret is in it."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", nargs="?", help="where to; without one, to the screen")

    def handle(self, *args, file: str | None = None, **options) -> None:
        text = export_settings()
        if file:
            Path(file).write_text(text)
            self.stdout.write(f"Written: {file}")
        else:
            sys.stdout.write(text)
