"""A run as files for elsewhere: an animated GIF and a table of candidates. No Streamlit, no torch."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from edlm_core.runs.run_file import Lane, Run, lane_array

if TYPE_CHECKING:  # it brings torch
    from edlm_core.diagnosis.pool import Pool

from ..app.theme import INK, MASK, PAPER, QUIET, REVEALED

_WIDTH, _MARGIN, _SIZE, _LINE = 720, 24, 18, 28


def candidates_csv(run: Run) -> bytes:
    """Every candidate of every step: one row each, with its weight, energy, log q and text."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(["sampler", "step", "t", "candidate", "chosen", "weight", "energy_nats", "log_q_nats", "text"])
    words = run.vocabulary
    for lane in run.lanes:
        arrays = {name: lane_array(lane, name) for name in ("weight", "energy", "log_q", "candidate")}
        for n in range(lane.steps):
            for k in range(lane.num_candidates[n]):
                text = "".join(words[i] for i in arrays["candidate"][n, k])
                table.writerow(
                    [lane.sampler, lane.step[n], lane.t[n], k, int(k == lane.chosen[n]),
                     *(f"{arrays[name][n, k]:.6g}" for name in ("weight", "energy", "log_q")), as_text(text)]
                )  # fmt: skip
    return out.getvalue().encode()


def as_text(text: str) -> str:
    """Spreadsheets run a cell that begins like a formula; an apostrophe keeps it text."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def animated_gif(run: Run, labels: dict[str, str]) -> bytes:
    """All lanes, one below the other, as an animated GIF: a frame a time step, the end held.

    Every token stands where it stands in the finished text, so nothing moves. `labels` names the samplers.
    """
    frames_at = run.config.num_steps
    blocks, top = [], _MARGIN
    for lane in run.lanes:
        block = _Block(run, lane, labels[lane.sampler], top)
        blocks.append(block)
        top = block.bottom + _LINE
    frames = []
    for n in range(frames_at + 1):
        image = Image.new("RGB", (_WIDTH, top), PAPER)
        draw = ImageDraw.Draw(image)
        for block in blocks:
            block.draw(draw, time=1 - n / frames_at)
        draw.text((_WIDTH - _MARGIN, _MARGIN), f"{n} / {frames_at}", QUIET, ImageFont.load_default(_SIZE - 4), "ra")
        frames.append(image)
    pace = max(60, min(500, 6000 // len(frames)))
    out = io.BytesIO()
    frames[0].save(
        out, "GIF", save_all=True, append_images=frames[1:], loop=0, duration=[pace] * frames_at + [3000]
    )  # fmt: skip
    return out.getvalue()


class _Block:
    """One lane's place in the picture."""

    def __init__(self, run: Run, lane: Lane, label: str, top: int) -> None:
        self.words, self.label, self.top = run.vocabulary, label, top
        self.x, self.s = lane_array(lane, "x"), lane.s
        self.font = ImageFont.load_default(_SIZE)
        self.places: list[tuple[int, int, int]] = []  # x, y, width of each token
        left, y = _MARGIN, top + _LINE
        for i in self.x[-1]:
            width = int(self.font.getlength(self.words[i].replace("\n", ""))) + 1
            if left + width > _WIDTH - _MARGIN:
                left, y = _MARGIN, y + _LINE
            self.places.append((left, y, width))
            left += width
            if "\n" in self.words[i]:
                left, y = _MARGIN, y + _LINE
        self.bottom = y + _LINE

    def draw(self, draw: ImageDraw.ImageDraw, time: float) -> None:
        """The lane at time t: the last of its steps that ends there or before."""
        n = sum(s >= time - 1e-6 for s in self.s)
        draw.text((_MARGIN, self.top), self.label, QUIET, ImageFont.load_default(_SIZE - 4))
        for position, (left, y, width) in enumerate(self.places):
            i = self.x[n][position]
            if i == len(self.words) - 1:
                draw.rectangle((left + 1, y + 4, left + max(3, width - 3), y + _SIZE + 2), outline=MASK)
                continue
            new = n > 0 and self.x[n - 1][position] != i
            draw.text((left, y), self.words[i].replace("\n", ""), REVEALED if new else INK, self.font)


def step_csv(pool: Pool) -> bytes:
    """One step's candidates, a row a position: token, log p_theta, log p_AR less log p_theta where there is one."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(["candidate", "chosen", "weight", "position", "masked", "token", "log_p_theta_nats", "part_nats"])
    for k, row in enumerate(pool.candidate):
        for i, token in enumerate(row):
            part = "" if pool.parts is None else f"{pool.parts[k, i]:.6g}"
            table.writerow(
                [k, int(k == pool.chosen), f"{pool.weight[k]:.6g}", i, int(pool.masked[i]),
                 as_text(pool.words[int(token)]),
                 f"{pool.token_log_q[k, i]:.6g}", part]
            )  # fmt: skip
    return out.getvalue().encode()
