"""Colours: each text on each ground 4.5:1, each control border 3:1, in both themes and in high contrast (WCAG 1.4.3, 1.4.11)."""

import re
from pathlib import Path

import pytest
from django.conf import settings

CSS = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text()
TEXT = ["ink", "ink-soft", "ink-faint", "accent", "allow", "deny", "none", "warn", "info"]
GROUNDS = ["paper", "surface", "surface-sunk"]
PAIRS = (
    [(text, ground, 4.5) for text in TEXT for ground in GROUNDS]
    + [(text, f"{text}-wash", 4.5) for text in ("allow", "deny", "none", "warn", "info", "accent")]
    + [
        (text, f"{wash}-wash", 4.5)
        for text in ("ink", "ink-soft")
        for wash in ("allow", "deny", "none", "warn", "info", "accent")
    ]
    + [
        ("accent-ink", "accent", 4.5),
        ("accent-ink", "accent-strong", 4.5),
        ("deny-ink", "deny", 4.5),
        ("surface", "ink", 4.5),
    ]
    + [(control, ground, 3.0) for control in ("line-strong", "focus") for ground in GROUNDS]
)


def tokens(theme: str, *, more: bool) -> dict[str, str]:
    """The colours of a theme, as the browser would choose them."""
    blocks = re.findall(r"(:root[^{]*)\{([^}]*)\}", CSS)
    found: dict[str, str] = {}
    for selector, block in blocks:
        if selector.strip() == ":root" or (more and "contrast" in selector):
            for name, light, dark in re.findall(r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", block):
                found[name] = light if theme == "light" else dark
    return found


def luminance(colour: str) -> float:
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("more", [False, True], ids=["normal", "high"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_pair_can_be_read(theme: str, more: bool) -> None:
    colours = tokens(theme, more=more)
    weak = [
        (text, ground, round(ratio(colours[text], colours[ground]), 2))
        for text, ground, least in PAIRS
        if ratio(colours[text], colours[ground]) < least
    ]
    assert weak == []


def test_both_high_contrast_blocks_are_the_same() -> None:
    by_choice = CSS.split(':root[data-contrast="more"] {')[1].split("}")[0].split()
    by_system = CSS.split(':root:not([data-contrast="normal"]) {')[1].split("}")[0].split()
    assert by_choice == by_system
