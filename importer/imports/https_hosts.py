"""Do the hosts that old feeds name with http answer by https? Asked once per host, and kept."""

from collections.abc import Collection, Iterable
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from importer.http.client import Http
from importer.http.errors import NetworkError
from importer.models import LinkHost

# A host seldom loses https, but one that has none may get it.
YES_KEPT, NO_KEPT = timedelta(days=30), timedelta(days=1)
DEADLINE = 10.0  # seconds for each host


def find_https(hosts: Collection[str]) -> dict[str, bool]:
    """Return whether each host answers by https, for those that were asked lately."""
    now = timezone.now()
    yes = Q(has_https=True, checked_at__gt=now - YES_KEPT)
    no = Q(has_https=False, checked_at__gt=now - NO_KEPT)
    return dict(LinkHost.objects.filter(yes | no, host__in=hosts).values_list("host", "has_https"))


def check_https(hosts: Iterable[str], http: Http | None = None) -> None:
    """Ask each host by https, and keep what came of it. Takes seconds: not for use in a transaction."""
    http = http or Http()
    for host in sorted(hosts):
        LinkHost.objects.update_or_create(
            host=host, defaults={"has_https": _answers(http, host), "checked_at": timezone.now()}
        )


def _answers(http: Http, host: str) -> bool:
    """Tell whether the host answers with a certificate that browsers accept, whatever it says."""
    try:
        with http.stream("GET", f"https://{host}/", deadline=DEADLINE, follow=False):
            return True
    except NetworkError:
        return False
