"""Find what is bad in a batch that was refused as a whole, with few questions. Pure but for `send`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")
E = TypeVar("E")


@dataclass(slots=True)
class Verdict(Generic[T, E]):
    """What of a batch was taken, and what was refused, with the error."""

    sent: list[T] = field(default_factory=list)
    refused: list[tuple[T, E]] = field(default_factory=list)


def isolate(batch: Sequence[T], error: E, send: Callable[[list[T]], E | None], *, most: int) -> Verdict[T, E]:
    """Send what is good of a refused batch, and name what is not, until `most` are found to be bad.

    `send` returns None where it took all. Of n things with one bad one it is asked log2(n) + 1 times: half of
    what is suspect is sent together with what is not known yet. Where the half is good, so is all that rode
    along; where it is not, the other half rides with the next.
    """
    verdict: Verdict[T, E] = Verdict()
    waiting: list[tuple[list[T], E]] = [(list(batch), error)]
    while waiting:
        suspects, error = waiting.pop()
        if len(verdict.refused) >= most:
            verdict.refused += [(one, error) for one in suspects]
            continue
        others: list[T] = []
        was_sent_alone = False
        while len(suspects) > 1:
            middle = len(suspects) // 2
            half, rest = suspects[:middle], suspects[middle:]
            failure = send([*half, *others])
            if failure is None:
                verdict.sent += [*half, *others]
                suspects, others = rest, []
            else:
                error = failure
                was_sent_alone = len(half) == 1 and not others
                suspects, others = half, [*rest, *others]
        is_sure = was_sent_alone
        if others:
            failure = send(others)
            if failure is None:
                verdict.sent += others
                is_sure = True  # it failed with these, and these are good
            else:
                waiting.append((others, failure))
        if not is_sure:
            failure = send(suspects)
            if failure is None:
                verdict.sent += suspects
                continue
            error = failure
        verdict.refused += [(one, error) for one in suspects]
    return verdict
