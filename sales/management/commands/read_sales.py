from datetime import date, timedelta

from django.core.management.base import CommandError
from django.db.models import Q
from django.utils import timezone

from importer.accounts.reports import has_report_login
from importer.management.output import ScriptCommand
from importer.models import NetworkAccount
from importer.networks import NETWORKS
from sales.models import ACTIVE, ReportAccount, ReportWindow
from sales.read import reader, schedule


class Command(ScriptCommand):
    help = "Read the sales that the networks report: what is due, or the days that you name."

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--account", help="its name or number; all accounts with a login for reports otherwise"
        )
        parser.add_argument("--from", dest="first", type=date.fromisoformat, metavar="YYYY-MM-DD")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, metavar="YYYY-MM-DD")

    def run(self, **options) -> list:
        account, first, last = options["account"], options["first"], options["last"]
        accounts = self.get_accounts(account)
        results = []
        for number, one in enumerate(accounts, 1):
            results.append(self.read(one, first, last))
            self.progress(number, len(accounts))
        if results and all(result.get("message") for result in results):
            raise CommandError("; ".join(f"{result['account']}: {result['message']}" for result in results))
        return results

    def get_accounts(self, wanted: str | None) -> list[NetworkAccount]:
        accounts = NetworkAccount.objects.all()
        if wanted:
            accounts = accounts.filter(Q(label=wanted) | (Q(pk=int(wanted)) if wanted.isdecimal() else Q()))
        found = [account for account in accounts if has_report_login(account)]
        if wanted and not found:
            raise CommandError(f"There is no account {wanted} with a login for reports.")
        return found

    def read(self, account: NetworkAccount, first: date | None, last: date | None) -> dict:
        began_at = timezone.now()
        reports = NETWORKS[account.network].reports
        assert reports is not None
        if first or last:
            last = last or schedule.today_of(reports, began_at)
            first = first or last - timedelta(days=1)
            if first > last:
                raise CommandError("--from is after --to.")
            schedule.ask_for(account, first, last)
        else:
            ReportAccount.objects.filter(account=account).update(rests_until=None, recent_at=None)
            schedule.plan(began_at)
        reader.work(account.pk)
        windows = account.report_windows.filter(Q(finished_at__gte=began_at) | Q(state__in=ACTIVE))
        done = [one for one in windows if one.state == ReportWindow.State.DONE]
        names = ("row", "new", "changed", "missed", "bad")
        counts = {name: sum(getattr(one, f"{name}_count") for one in done) for name in names}
        messages = [
            str(one.message) for one in windows if one.message and one.state != ReportWindow.State.DONE
        ]
        return {
            "account": account.label,
            "network": account.network,
            "windows": len(done),
            "waiting": len([one for one in windows if one.is_active]),
            "rows": counts.pop("row"),
            **counts,
            **({"message": messages[0]} if messages else {}),
        }

    def describe(self, result: list) -> str:
        lines = [
            f"{one['account']}: {one['rows']:,} rows of {one['windows']} windows, {one['new']:,} new, "
            f"{one['changed']:,} changed {one.get('message', '')}".rstrip()
            for one in result
        ]
        return "\n".join(lines) or "No account has a login for reports."
