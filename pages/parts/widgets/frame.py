"""What all charts share: fonts, axes, and the way to a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from ..app.i18n import vega_locale
from ..app.theme import Palette


def framed(chart: alt.Chart | alt.LayerChart, palette: Palette, height: int) -> alt.Chart | alt.LayerChart:
    """The one look: size, axes and legends included, fonts, quiet axes."""
    return chart.properties(
        height=height,
        width="container",
        padding={"left": 2, "right": 10, "top": 4, "bottom": 10},
        autosize=alt.AutoSizeParams(type="fit", contains="padding"),
        # One element, which the figure's own text describes, where SVG would be thousands, some without a name.
        usermeta={"embedOptions": {"renderer": "canvas", "formatLocale": vega_locale()}},
    ).configure(
        background="transparent",
        font="sans-serif",
        axis=alt.AxisConfig(
            labelColor=palette.quiet,
            titleColor=palette.quiet,
            gridColor=palette.line,
            domainColor=palette.line,
            tickColor=palette.line,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            gridOpacity=0.6,
            labelLimit=160,
        ),
        legend=alt.LegendConfig(
            labelColor=palette.quiet,
            titleColor=palette.quiet,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            orient="top",
            symbolStrokeWidth=2,
        ),
        header=alt.HeaderConfig(labelColor=palette.quiet, titleColor=palette.quiet, labelFontSize=12),
        view=alt.ViewConfig(stroke=None),
    )


def time_axis(title: str, **more: Any) -> alt.X:
    """t runs to the right from 1, all masked, to 0, the finished text."""
    scale = alt.Scale(domain=[1.02, -0.02], nice=False, zero=False)
    return alt.X(
        "t:Q",
        title=title,
        scale=scale,
        axis=alt.Axis(values=[1, 0.8, 0.6, 0.4, 0.2, 0], grid=False, format=".1f"),
        **more,
    )


def word_axis(words: Sequence[str], *, upright: bool = True, **more: Any) -> alt.Axis:
    """For positions from 1: the word that stands at each. `upright`: along the bottom, where there is little room.
    Vega takes the string "if" for its own `if`, so no word stands in the expression as it is."""
    marked = json.dumps([f"_{word}" for word in words])
    return alt.Axis(
        values=list(range(1, len(words) + 1)),
        labelExpr=f"slice({marked}[datum.value - 1], 1)",
        labelAngle=-90 if upright else 0,
        labelOverlap=True,
        labelFontSize=11,
        labelLimit=72,
        grid=False,
        ticks=False,
        title=None,
        **more,
    )


def in_words_of(names: dict[str, str]) -> str:
    """For a legend: what its values are called, where the numbers have names of their own."""
    return f"{json.dumps(names)}[datum.value]"


Chart = alt.Chart | alt.LayerChart | alt.VConcatChart
Spec = dict[str, Any]  # a chart as Vega-Lite's own JSON


def as_spec(chart: Chart) -> Spec:
    """A chart that can be kept: to make one takes longer than to send it."""
    with alt.data_transformers.disable_max_rows():
        return chart.to_dict()


def moving(name: str) -> alt.NamedData:
    """Rows that come later, by `filled`. The browser swaps them and keeps the picture."""
    return alt.NamedData(name)


def filled(spec: Spec, **rows: pd.DataFrame | list[Spec]) -> Spec:
    """The picture with these rows under the names of its `moving` data."""
    tables = {name: r.to_dict("records") if isinstance(r, pd.DataFrame) else r for name, r in rows.items()}
    return spec | {"datasets": spec.get("datasets", {}) | tables}


def as_svg(chart: Spec | Chart, palette: Palette) -> bytes:
    """A vector file, drawn without a browser or a network."""
    from vl_convert import vegalite_to_svg

    spec = (chart if isinstance(chart, dict) else as_spec(chart)) | {"background": palette.paper}
    if "vconcat" not in spec:  # whose parts have widths of their own
        spec["width"] = 720
    return vegalite_to_svg(spec, format_locale=vega_locale()).encode()
