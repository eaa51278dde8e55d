"""A brief as one HTML file that prints on one sheet of A4: no script, nothing from elsewhere. No torch."""

from __future__ import annotations

import html
from collections.abc import Iterable

from ...characters import visible
from ..blind_sheet import content_hash
from .content import Brief, Noted
from .picture import bars_svg

STYLE = """
@page { size: A4; margin: 10mm 14mm; }
* { box-sizing: border-box; }
html { color: #1c2430; background: #fff; font: 10pt/1.35 sans-serif; print-color-adjust: exact; }
body { max-width: 182mm; margin: 6mm auto; }
@media print { body { margin: 0; max-width: none; zoom: 0.94; } }
h1 { font-size: 16pt; line-height: 1.2; margin: 0; }
h2 { font-size: 9pt; margin: 2mm 0 0.5mm; }
p { margin: 0.5mm 0; }
.under { color: #4b5563; margin-bottom: 2mm; }
.say { font-size: 10.5pt; line-height: 1.3; margin: 0 0 1mm; padding-left: 6mm; }
.say li { margin-bottom: 0.8mm; }
.care { border-left: 3px solid #b0480a; padding-left: 3mm; }
figure { margin: 0; }
svg { display: block; width: 100%; max-height: 43mm; margin: 1mm 0; }
figcaption { margin-bottom: 1mm; }
table { border-collapse: collapse; table-layout: fixed; width: 100%; font-size: 7.6pt; line-height: 1.25; }
th, td { text-align: left; padding: 0.4mm 2mm 0.4mm 0; border-bottom: 1px solid #d5dbe3; vertical-align: top; }
thead th { color: #4b5563; font-weight: normal; }
tbody th { font-weight: 600; }
.small { font-size: 7pt; color: #333c48; line-height: 1.25; }
.small ol, .small ul { margin: 0; padding-left: 4.5mm; }
code { font: 6.5pt/1.2 monospace; overflow-wrap: anywhere; }
sup { font-size: 70%; line-height: 0; } sup a { color: #2456a6; text-decoration: none; padding-left: 0.5mm; }
"""

WIDTHS = {4: (24, 13, 33, 30), 5: (21, 11, 27, 18, 23)}  # of the table's columns, by how many it has; per cent


def sheet(brief: Brief) -> str:
    """Whatever a name holds, it is text here."""
    say = "".join(f"<li>{_noted(sentence)}</li>" for sentence in brief.say)
    care = "".join(f'<p class="care">{_text(line)}</p>' for line in brief.care)
    columns = "".join(f'<col width="{width}%">' for width in WIDTHS[len(brief.header)])
    head = "".join(f'<th scope="col">{_text(name)}</th>' for name in brief.header)
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in brief.table)
    notes = "".join(
        f'<li id="n{n}">{_text(note.text)} <code>{_text(note.command)}</code></li>'
        for n, note in enumerate(brief.notes, start=1)
    )
    missing, how = map(_text, brief.headings)
    policy = f"default-src 'none'; style-src '{content_hash(STYLE)}'; base-uri 'none'"
    return f"""<!doctype html>
<html lang="{_text(brief.language)}">
<head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width"><title>{_text(brief.title)}</title><style>{STYLE}</style></head>
<body><main>
<h1>{_text(brief.title)}</h1><p class="under">{_text(brief.subtitle)}</p>
<ol class="say">{say}</ol>{care}
<figure>{bars_svg(brief.bars, brief.picture)}<figcaption class="small">{_text(brief.picture)}</figcaption></figure>
<table><colgroup>{columns}</colgroup><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>
<div class="small"><h2>{missing}</h2><ul>{_items(brief.missing)}</ul>
<h2>{how}</h2>{"".join(f"<p>{_text(line)}</p>" for line in brief.how)}<ol>{notes}</ol></div>
</main></body></html>
"""


def _cells(row: Iterable[Noted]) -> str:
    first, *others = map(_noted, row)
    return f'<th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in others)


def _noted(noted: Noted) -> str:
    links = "".join(f'<a href="#n{n}">{n}</a>' for n in noted.notes)
    return _text(noted.text) + (f"<sup>{links}</sup>" if links else "")


def _items(lines: Iterable[str]) -> str:
    return "".join(f"<li>{_text(line)}</li>" for line in lines)


def _text(text: str) -> str:
    return html.escape(visible(text))
