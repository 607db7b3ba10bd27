"""Charts as shapes: numbers in, SVG path data and bars out. `templates/_chart.html` draws them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

Number = Decimal | int
# The drawing's own units; the page stretches it to its width.
WIDTH, HEIGHT, MARGIN = 600, 160, 12
MOST_BARS = 62  # more of them would be thinner than the eye can tell apart on a phone


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar in the drawing's units: from `y` down to the lower margin."""

    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn, in WIDTH by HEIGHT units; without values all of it is empty.

    The highest value is at MARGIN, the lowest (of bars: zero) at HEIGHT - MARGIN. `lines` are SVG path data.
    """

    lowest: Number | None = None
    highest: Number | None = None
    lines: list[str] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    view_box: str = f"0 0 {WIDTH} {HEIGHT}"

    @property
    def is_flat(self) -> bool:
        return self.lowest == self.highest


@dataclass(frozen=True, slots=True)
class Span:
    """The sum of a row of days, the first and the last included."""

    first: date
    last: date
    sum: int


def draw_steps(values: Sequence[Number | None]) -> Chart:
    """Return a line of steps, each as long as the others. None is a gap: the next value begins a new line."""
    known = [value for value in values if value is not None]
    if not known:
        return Chart()
    low, high = min(known), max(known)
    scale = (HEIGHT - 2 * MARGIN) / float(high - low) if high > low else 0
    top = MARGIN if high > low else HEIGHT / 2
    step = WIDTH / len(values)
    lines: list[str] = []
    drawn: Number | None = None  # what the pen is at; None: it is up
    for number, value in enumerate(values):
        if value == drawn:
            continue
        if drawn is not None:
            lines[-1] += f"H{number * step:.1f}"
        if value is not None:
            y = f"{top + float(high - value) * scale:.1f}"
            if drawn is None:
                lines.append(f"M{number * step:.1f} {y}")
            else:
                lines[-1] += f"V{y}"
        drawn = value
    if drawn is not None:
        lines[-1] += f"H{WIDTH:.1f}"
    return Chart(low, high, lines)


def draw_bars(values: Sequence[int]) -> Chart:
    """Return a bar for each value above zero, over a base of zero."""
    high = max(values, default=0)
    if high <= 0:
        return Chart(0, 0) if values else Chart()
    step = WIDTH / len(values)
    base = HEIGHT - MARGIN
    scale = (base - MARGIN) / high
    bars = [
        Bar(
            f"{(number + 0.1) * step:.1f}",
            f"{base - value * scale:.1f}",
            f"{0.8 * step:.1f}",
            f"{value * scale:.1f}",
        )
        for number, value in enumerate(values)
        if value > 0
    ]
    return Chart(0, high, [], bars)


def sum_days(days: Sequence[tuple[date, int]], most: int = MOST_BARS) -> list[Span]:
    """Return the days as spans of equal length, at most so many: a long time is shown in weeks or months.

    The newest span is whole; the oldest may be shorter.
    """
    length = max(1, -(-len(days) // most))
    starts = range(len(days) - length, -length, -length)
    groups = [days[max(0, start) : start + length] for start in starts]
    return [Span(group[0][0], group[-1][0], sum(count for _, count in group)) for group in reversed(groups)]
