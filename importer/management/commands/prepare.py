from django.core.management.base import BaseCommand

from affiliate_site.preparation import administrator_name, prepare_site


class Command(BaseCommand):
    help = (
        "Migrate the database, collect static files, and make the first administrator (ADMIN_USERNAME, "
        "ADMIN_PASSWORD, ADMIN_EMAIL; without a password one is made up and printed). Safe to repeat."
    )

    def handle(self, **options):
        password = prepare_site()
        if password:
            self.stdout.write(f"First administrator: {administrator_name()}, password: {password}")
