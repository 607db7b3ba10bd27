"""One simple drawing per product family, on a square of `s` pixels, standing at 0.78 of its height."""

from __future__ import annotations

from collections.abc import Callable

from PIL.ImageDraw import ImageDraw

Colour = tuple[int, int, int]
WHITE, STEEL, INK = (250, 251, 252), (176, 184, 194), (52, 57, 66)


class _Pen:
    """Draws in shares of the picture's side, so that shapes read as numbers between 0 and 1."""

    def __init__(self, draw: ImageDraw, side: int) -> None:
        self.draw, self.side = draw, side

    def _scale(self, *values: float) -> tuple[float, ...]:
        return tuple(value * self.side for value in values)

    def box(self, x1: float, y1: float, x2: float, y2: float, fill: Colour, radius: float = 0.02) -> None:
        self.draw.rounded_rectangle(self._scale(x1, y1, x2, y2), radius * self.side, fill=fill)

    def oval(self, x1: float, y1: float, x2: float, y2: float, fill: Colour) -> None:
        self.draw.ellipse(self._scale(x1, y1, x2, y2), fill=fill)

    def ring(self, x1: float, y1: float, x2: float, y2: float, colour: Colour, width: float) -> None:
        self.draw.ellipse(self._scale(x1, y1, x2, y2), outline=colour, width=int(width * self.side))

    def bow(self, box: tuple[float, ...], start: int, end: int, colour: Colour, width: float) -> None:
        self.draw.arc(self._scale(*box), start, end, fill=colour, width=int(width * self.side))

    def shape(self, fill: Colour, *points: tuple[float, float]) -> None:
        self.draw.polygon([self._scale(*point) for point in points], fill=fill)

    def line(self, colour: Colour, width: float, *points: tuple[float, float]) -> None:
        scaled = [self._scale(*point) for point in points]
        self.draw.line(scaled, fill=colour, width=int(width * self.side), joint="curve")


def _shoe(p: _Pen, base: Colour, light: Colour, dark: Colour, *, rugged: bool) -> None:
    p.shape(base, (0.2, 0.44), (0.24, 0.41), (0.34, 0.46), (0.45, 0.42), (0.56, 0.52), (0.72, 0.59),
            (0.81, 0.64), (0.83, 0.71), (0.19, 0.71))  # fmt: skip
    p.shape(dark, (0.19, 0.52), (0.29, 0.56), (0.32, 0.71), (0.19, 0.71))
    p.shape(light, (0.34, 0.46), (0.45, 0.42), (0.56, 0.52), (0.5, 0.6), (0.4, 0.56))
    for step in range(4):
        x, y = 0.42 + step * 0.04, 0.455 + step * 0.032
        p.line(WHITE, 0.011, (x - 0.035, y + 0.045), (x + 0.03, y))
    p.box(0.18, 0.7, 0.845, 0.755, WHITE, 0.026)
    p.box(0.18, 0.735, 0.845, 0.775, dark if rugged else light, 0.018)
    if rugged:
        for step in range(9):
            p.box(0.2 + step * 0.07, 0.765, 0.235 + step * 0.07, 0.79, dark, 0.006)


def _trail_shoe(p: _Pen, base: Colour, light: Colour, dark: Colour) -> None:
    _shoe(p, base, light, dark, rugged=True)


def _sneaker(p: _Pen, base: Colour, light: Colour, dark: Colour) -> None:
    _shoe(p, base, light, dark, rugged=False)


def _backpack(p: _Pen, base: Colour, light: Colour, dark: Colour) -> None:
    p.bow((0.42, 0.14, 0.58, 0.3), 180, 360, dark, 0.022)
    p.box(0.27, 0.48, 0.35, 0.74, dark, 0.03)
    p.box(0.65, 0.48, 0.73, 0.74, dark, 0.03)
    p.box(0.31, 0.2, 0.69, 0.78, base, 0.1)
    p.box(0.31, 0.2, 0.69, 0.38, light, 0.09)
    p.box(0.37, 0.5, 0.63, 0.72, dark, 0.04)
    p.box(0.39, 0.52, 0.61, 0.56, base, 0.015)
    for x in (0.4, 0.57):
        p.box(x, 0.33, x + 0.03, 0.46, INK, 0.008)


