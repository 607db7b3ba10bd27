from axes.utils import reset
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from affiliate_site.run.preparation import new_password
from dashboard.users import administrators, set_password


class Command(BaseCommand):
    help = "Give an administrator a new password, print it, and open a login that wrong passwords closed."

    def add_arguments(self, parser) -> None:
        parser.add_argument("name", nargs="?", help="may be left out where there is one administrator")

    def handle(self, *, name: str | None, **options) -> None:
        user = self.get_user(name)
        password = new_password()
        set_password(user, password)
        reset(username=user.username)
        self.stdout.write(f"{user.username} now has the password {password} (shown only now)")

    def get_user(self, name: str | None) -> User:
        found = list(administrators().filter(username=name) if name else administrators()[:2])
        if len(found) == 1:
            return found[0]
        names = ", ".join(administrators().order_by("username").values_list("username", flat=True)[:20])
        if not names:
            raise CommandError("There is no administrator yet: manage.py up and prepare make the first one.")
        raise CommandError(
            f"{'There is no such administrator' if name else 'Which one'}? There are: {names}."
        )
