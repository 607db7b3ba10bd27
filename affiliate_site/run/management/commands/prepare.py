from django.core.management.base import BaseCommand, CommandError

from affiliate_site.run.preparation import make_first_administrator, prepare_site
from affiliate_site.run.supervisor import SetupError


class Command(BaseCommand):
    help = (
        "Migrate the database, collect static files, and make the first administrator (ADMIN_USERNAME, "
        "ADMIN_PASSWORD, ADMIN_EMAIL; without a password one is made up and printed). Safe to repeat."
    )
    requires_system_checks = []  # they need the database, and do not say in words that it is away

    def handle(self, **options):
        try:
            prepare_site()
        except SetupError as error:
            raise CommandError(str(error)) from None
        make_first_administrator(self.stdout.write)
