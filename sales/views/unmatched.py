"""Sales that are not matched, and the rules that match them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sales import tasks
from sales.forms import MatchRuleForm
from sales.match.rules import delete_rule, plan_rule, save_rule
from sales.models import MatchRule
from sales.queries.unmatched import DAYS, list_rules, list_unmatched
from sales.views.common import may_rule, may_see_earnings


@require_safe
@may_see_earnings
def unmatched(request: HttpRequest) -> HttpResponse:
    """List what sub-ids are not ours, and the rules."""
    context = {
        "tab": "unmatched",
        "groups": list_unmatched(),
        "without": list_unmatched(with_sub_id=False),
        "rules": list_rules(),
        "days": DAYS,
    }
    return render(request, "sales/unmatched.html", context)


@require_http_methods(["GET", "POST"])
@may_rule
def rule_add(request: HttpRequest) -> HttpResponse:
    """Plan a rule, show what it would change, and store it once a person has seen that."""
    if request.method == "GET":
        names = ("pattern", "network", "program_key")
        form = MatchRuleForm(initial={name: request.GET.get(name, "") for name in names})
        return render(request, "sales/rule_form.html", {"tab": "unmatched", "form": form})
    form = MatchRuleForm(request.POST)
    plan = None
    if form.is_valid():
        rule = form.save(commit=False)
        rule.created_by = request.user
        if "save" in request.POST:
            save_rule(rule)
            tasks.apply_rule.delay_on_commit(rule.pk)
            messages.success(request, f"Saved. Sales of {rule.pattern} are being matched with {rule.target}.")
            return redirect("sales:unmatched")
        plan = plan_rule(rule)
    context = {"tab": "unmatched", "form": form, "plan": plan}
    return render(request, "sales/rule_form.html", context)


@require_POST
@may_rule
def rule_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a rule; its sales are matched as if it had never been."""
    delete_rule(get_object_or_404(MatchRule, pk=pk))
    messages.success(request, "Deleted. Its sales are matched without it.")
    return redirect("sales:unmatched")
