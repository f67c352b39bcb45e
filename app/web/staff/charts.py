"""Charts as shapes in a square of a hundred by a hundred, for templates to draw."""

from collections.abc import Sequence
from dataclasses import dataclass

SIDE = 100
GAP = 0.15
"""How much of a bar's place is left free beside it."""


@dataclass(frozen=True)
class Chart:
    """Bars of one figure.

    `title` names the figure and `summary` says in words what the bars show, `first` and `last`
    name the outermost bars, `top` says what the full height is.
    """

    title: str
    summary: str
    path: str
    first: str
    last: str
    top: str


def bars(values: Sequence[float | None], highest: float) -> str:
    """The path of a bar for each value, as high as its part of the highest; none for None.

    One path for all of them: a year of days is a few kilobytes.
    """
    if not values or not highest:
        return ""
    place = SIDE / len(values)
    width = place * (1 - GAP)
    shapes = []
    for number, value in enumerate(values):
        if value:
            height = SIDE * value / highest
            left = place * (number + GAP / 2)
            shapes.append(f"M{left:.4g} {SIDE}v-{height:.4g}h{width:.3g}v{height:.4g}z")
    return "".join(shapes)