def _tent(p: _Pen, base: Colour, light: Colour, dark: Colour) -> None:
    p.shape(dark, (0.5, 0.3), (0.9, 0.77), (0.62, 0.77))
    p.shape(base, (0.5, 0.3), (0.12, 0.77), (0.72, 0.77))
    p.shape(light, (0.5, 0.3), (0.12, 0.77), (0.28, 0.77))
    p.shape(INK, (0.49, 0.42), (0.37, 0.77), (0.6, 0.77))
    p.shape(light, (0.49, 0.42), (0.6, 0.77), (0.54, 0.77))
    p.line(STEEL, 0.006, (0.12, 0.77), (0.06, 0.79))
    p.line(STEEL, 0.006, (0.9, 0.77), (0.95, 0.79))


def _helmet(p: _Pen, base: Colour, light: Colour, dark: Colour) -> None:
    p.line(INK, 0.014, (0.32, 0.6), (0.44, 0.77), (0.62, 0.6))
    p.draw.pieslice(p._scale(0.18, 0.28, 0.82, 0.96), 180, 360, fill=base)
    p.box(0.17, 0.58, 0.86, 0.645, dark, 0.03)
    for x in (0.3, 0.43, 0.56, 0.68):
        p.shape(INK, (x, 0.38), (x + 0.05, 0.36), (x + 0.03, 0.55), (x - 0.05, 0.55))
    p.bow((0.22, 0.32, 0.78, 0.9), 200, 260, light, 0.014)


def _coffee_maker(p: _Pen, base: Colour, light: Colour, dark: Colour) -> None:
    p.box(0.27, 0.2, 0.73, 0.78, base, 0.04)
    p.box(0.27, 0.2, 0.73, 0.36, dark, 0.04)
    p.box(0.33, 0.38, 0.67, 0.72, light, 0.02)
    p.box(0.45, 0.36, 0.55, 0.42, INK, 0.01)
    p.shape((210, 226, 236), (0.37, 0.48), (0.6, 0.48), (0.63, 0.71), (0.34, 0.71))
    p.shape((82, 52, 34), (0.365, 0.58), (0.615, 0.58), (0.63, 0.71), (0.34, 0.71))
    p.bow((0.57, 0.5, 0.71, 0.66), 280, 100, INK, 0.018)
    p.oval(0.37, 0.25, 0.43, 0.31, WHITE)
    p.box(0.5, 0.265, 0.66, 0.295, light, 0.012)
    p.box(0.25, 0.74, 0.75, 0.785, INK, 0.02)


def _kettle(p: _Pen, base: Colour, light: Colour, dark: Colour) -> None:
    p.bow((0.3, 0.2, 0.82, 0.66), 280, 80, INK, 0.035)
    p.shape(base, (0.36, 0.32), (0.62, 0.32), (0.7, 0.73), (0.28, 0.73))
    p.shape(light, (0.36, 0.32), (0.43, 0.32), (0.38, 0.73), (0.28, 0.73))
    p.shape(base, (0.37, 0.36), (0.24, 0.38), (0.34, 0.5))
    p.box(0.35, 0.29, 0.63, 0.335, dark, 0.02)
    p.oval(0.46, 0.25, 0.53, 0.3, INK)
    p.box(0.26, 0.72, 0.72, 0.78, INK, 0.025)


def _lamp(p: _Pen, base: Colour, light: Colour, dark: Colour) -> None:
    p.oval(0.22, 0.34, 0.78, 0.74, (255, 246, 214))
    p.box(0.485, 0.4, 0.515, 0.74, STEEL, 0.01)
    p.oval(0.36, 0.72, 0.64, 0.79, dark)
    p.shape(base, (0.4, 0.2), (0.6, 0.2), (0.72, 0.5), (0.28, 0.5))
    p.shape(light, (0.4, 0.2), (0.46, 0.2), (0.4, 0.5), (0.28, 0.5))
    p.oval(0.28, 0.475, 0.72, 0.525, (255, 240, 190))


def _frying_pan(p: _Pen, base: Colour, light: Colour, dark: Colour) -> None:
    p.line(INK, 0.045, (0.62, 0.42), (0.88, 0.22))
    p.oval(0.14, 0.34, 0.72, 0.79, dark)
    p.oval(0.16, 0.34, 0.7, 0.755, base)
    p.oval(0.22, 0.385, 0.64, 0.705, INK)
    p.bow((0.25, 0.41, 0.61, 0.68), 190, 260, STEEL, 0.012)


