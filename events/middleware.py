"""Who makes a request is who changes what it changes."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from events.actor import acting_as


def actor_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Name the user as the actor. Nobody is read from the database before something changes."""

    def answer(request: HttpRequest) -> HttpResponse:
        def name() -> str:
            return f"user:{request.user.pk}" if request.user.is_authenticated else ""

        with acting_as(name):
            return get_response(request)

    return answer
