"""Colours of the pages, and models of colour vision. A `Colour` is linear sRGB, (3,), in 0..1.

OKLab: Björn Ottosson, "A perceptual color space for image processing", 2020.
Colour blindness: Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation
of Color Vision Deficiency", 2009, at severity 1.0.
Contrast: WCAG 2.2.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Colour = npt.NDArray[np.float64]
TOKENS_CSS = Path(__file__).parents[1] / "static" / "css" / "tokens.css"

LMS_OF_RGB = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
OKLAB_OF_LMS = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
EYES = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}


@dataclass(frozen=True)
class Theme:
    """The colours of tokens.css in the light or the dark theme; `hues` and `surprise` by index."""

    hues: list[Colour]
    segment_ink: Colour
    surprise: list[Colour]
    surprise_ink: Colour


def themes() -> dict[str, Theme]:
    return {"light": theme(0), "dark": theme(1)}


def theme(theme_idx: int) -> Theme:
    css = TOKENS_CSS.read_text()

    def value(name: str) -> str:
        values: list[str] = re.findall(rf"--{name}: ([^;]+);", css)
        return values[theme_idx]

    lightness, chroma = float(value("segment-lightness")), float(value("segment-chroma"))
    hues_degrees = dict(re.findall(r"\.hue-(\d+) \{ --hue: ([\d.]+); \}", css))
    return Theme(
        [
            from_oklch(lightness, chroma, float(hues_degrees[str(hue)]))
            for hue in range(len(hues_degrees))
        ],
        from_hex(value("segment-ink")),
        [from_hex(value(f"surprise-{level}")) for level in range(5)],
        from_hex(value("surprise-ink")),
    )


def from_oklch(lightness: float, chroma: float, hue_degrees: float) -> Colour:
    """Not clipped: components outside 0..1 mean that sRGB lacks the colour."""
    hue = np.radians(hue_degrees)
    oklab = np.array([lightness, chroma * np.cos(hue), chroma * np.sin(hue)])
    lms = np.linalg.solve(OKLAB_OF_LMS, oklab) ** 3
    return np.linalg.solve(LMS_OF_RGB, lms)


def from_hex(text: str) -> Colour:
    encoded = np.array([int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def seen_by(eyes: str, colour: Colour) -> Colour:
    """The colour as a key of `EYES` sees it."""
    seen: Colour = np.clip(EYES[eyes] @ colour, 0, 1)
    return seen


def oklab_of(colour: Colour) -> npt.NDArray[np.float64]:
    """Lightness, green to red, blue to yellow: (3,)."""
    oklab: npt.NDArray[np.float64] = OKLAB_OF_LMS @ np.cbrt(LMS_OF_RGB @ colour)
    return oklab


def distance(one: Colour, other: Colour) -> float:
    """ΔE_OK. About 0.02 is just noticeable (CSS Color 4)."""
    return float(np.linalg.norm(oklab_of(one) - oklab_of(other)))


def luminance(colour: Colour) -> float:
    """Relative luminance, 0 to 1."""
    return float(np.array([0.2126, 0.7152, 0.0722]) @ colour)


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio, 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
