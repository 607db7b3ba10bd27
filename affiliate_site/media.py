"""Uploaded and copied files. Behind a proxy that serves /media/ itself, or with S3, this is never reached."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe
from django.views.static import serve


@login_not_required
@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Send a file of the media folder. A picture is named by what is in it: browsers keep it for good."""
    try:
        response = serve(request, path, document_root=settings.MEDIA_ROOT)
    except (OSError, ValueError, SuspiciousFileOperation) as error:  # no file can have such a name
        raise Http404("No such file") from error
    if path.startswith("pictures/"):
        response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