def _robot_vacuum(p: _Pen, base: Colour, light: Colour, dark: Colour) -> None:
    p.oval(0.15, 0.42, 0.85, 0.8, INK)
    p.oval(0.15, 0.37, 0.85, 0.75, base)
    p.oval(0.2, 0.4, 0.8, 0.71, light)
    p.oval(0.41, 0.42, 0.59, 0.52, INK)
    p.oval(0.44, 0.43, 0.56, 0.49, dark)
    p.box(0.45, 0.6, 0.55, 0.635, WHITE, 0.015)


def _office_chair(p: _Pen, base: Colour, light: Colour, dark: Colour) -> None:
    p.box(0.35, 0.16, 0.65, 0.47, base, 0.07)
    p.box(0.39, 0.2, 0.61, 0.43, light, 0.05)
    p.box(0.47, 0.45, 0.53, 0.53, INK, 0.01)
    p.line(INK, 0.02, (0.28, 0.55), (0.28, 0.42), (0.36, 0.42))
    p.line(INK, 0.02, (0.72, 0.55), (0.72, 0.42), (0.64, 0.42))
    p.box(0.29, 0.52, 0.71, 0.59, dark, 0.035)
    p.box(0.48, 0.58, 0.52, 0.72, STEEL, 0.005)
    for x in (0.3, 0.42, 0.58, 0.7):
        p.line(INK, 0.018, (0.5, 0.7), (x, 0.755))
        p.oval(x - 0.02, 0.745, x + 0.02, 0.785, INK)


def _headphones(p: _Pen, base: Colour, light: Colour, dark: Colour) -> None:
    p.bow((0.25, 0.18, 0.75, 0.82), 185, 355, base, 0.05)
    p.bow((0.29, 0.22, 0.71, 0.78), 200, 340, light, 0.012)
    for x in (0.2, 0.66):
        p.box(x, 0.46, x + 0.14, 0.76, dark, 0.06)
    p.box(0.285, 0.48, 0.365, 0.74, base, 0.04)
    p.box(0.635, 0.48, 0.715, 0.74, base, 0.04)
    p.bow((0.215, 0.5, 0.3, 0.72), 120, 240, light, 0.008)


def _smart_watch(p: _Pen, base: Colour, light: Colour, dark: Colour) -> None:
    p.shape(base, (0.4, 0.12), (0.6, 0.12), (0.63, 0.36), (0.37, 0.36))
    p.shape(base, (0.37, 0.6), (0.63, 0.6), (0.59, 0.8), (0.41, 0.8))
    p.box(0.325, 0.285, 0.675, 0.665, STEEL, 0.09)
    p.box(0.345, 0.305, 0.655, 0.645, INK, 0.075)
    p.box(0.675, 0.42, 0.7, 0.5, STEEL, 0.01)
    p.ring(0.41, 0.37, 0.59, 0.55, (94, 214, 160), 0.018)
    p.bow((0.435, 0.395, 0.565, 0.525), 270, 120, (255, 140, 105), 0.018)
    p.box(0.42, 0.58, 0.58, 0.6, light, 0.01)


def _speaker(p: _Pen, base: Colour, light: Colour, dark: Colour) -> None:
    p.box(0.3, 0.18, 0.7, 0.78, base, 0.09)
    p.box(0.33, 0.21, 0.67, 0.75, dark, 0.07)
    p.oval(0.37, 0.45, 0.63, 0.71, INK)
    p.ring(0.37, 0.45, 0.63, 0.71, light, 0.012)
    p.oval(0.45, 0.53, 0.55, 0.63, light)
    p.oval(0.43, 0.27, 0.57, 0.41, INK)
    p.ring(0.43, 0.27, 0.57, 0.41, light, 0.01)


def _monitor(p: _Pen, base: Colour, light: Colour, dark: Colour) -> None:
    p.box(0.47, 0.62, 0.53, 0.75, STEEL, 0.005)
    p.box(0.36, 0.74, 0.64, 0.78, STEEL, 0.018)
    p.box(0.12, 0.2, 0.88, 0.65, INK, 0.022)
    p.box(0.135, 0.215, 0.865, 0.62, base, 0.01)
    p.shape(light, (0.135, 0.62), (0.36, 0.36), (0.52, 0.53), (0.62, 0.44), (0.865, 0.62))
    p.oval(0.68, 0.27, 0.77, 0.36, (255, 236, 190))


