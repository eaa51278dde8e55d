"""A brief as a slide: text that can be edited, and a chart of PowerPoint's own with its numbers behind it. No torch."""

from __future__ import annotations

import io
from typing import Any

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches, Length, Pt

from ...characters import one_line
from .content import MOST_SAID, Brief, Noted
from .picture import COLOURS, MOST

WIDTH, HEIGHT, MARGIN, HALF = 13.333, 7.5, 0.6, 6.1  # inches: of the slide, around it, and of its left half
INK, QUIET = RGBColor(0x1C, 0x24, 0x30), RGBColor(0x4B, 0x55, 0x63)
TITLE_ONLY = 5  # of the layouts of an empty presentation


def slide(brief: Brief) -> bytes:
    """One slide, 16:9. Where its figures come from stands in the notes below it."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
    deck.core_properties.title = deck.core_properties.subject = one_line(brief.title)
    page = deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY])
    title: Any = page.shapes.title
    title.left, title.top, title.width, title.height = _box(MARGIN, 0.35, WIDTH - 2 * MARGIN, 0.8)
    _write(title.text_frame, [brief.title], size=30, colour=INK, bold=True)
    under = page.shapes.add_textbox(*_box(MARGIN, 1.1, WIDTH - 2 * MARGIN, 0.5))
    _write(under.text_frame, [brief.subtitle], size=14, colour=QUIET)
    say = page.shapes.add_textbox(*_box(MARGIN, 1.75, HALF - MARGIN, 4.6))
    _write(say.text_frame, [*map(_marked, brief.say), *brief.care], size=18, colour=INK)
    _chart(page, brief)
    foot = page.shapes.add_textbox(*_box(MARGIN, 6.65, WIDTH - 2 * MARGIN, 0.6))
    _write(foot.text_frame, [brief.picture, brief.how[-1]], size=10, colour=QUIET)
    notes: Any = page.notes_slide.notes_text_frame
    notes.text = "\n".join(map(one_line, _where_from(brief)))
    file = io.BytesIO()
    deck.save(file)
    return file.getvalue()


def _chart(page: Any, brief: Brief) -> None:
    """A bar a figure, as a share of its target; the first of the board on top."""
    bars = brief.bars[::-1]
    data = CategoryChartData(number_format="0%")
    data.categories = [one_line(f"{bar.label}: {bar.said}") for bar in bars]
    data.add_series(one_line(brief.header[1]), [min(bar.value, MOST_SAID) for bar in bars])
    place = _box(HALF + 0.2, 1.7, WIDTH - HALF - 0.2 - MARGIN, 4.9)
    frame = page.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, *place, data)
    frame.element.nvGraphicFramePr.cNvPr.set("descr", one_line(brief.picture))
    chart = frame.chart
    chart.has_legend = chart.has_title = False
    chart.font.size, chart.font.color.rgb = Pt(11), INK
    chart.value_axis.minimum_scale, chart.value_axis.maximum_scale, chart.value_axis.major_unit = 0, MOST, 0.5
    chart.value_axis.tick_labels.number_format, chart.value_axis.tick_labels.number_format_is_linked = "0%", False
    chart.value_axis.major_gridlines.format.line.color.rgb = RGBColor(0xD5, 0xDB, 0xE3)
    plot = chart.plots[0]
    plot.gap_width = 60
    for point, bar in zip((plot.series[0].points[n] for n in range(len(bars))), bars, strict=True):
        point.format.fill.solid()
        point.format.fill.fore_color.rgb = RGBColor.from_string(COLOURS[bar.state].removeprefix("#").upper())


def _write(frame: Any, lines: list[str], *, size: int, colour: RGBColor, bold: bool = False) -> None:
    frame.word_wrap = True
    for n, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if n == 0 else frame.add_paragraph()
        run = paragraph.add_run()
        run.text = one_line(line)
        run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, colour
        paragraph.space_after = Pt(size / 2)


def _marked(sentence: Noted) -> str:
    return sentence.text + "".join(f" [{n}]" for n in sentence.notes)


def _where_from(brief: Brief) -> list[str]:
    missing, how = brief.headings
    notes = [f"[{n}] {note.text} {note.command}" for n, note in enumerate(brief.notes, start=1)]
    return [how, *brief.how, *notes, missing, *brief.missing]


def _box(*inches: float) -> tuple[Length, ...]:
    """Left, top, width, height."""
    return tuple(map(Inches, inches))
