"""Running a program at Tradedoubler: the calls of its management API as a table, and one way to make them."""

from desk.services.program import people, programs, publishing, reports, terms
from desk.services.program.calls import Call

CALLS: dict[str, Call] = {
    call.slug: call for part in (programs, publishing, terms, reports, people) for call in part.CALLS
}
