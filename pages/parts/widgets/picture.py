"""A run as an animated GIF, of bounded size and work whatever the run. No torch."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
from PIL import Image, ImageColor, ImageDraw

from edlm_core.displayed import spelled
from edlm_core.runs.run_file import Lane, Run, lane_array

from ..app.theme import INK, LIGHT, MASK, PAPER, QUIET, REVEALED
from .lettering import SIZE, length, write

_WIDTH, _MARGIN, _LINE = 720, 24, 28
_SMALL = SIZE - 4
_SAMPLE = 40  # px, of the legend's
MARKS = ("masked", "revealed now", "changed by the energy", "fixed by the prompt")
_BOX = 9  # the width of a mask where no word ever stood
MAX_LINES = 80  # of a lane; what follows them is not drawn
MAX_FRAMES = 128
_MAX_PIXELS, _MAX_TOKENS = 100_000_000, 200_000  # of all frames together: some ten seconds


def animated_gif(
    run: Run, labels: dict[str, str], *, title: str = "", marks: Sequence[str] = MARKS, stopped: str = "stopped early"
) -> bytes:
    """All lanes, one below the other: a frame a time step, the end held; of a long run evenly spaced steps. Above them
    the title, below what `marks` call the looks of a word, in the order of MARKS.

    Every token has room for the widest that ever stands there, so nothing moves or overlaps. `labels` names the
    samplers; `stopped` is what each frame of a run says that was stopped, and it ends where that ended.
    """
    blocks, top = [], _MARGIN + _LINE
    for lane in run.lanes:
        blocks.append(_Block(run, lane, labels[lane.sampler], top))
        top = blocks[-1].bottom + _LINE
    legend = _Legend(marks, top)
    shown = _frames_shown(_end(run), _WIDTH * legend.bottom, sum(len(block.places) for block in blocks))
    note = "" if run.complete else f" · {stopped}"
    frames = (_frame(run, [*blocks, legend], legend.bottom, n, title, note) for n in shown)
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


def _end(run: Run) -> int:
    """The time step at which the run ended, T unless it was stopped."""
    T = run.config.num_steps
    times = [lane.s[-1] if lane.s else 1.0 for lane in run.lanes]
    return T if run.complete else round(T * (1 - min(times)))


def _frames_shown(num_steps: int, pixels: int, tokens: int) -> list[int]:
    """Which of the steps 0 .. num_steps are drawn: all, or so many that it stays within bounds; the last always."""
    most = max(1, min(MAX_FRAMES, _MAX_PIXELS // pixels, _MAX_TOKENS // max(1, tokens)))
    return [*range(0, num_steps, max(1, -(-num_steps // most))), num_steps]


def _frame(run: Run, blocks: Sequence[_Block | _Legend], height: int, n: int, title: str, note: str) -> Image.Image:
    T = run.config.num_steps
    image = Image.new("RGB", (_WIDTH, height), PAPER)
    draw = ImageDraw.Draw(image)
    for block in blocks:
        block.draw(draw, time=1 - n / T)
    count = f"{n} / {T}{note}"
    room = _WIDTH - 3 * _MARGIN - length(count, _SMALL)
    write(draw, (_MARGIN, _MARGIN - 4), _cut(title.replace("\n", " "), room), INK)
    write(draw, (_WIDTH - _MARGIN, _MARGIN), count, QUIET, _SMALL, right=True)
    return image.quantize(palette=_palette(), dither=Image.Dither.NONE)


@cache
def _palette() -> Image.Image:
    """The colours of all frames: each ink, and its edges' way to the paper in 16 steps. Looking for a frame's own
    colours takes a hundred times as long."""
    paper = np.array(ImageColor.getrgb(PAPER))
    inks = np.array([ImageColor.getrgb(ink) for ink in (INK, QUIET, MASK, REVEALED, LIGHT.energy)])
    ways = paper + np.linspace(0, 1, 16)[:, None] * (inks - paper)[:, None]
    image = Image.new("P", (1, 1))
    image.putpalette(np.rint(ways).astype(int).ravel().tolist())
    return image


class _Block:
    """One lane's place in the picture."""

    def __init__(self, run: Run, lane: Lane, label: str, top: int) -> None:
        self.mask, self.label, self.top = run.mask, label, top
        self.x, self.s, self.candidate = lane_array(lane, "x"), lane.s, lane_array(lane, "candidate")
        words = [*run.words[: run.mask], ""]  # a mask is a box
        self.texts = [spelled([words[i] for i in row]) for row in self.x.tolist()]
        self.places = list(self._places())  # left, top and width of each token
        self.bottom = (self.places[-1][1] if self.places else top) + _LINE

    def _places(self) -> Iterator[tuple[int, int, int]]:
        left, y = _MARGIN, self.top + _LINE
        last = self.top + MAX_LINES * _LINE
        for texts in zip(*self.texts, strict=True):  # a position's, state by state
            width = max(_width(text.replace("\n", "")) for text in {*texts}) or _BOX
            if left > _MARGIN and left + width > _WIDTH - _MARGIN:
                left, y = _MARGIN, y + _LINE
            if y > last:
                return
            yield left, y, width
            left += width
            if "\n" in texts[-1]:
                left, y = _MARGIN, y + _LINE

    def draw(self, draw: ImageDraw.ImageDraw, time: float) -> None:
        """The lane at time t: the last of its steps that ends there or before."""
        n = sum(s >= time - 1e-6 for s in self.s)
        write(draw, (_MARGIN, self.top), self.label, QUIET, _SMALL)
        for position, (left, y, width) in enumerate(self.places):
            i = self.x[n][position]
            if i == self.mask:
                draw.rectangle((left + 1, y + 4, left + max(3, width - 3), y + SIZE + 2), outline=MASK)
                continue
            new = n > 0 and self.x[n - 1][position] != i
            text = self.texts[n][position].replace("\n", "")
            write(draw, (left, y), text, REVEALED if new else INK)
            right = left + _width(text)
            if self.x[0][position] == i:
                _line_under(draw, left, y, right)
            if new and self.candidate[n - 1, 0, position] != i:
                _corner(draw, y, right)


