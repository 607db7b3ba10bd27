from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from dashboard.security import factors


class Command(BaseCommand):
    help = "Let a user log in with the password alone again: codes of an app, recovery codes and passkeys go."

    def add_arguments(self, parser) -> None:
        parser.add_argument("username")

    def handle(self, *, username: str, **options) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no user “{username}”.")
        said = "has no second factor any more." if factors.turn_off(user) else "had no second factor."
        self.stdout.write(f"{username} {said}")