def _camera(p: _Pen, base: Colour, light: Colour, dark: Colour) -> None:
    p.box(0.39, 0.27, 0.61, 0.42, INK, 0.03)
    p.box(0.2, 0.3, 0.29, 0.38, STEEL, 0.015)
    p.box(0.15, 0.35, 0.85, 0.77, base, 0.05)
    p.box(0.15, 0.44, 0.85, 0.69, dark, 0.005)
    p.oval(0.33, 0.39, 0.67, 0.75, INK)
    p.ring(0.33, 0.39, 0.67, 0.75, STEEL, 0.016)
    p.oval(0.4, 0.46, 0.6, 0.68, (44, 66, 110))
    p.oval(0.43, 0.49, 0.5, 0.56, (150, 178, 222))
    p.oval(0.74, 0.375, 0.79, 0.42, (214, 72, 60))


def _drill(p: _Pen, base: Colour, light: Colour, dark: Colour) -> None:
    p.line(STEEL, 0.016, (0.12, 0.355), (0.26, 0.355))
    p.shape(INK, (0.24, 0.32), (0.34, 0.29), (0.34, 0.42), (0.24, 0.39))
    p.box(0.33, 0.25, 0.76, 0.46, base, 0.06)
    p.box(0.4, 0.3, 0.7, 0.34, light, 0.015)
    p.shape(base, (0.55, 0.42), (0.72, 0.42), (0.77, 0.68), (0.61, 0.68))
    p.shape(INK, (0.52, 0.45), (0.57, 0.45), (0.58, 0.55), (0.545, 0.53))
    p.box(0.52, 0.66, 0.83, 0.78, INK, 0.025)
    p.box(0.56, 0.7, 0.7, 0.74, light, 0.01)


def _jigsaw(p: _Pen, base: Colour, light: Colour, dark: Colour) -> None:
    p.line(STEEL, 0.02, (0.3, 0.62), (0.3, 0.78))
    p.box(0.22, 0.42, 0.78, 0.62, base, 0.05)
    p.bow((0.34, 0.22, 0.8, 0.62), 180, 350, base, 0.065)
    p.box(0.25, 0.36, 0.39, 0.56, dark, 0.03)
    p.box(0.46, 0.47, 0.68, 0.52, light, 0.015)
    p.box(0.18, 0.61, 0.72, 0.645, STEEL, 0.01)


def _lawn_mower(p: _Pen, base: Colour, light: Colour, dark: Colour) -> None:
    p.line(INK, 0.02, (0.56, 0.55), (0.86, 0.2), (0.9, 0.22))
    p.shape(base, (0.16, 0.56), (0.28, 0.48), (0.62, 0.48), (0.72, 0.6), (0.72, 0.7), (0.14, 0.7))
    p.box(0.3, 0.38, 0.54, 0.52, dark, 0.03)
    p.box(0.34, 0.42, 0.5, 0.45, light, 0.01)
    for x, size in ((0.18, 0.14), (0.58, 0.2)):
        p.oval(x, 0.79 - size, x + size, 0.79, INK)
        p.oval(x + size * 0.3, 0.79 - size * 0.7, x + size * 0.7, 0.79 - size * 0.3, STEEL)


def _rain_jacket(p: _Pen, base: Colour, light: Colour, dark: Colour) -> None:
    p.shape(dark, (0.35, 0.27), (0.13, 0.6), (0.22, 0.68), (0.4, 0.46))
    p.shape(dark, (0.65, 0.27), (0.87, 0.6), (0.78, 0.68), (0.6, 0.46))
    p.oval(0.37, 0.13, 0.63, 0.36, dark)
    p.oval(0.42, 0.18, 0.58, 0.34, INK)
    p.shape(base, (0.35, 0.26), (0.65, 0.26), (0.71, 0.78), (0.29, 0.78))
    p.line(WHITE, 0.012, (0.5, 0.32), (0.5, 0.78))
    for x in (0.36, 0.55):
        p.box(x, 0.57, x + 0.1, 0.595, light, 0.01)


