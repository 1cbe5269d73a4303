"""Pictures drawn on the server as SVG: no script, no inline style; the colours come from the style sheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from pages.outcomes import OUTCOMES


def tone(kind: str) -> str:
    """The class that colours a mark: an outcome's, or the accent."""
    return OUTCOMES[kind].css if kind in OUTCOMES else "accent"


def meter(value: float, most: float, kind: str = "") -> SafeString:
    """A bar filled to value / most. Decoration only: the number stands beside it."""
    share = 0 if most <= 0 else max(0.0, min(1.0, value / most))
    return format_html(
        '<svg class="chart meter {}" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="100" height="8"/><rect class="mark" width="{}" height="8"/></svg>',
        tone(kind),
        f"{share * 100:.1f}",
    )


@dataclass(frozen=True)
class Slice:
    """One part of a chart: its name, its number, and the outcome that colours it."""

    label: str | Promise
    value: float
    kind: str = ""
    href: str = ""


def sparkline(values: Sequence[float], label: str, width: int = 120, height: int = 28) -> SafeString:
    """The course of a number over time as a thin line; `label` says the same in words."""
    if not values:
        return SafeString("")
    top = max(*values, 0) or 1
    step = width / max(1, len(values) - 1)
    points = " ".join(
        f"{index * step:.1f},{height - 2 - value / top * (height - 4):.1f}" for index, value in enumerate(values)
    )
    return format_html(
        '<svg class="chart" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img" aria-label="{2}">'
        '<polygon class="area" points="0,{1} {3} {0},{1}"/><polyline class="line" points="{3}"/></svg>',
        width,
        height,
        label,
        points,
    )


def donut(slices: Sequence[Slice], label: str, size: int = 96) -> SafeString:
    """Parts of a whole as a ring; the legend beside it carries the numbers."""
    total = sum(part.value for part in slices)
    radius, middle = size / 2 - 8, size / 2
    around = 2 * pi * radius
    arcs, start = [], 0.0
    for part in slices:
        length = around * part.value / total if total else 0
        arcs.append((tone(part.kind), middle, radius, f"{max(0.0, length - 1.5):.2f} {around:.2f}", f"{-start:.2f}"))
        start += length
    ring = format_html_join(
        "",
        '<circle class="arc {0}" cx="{1}" cy="{1}" r="{2}" stroke-width="14"'
        ' stroke-dasharray="{3}" stroke-dashoffset="{4}" transform="rotate(-90 {1} {1})"/>',
        arcs,
    )
    return format_html(
        '<svg class="chart" viewBox="0 0 {0} {0}" width="{0}" height="{0}" role="img" aria-label="{1}">'
        '<circle class="ring" cx="{2}" cy="{2}" r="{3}" stroke-width="14"/>{4}</svg>',
        size,
        label,
        middle,
        radius,
        ring,
    )
