"""Tokens: users make and revoke their own; who may delete tokens sees and revokes everybody's."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from api.forms import TokenForm
from api.scopes import SCOPES
from api.tokens import MAX_TOKENS, TooMany, list_tokens, make_token, revoke

PAGE_SIZE = 50
OF_ALL = "api.delete_token"


@require_safe
@permission_required("api.view_token", raise_exception=True)
def token_list(request: HttpRequest) -> HttpResponse:
    """List the user's tokens; to administrators everybody's."""
    sees_all = request.user.has_perm(OF_ALL)
    tokens = list_tokens(None if sees_all else request.user)  # type: ignore[arg-type]  # a user is logged in
    page = Paginator(tokens, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "api/token_list.html", {"page_obj": page, "sees_all": sees_all})


@require_http_methods(["GET", "POST"])
@permission_required("api.add_token", raise_exception=True)
def token_create(request: HttpRequest) -> HttpResponse:
    """Make a token and show it: this once, for only its hash is kept."""
    form = TokenForm(request.POST or None, user=request.user)  # type: ignore[arg-type]  # a user is logged in
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            token, text = make_token(
                request.user,  # type: ignore[arg-type]  # a user is logged in
                name=data["name"],
                scopes=data["scopes"],
                expires_at=form.expires_at,
            )
        except TooMany:
            form.add_error(None, f"You have {MAX_TOKENS} tokens that count. Revoke one first.")
        else:
            words = [SCOPES[name][0] for name in token.scopes]
            context = {"token": token, "text": text, "words": words}
            response = render(request, "api/token_made.html", context)
            response["Cache-Control"] = "no-store"
            return response
    return render(request, "api/token_create.html", {"form": form})


@require_POST
@permission_required("api.view_token", raise_exception=True)
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a token count no more, at once."""
    user = None if request.user.has_perm(OF_ALL) else request.user
    token = get_object_or_404(list_tokens(user), pk=pk)  # type: ignore[arg-type]  # a user is logged in
    if revoke(token):
        messages.success(request, f"“{token.name}” is revoked.")
    else:
        messages.info(request, f"“{token.name}” was revoked already.")
    return redirect("api-pages:token-list")
