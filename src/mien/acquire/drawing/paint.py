"""Soft shapes in face units, painted straight onto the pixels of a scene."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float32]
Points = NDArray[np.float64]

SUBPIXEL_BITS = 4


@dataclass(frozen=True)
class Stencil:
    """Where paint lands: an opacity from 0 to 1 for each pixel of one window of the canvas."""

    alpha: Floats
    left: int
    top: int

    @property
    def window(self) -> tuple[slice, slice]:
        height, width = self.alpha.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)

    def within(self, other: "Stencil") -> "Stencil":
        """Return this stencil cut to the other one; outside the other's window nothing is left."""
        alpha = np.zeros_like(self.alpha)
        (rows, columns), (other_rows, other_columns) = self.window, other.window
        top, bottom = max(rows.start, other_rows.start), min(rows.stop, other_rows.stop)
        left, right = max(columns.start, other_columns.start), min(columns.stop, other_columns.stop)
        if top < bottom and left < right:
            here = np.s_[top - self.top : bottom - self.top, left - self.left : right - self.left]
            there = np.s_[
                top - other.top : bottom - other.top, left - other.left : right - other.left
            ]
            alpha[here] = self.alpha[here] * other.alpha[there]
        return Stencil(alpha, self.left, self.top)


@dataclass(frozen=True)
class Canvas:
    """BGR float pixels, with where on them the origin lies, a unit's size and the tilt."""

    pixels: Floats
    x: float
    y: float
    scale: float
    tilt_deg: float = 0.0

    def project(self, points: ArrayLike) -> Points:
        """Return the pixel positions of points given in units."""
        tilt = np.deg2rad(self.tilt_deg)
        turn = np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
        placed: Points = np.asarray(points, np.float64) @ turn * self.scale + (self.x, self.y)
        return placed

    def stencil(self, outline: ArrayLike, soft: float = 0.0) -> Stencil:
        """Return the filled outline, its edge blurred over `soft` units."""
        points, sigma = self.project(outline), soft * self.scale
        height, width = self.pixels.shape[:2]
        pad = 3 * sigma + 2
        left, top = np.clip(points.min(axis=0) - pad, 0, (width - 1, height - 1)).astype(int)
        right, bottom = np.ceil(points.max(axis=0) + pad).astype(int) + 1
        size = max(min(bottom, height) - top, 1), max(min(right, width) - left, 1)
        mask = np.zeros(size, np.uint8)
        corners = np.round((points - (left, top)) * 2**SUBPIXEL_BITS).astype(np.int32)
        cv2.fillPoly(mask, [corners], 255, cv2.LINE_AA, SUBPIXEL_BITS)
        alpha = mask.astype(np.float32) / 255
        if sigma > 0.3:
            alpha = cv2.GaussianBlur(alpha, (0, 0), sigma)
        return Stencil(alpha.astype(np.float32, copy=False), int(left), int(top))

    def paint(self, stencil: Stencil, colour: ArrayLike, opacity: float = 1.0) -> None:
        """Blend a colour into the pixels under the stencil."""
        below = self.pixels[stencil.window]
        alpha = (stencil.alpha * opacity)[..., None]
        below += alpha * (np.asarray(colour, np.float32) - below)

    def grain(self, stencil: Stencil, pattern: Floats, strength: float) -> None:
        """Lighten and darken what is under the stencil by a pattern stretched over it."""
        height, width = stencil.alpha.shape
        stretched = cv2.resize(pattern, (width, height), interpolation=cv2.INTER_CUBIC)
        self.pixels[stencil.window] += (stretched * stencil.alpha * strength)[..., None]

    def fill(
        self,
        outline: ArrayLike,
        colour: ArrayLike,
        opacity: float = 1.0,
        soft: float = 0.0,
        within: Stencil | None = None,
    ) -> None:
        """Paint a filled outline, if asked only inside another stencil."""
        stencil = self.stencil(outline, soft)
        self.paint(stencil.within(within) if within else stencil, colour, opacity)


def ellipse(x: float, y: float, half_width: float, half_height: float) -> Points:
    """Return the outline of an ellipse."""
    angle = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    return path(x + half_width * np.cos(angle), y + half_height * np.sin(angle))


def band(spine: ArrayLike, width: ArrayLike) -> Points:
    """Return the outline of a stroke along a spine; one width, or one for each of its points."""
    line = np.asarray(spine, np.float64)
    along = np.gradient(line, axis=0)
    across = path(-along[:, 1], along[:, 0])
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-6)
    half = across * (np.broadcast_to(width, len(line)) / 2)[:, None]
    return np.concatenate([line + half, (line - half)[::-1]])


def path(x: ArrayLike, y: ArrayLike) -> Points:
    """Return points from their two coordinates."""
    return np.stack([np.asarray(x, np.float64), np.asarray(y, np.float64)], axis=1)


def between(places: Points, top: Points, bottom: Points) -> Points:
    """Return the outline between two curves over the same places."""
    return np.concatenate([path(places, top), path(places, bottom)[::-1]])


def symmetric(half: ArrayLike) -> Points:
    """Return an outline from its right half, given from top to bottom, and that half's mirror."""
    right = np.asarray(half, np.float64)
    return np.concatenate([right, right[::-1] * (-1, 1)])
