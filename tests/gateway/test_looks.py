"""The colours of our pages, by figures: WCAG 2 asks for 4.5 to 1 between text and what it stands on."""

import re
from pathlib import Path

import pytest

import gateway

PALETTE = (Path(gateway.__file__).parent / "static" / "pesachama.css").read_text()
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): #(\w{6})", block)) for block in re.findall(r":root {(.*?)}", PALETTE, re.S)
)
PAIRS = [
    *((text, ground) for text in ("ink", "quiet", "green") for ground in ("paper", "card", "fresh")),
    *((f"{tone}-ink", tone) for tone in ("good", "wait", "look", "bad")),
    ("quiet", "still"),
    ("on-green", "green"),
]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it, of six hex digits."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_is_readable_on_its_ground(palette: dict[str, str], text: str, ground: str) -> None:
    darker, lighter = sorted((luminance(palette[text]), luminance(palette[ground])))
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5
