"""Mail that the site sent or will send, for administrators; and which mails users want, for each of them."""

from csp.decorators import csp_exempt
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, permission_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.digest.people import choices_of, read_stop_token, save_choices, stop
from dashboard.forms import MailChoicesForm
from importer.views.common import may_search
from mail.models import Mail
from mail.outbox import reaches_people, send_again, troubled_mail
from mail.reading import list_mails, recipient_of, show

PAGE_SIZE = 50
# Nothing of a mail runs, is fetched or leads anywhere, whoever's words are in it.
IN_A_BOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
may_see_mail = permission_required("mail.view_mail", raise_exception=True)


@require_safe
@may_see_mail
def mail_list(request: HttpRequest) -> HttpResponse:
    only_troubled = request.GET.get("state") == "troubled"
    page = Paginator(list_mails(only_troubled=only_troubled), PAGE_SIZE).get_page(request.GET.get("page"))
    for mail in page:
        mail.to = recipient_of(mail)
    context = {"page_obj": page, "only_troubled": only_troubled, "reaches_people": reaches_people()}
    return render(request, "dashboard/mail_list.html", context | {"troubled": troubled_mail().count()})


@require_safe
@may_see_mail
def mail_detail(request: HttpRequest, pk: int) -> HttpResponse:
    mail = get_object_or_404(Mail, pk=pk)
    mail.to = recipient_of(mail)
    return render(request, "dashboard/mail_detail.html", {"mail": mail, "shown": show(mail)})


@require_safe
@may_see_mail
@xframe_options_sameorigin
@csp_exempt()
def mail_html(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the HTML of a mail as a mail program does, for the frame of its page."""
    html = show(get_object_or_404(Mail, pk=pk)).html
    return HttpResponse(html, headers={"Content-Security-Policy": IN_A_BOX, "Cache-Control": "no-store"})


@require_POST
@permission_required("mail.change_mail", raise_exception=True)
def mail_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a mail once more that was given up or perhaps sent."""
    if send_again(get_object_or_404(Mail, pk=pk)):
        messages.success(request, "It is tried again within seconds.")
    else:
        messages.error(request, "This mail cannot be sent again.")
    return redirect("dashboard:mail-detail", pk)


@require_http_methods(["GET", "POST"])
@may_search
def mail_settings(request: HttpRequest) -> HttpResponse:
    """Let users choose which mails they get."""
    choices = choices_of(request.user)
    form = MailChoicesForm(initial={"topics": choices.topics, "at_once": choices.at_once})
    if request.method == "POST":
        form = MailChoicesForm(request.POST)
        if form.is_valid():
            save_choices(request.user, **form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("dashboard:mail-settings")
    return render(request, "dashboard/mail_settings.html", {"form": form, "reaches_people": reaches_people()})


@csrf_exempt  # the link of the mail is the proof, and mail programs send the POST (RFC 8058)
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def mail_stop(request: HttpRequest, token: str) -> HttpResponse:
    """End one kind of mail to the user whose mail had the link."""
    found = read_stop_token(token)
    if found is None:
        raise Http404("No such mail")
    is_stopped = request.method == "POST" and stop(token)
    context = {"what": found[1], "is_stopped": is_stopped}
    response = render(request, "dashboard/mail_stop.html", context)
    response["Cache-Control"] = "no-store"
    return response