def _sweater(p: _Pen, base: Colour, light: Colour, dark: Colour) -> None:
    p.shape(base, (0.36, 0.24), (0.13, 0.62), (0.23, 0.7), (0.42, 0.46))
    p.shape(base, (0.64, 0.24), (0.87, 0.62), (0.77, 0.7), (0.58, 0.46))
    p.shape(base, (0.35, 0.23), (0.65, 0.23), (0.69, 0.76), (0.31, 0.76))
    p.oval(0.41, 0.18, 0.59, 0.3, dark)
    p.oval(0.43, 0.175, 0.57, 0.27, WHITE)
    for step in range(5):
        y = 0.4 + step * 0.06
        p.line(
            light, 0.01, *((0.345 + place * 0.0775, y + (0.025 if place % 2 else 0)) for place in range(5))
        )
    p.box(0.31, 0.73, 0.69, 0.78, dark, 0.012)


def _book(p: _Pen, base: Colour, light: Colour, dark: Colour) -> None:
    p.shape((236, 230, 216), (0.34, 0.74), (0.74, 0.7), (0.74, 0.755), (0.34, 0.795))
    p.shape(base, (0.3, 0.18), (0.7, 0.15), (0.74, 0.71), (0.34, 0.75))
    p.shape(dark, (0.3, 0.18), (0.345, 0.177), (0.385, 0.746), (0.34, 0.75))
    p.shape(light, (0.41, 0.27), (0.64, 0.252), (0.645, 0.32), (0.415, 0.338))
    p.oval(0.46, 0.43, 0.63, 0.6, light)
    p.oval(0.5, 0.43, 0.67, 0.6, base)
    p.line(light, 0.008, (0.34, 0.75), (0.34, 0.792))


def _blocks(p: _Pen, base: Colour, light: Colour, dark: Colour) -> None:
    rows = (
        (0.2, 0.62, 0.36, base),
        (0.56, 0.62, 0.24, (236, 178, 60)),
        (0.28, 0.46, 0.24, (222, 94, 74)),
        (0.52, 0.46, 0.24, light),
        (0.4, 0.3, 0.24, dark),
    )
    for x, y, width, colour in rows:
        for stud in range(round(width / 0.12)):
            p.box(x + 0.03 + stud * 0.12, y - 0.025, x + 0.09 + stud * 0.12, y + 0.02, colour, 0.012)
        p.box(x, y, x + width - 0.006, y + 0.155, colour, 0.014)


def _puzzle(p: _Pen, base: Colour, light: Colour, dark: Colour) -> None:
    for row in range(2):
        for column in range(2):
            colour = (base, light, dark, (236, 178, 60))[row * 2 + column]
            shift = 0.03 if row == column == 1 else 0.0
            x, y = 0.24 + column * 0.26 + shift, 0.25 + row * 0.26 + shift
            p.box(x, y, x + 0.255, y + 0.255, colour, 0.012)
    p.oval(0.46, 0.335, 0.56, 0.435, base)
    p.oval(0.335, 0.46, 0.435, 0.56, dark)
    p.oval(0.59, 0.44, 0.69, 0.53, light)


_DRAWINGS: dict[str, Callable[[_Pen, Colour, Colour, Colour], None]] = {
    "trail-shoe": _trail_shoe,
    "backpack": _backpack,
    "tent": _tent,
    "bike-helmet": _helmet,
    "coffee-maker": _coffee_maker,
    "kettle": _kettle,
    "lamp": _lamp,
    "frying-pan": _frying_pan,
    "robot-vacuum": _robot_vacuum,
    "office-chair": _office_chair,
    "headphones": _headphones,
    "smart-watch": _smart_watch,
    "speaker": _speaker,
    "monitor": _monitor,
    "camera": _camera,
    "cordless-drill": _drill,
    "jigsaw": _jigsaw,
    "lawn-mower": _lawn_mower,
    "rain-jacket": _rain_jacket,
    "sweater": _sweater,
    "sneaker": _sneaker,
    "book": _book,
    "building-blocks": _blocks,
    "puzzle": _puzzle,
}


def draw_family(draw: ImageDraw, side: int, family: str, colours: tuple[Colour, Colour, Colour]) -> None:
    """Draw the family's shape in its base, light and dark colour."""
    _DRAWINGS[family](_Pen(draw, side), *colours)
