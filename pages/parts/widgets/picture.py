"""A run as an animated GIF, of bounded size and work whatever the run. No Streamlit, no torch."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from edlm_core.runs.run_file import Lane, Run, lane_array

from ..app.theme import INK, MASK, PAPER, QUIET, REVEALED

_WIDTH, _MARGIN, _SIZE, _LINE = 720, 24, 18, 28
MAX_LINES = 80  # of a lane; what follows them is not drawn
MAX_FRAMES = 128
_MAX_PIXELS, _MAX_TOKENS = 100_000_000, 200_000  # of all frames together: some ten seconds


def animated_gif(run: Run, labels: dict[str, str], *, stopped: str = "stopped early") -> bytes:
    """All lanes, one below the other: a frame a time step, the end held; of a long run evenly spaced steps.

    Every token stands where it stands in the finished text, so nothing moves. `labels` names the samplers; `stopped`
    is what each frame of a run says that was stopped.
    """
    blocks, top = [], _MARGIN
    for lane in run.lanes:
        blocks.append(_Block(run, lane, labels[lane.sampler], top))
        top = blocks[-1].bottom + _LINE
    shown = _frames_shown(run.config.num_steps, _WIDTH * top, sum(len(block.places) for block in blocks))
    frames = (_frame(run, blocks, top, n, "" if run.complete else f" · {stopped}") for n in shown)
    pace = max(60, min(500, 6000 // len(shown)))
    out = io.BytesIO()
    next(frames).save(
        out,
        "GIF",
        save_all=True,
        append_images=frames,
        loop=0,
        duration=[pace] * (len(shown) - 1) + [3000],
    )
    return out.getvalue()


def _frames_shown(num_steps: int, pixels: int, tokens: int) -> list[int]:
    """Which of the steps 0 .. T are drawn: all, or so many that the whole stays within bounds; the last one always."""
    most = max(1, min(MAX_FRAMES, _MAX_PIXELS // pixels, _MAX_TOKENS // max(1, tokens)))
    return [*range(0, num_steps, -(-num_steps // most)), num_steps]


def _frame(run: Run, blocks: list[_Block], height: int, n: int, note: str) -> Image.Image:
    T = run.config.num_steps
    image = Image.new("RGB", (_WIDTH, height), PAPER)
    draw = ImageDraw.Draw(image)
    for block in blocks:
        block.draw(draw, time=1 - n / T)
    font = ImageFont.load_default(_SIZE - 4)
    draw.text((_WIDTH - _MARGIN, _MARGIN), f"{n} / {T}{note}", QUIET, font, "ra")
    return image.quantize(palette=_palette(), dither=Image.Dither.NONE)


@cache
def _palette() -> Image.Image:
    """The colours of all frames: each ink, and its edges' way to the paper in 16 steps. Looking for a frame's own
    colours takes a hundred times as long."""
    paper = np.array(ImageColor.getrgb(PAPER))
    inks = np.array([ImageColor.getrgb(ink) for ink in (INK, QUIET, MASK, REVEALED)])
    ways = paper + np.linspace(0, 1, 16)[:, None] * (inks - paper)[:, None]
    image = Image.new("P", (1, 1))
    image.putpalette(np.rint(ways).astype(int).ravel().tolist())
    return image


class _Block:
    """One lane's place in the picture."""

    def __init__(self, run: Run, lane: Lane, label: str, top: int) -> None:
        self.words, self.mask, self.label, self.top = run.vocabulary, run.mask, label, top
        self.x, self.s = lane_array(lane, "x"), lane.s
        self.font = ImageFont.load_default(_SIZE)
        self.places = list(self._places())  # left, top and width of each token
        self.bottom = (self.places[-1][1] if self.places else top) + _LINE

    def _places(self) -> Iterator[tuple[int, int, int]]:
        left, y = _MARGIN, self.top + _LINE
        last = self.top + MAX_LINES * _LINE
        for i in self.x[-1]:
            width = int(self.font.getlength(self._flat(i))) + 1
            if left > _MARGIN and left + width > _WIDTH - _MARGIN:
                left, y = _MARGIN, y + _LINE
            if y > last:
                return
            yield left, y, width
            left += width
            if "\n" in self.words[i]:
                left, y = _MARGIN, y + _LINE

    def _flat(self, token: int) -> str:
        return self.words[token].replace("\n", "")

    def draw(self, draw: ImageDraw.ImageDraw, time: float) -> None:
        """The lane at time t: the last of its steps that ends there or before."""
        n = sum(s >= time - 1e-6 for s in self.s)
        draw.text((_MARGIN, self.top), self.label, QUIET, ImageFont.load_default(_SIZE - 4))
        for position, (left, y, width) in enumerate(self.places):
            i = self.x[n][position]
            if i == self.mask:
                draw.rectangle((left + 1, y + 4, left + max(3, width - 3), y + _SIZE + 2), outline=MASK)
                continue
            new = n > 0 and self.x[n - 1][position] != i
            draw.text((left, y), self._flat(i), REVEALED if new else INK, self.font)
