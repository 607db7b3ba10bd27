import json
from dataclasses import asdict
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.test import Client
from django.test.utils import override_settings

from catalog.public.checks import Checker, sample_paths


class Command(BaseCommand):
    help = "Render the public pages and report invalid JSON-LD, missing or double titles and broken links."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument("--limit", type=int, default=200, help="pages of each kind (default: 200)")

    def handle(self, *, limit: int, **options) -> None:
        if limit < 1:
            raise CommandError("--limit must be at least 1.")
        paths = list(sample_paths(limit))
        site = urlsplit(settings.SITE_URL)
        client = Client(
            raise_request_exception=False, HTTP_HOST=site.netloc, **{"wsgi.url_scheme": site.scheme}
        )
        checker = Checker(client)
        with override_settings(PAGE_CACHE_SECONDS=0):  # each page anew, and none is kept
            for path in paths:
                checker.check_page(path)
            checker.finish()
        result = {
            "pages": len(checker.statuses),
            "links": len(checker.linked_from),
            "problems": [asdict(problem) for problem in checker.problems],
        }
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False))
        else:
            for problem in checker.problems:
                self.stdout.write(f"{problem.path} {problem.problem}")
            self.stdout.write(f"{result['pages']} pages and {result['links']} links checked.")
        if checker.problems:
            raise CommandError(f"{len(checker.problems)} problems.")