class _Legend:
    """What the looks of a word mean."""

    def __init__(self, marks: Sequence[str], top: int) -> None:
        self.places, left = [], _MARGIN
        for mark in marks:
            width = _SAMPLE + int(length(mark, _SMALL)) + SIZE
            if left > _MARGIN and left + width > _WIDTH - _MARGIN:
                left, top = _MARGIN, top + _LINE
            self.places.append((left, top, mark))
            left += width
        self.bottom = top + _LINE + _MARGIN // 2

    def draw(self, draw: ImageDraw.ImageDraw, time: float) -> None:
        for kind, (left, y, mark) in enumerate(self.places):
            write(draw, (left + _SAMPLE, y + 2), mark, QUIET, _SMALL)
            right = left + _width("abc")
            if kind == 0:
                draw.rectangle((left + 1, y + 4, right, y + SIZE + 2), outline=MASK)
                continue
            write(draw, (left, y), "abc", REVEALED if kind < 3 else INK)
            if kind == 2:
                _corner(draw, y, right)
            elif kind == 3:
                _line_under(draw, left, y, right)


def _width(text: str) -> int:
    return int(length(text)) + 1 if text else 0


def _corner(draw: ImageDraw.ImageDraw, y: int, right: int) -> None:
    """Of a word that the energy changed, as the stage has it."""
    draw.polygon(((right - 6, y + 2), (right, y + 2), (right, y + 8)), fill=LIGHT.energy)


def _line_under(draw: ImageDraw.ImageDraw, left: int, y: int, right: int) -> None:
    """Of a word that the prompt fixed."""
    draw.line((left, y + SIZE + 4, right, y + SIZE + 4), fill=QUIET)


def _cut(text: str, room: float) -> str:
    """As much of a line as there is room for."""
    if length(text) <= room:
        return text
    while text and length(text + "…") > room:
        text = text[:-1]
    return text + "…"
