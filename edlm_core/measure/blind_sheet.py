"""The sheet that a blind reader gets: plain text, and a page that works from a file, without a network."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Sequence
from pathlib import Path

from ..characters import visible
from .blind import RATINGS, Pair, fingerprint

PAGE = Path(__file__).parents[2] / "assets" / "blind"


def sheet_text(pairs: Sequence[Pair]) -> str:
    """To be read anywhere; answered by one line a pair."""
    lines = [
        f"Sheet {fingerprint(pairs)}, {len(pairs)} pairs of texts.",
        "",
        "Say of each pair which text reads better (left, right or same) and how good each is:",
        *(f"  {rating}  {words}" for rating, words in RATINGS.items()),
        "",
        "One line a pair: its number, the better one, the rating of left, the rating of right. For instance",
        "  12 left 4 2",
    ]
    for pair in pairs:
        lines += ["", f"── {pair.number} ──", f"left:  {visible(pair.left)}", f"right: {visible(pair.right)}"]
    return "\n".join(lines) + "\n"


def sheet_page(pairs: Sequence[Pair]) -> str:
    """One HTML file with a strict content policy; texts are set as text."""
    script, style = ((PAGE / name).read_text(encoding="utf-8") for name in ("page.js", "page.css"))
    data = {
        "sheet": fingerprint(pairs),
        "ratings": [[str(rating), f"{rating} {words}"] for rating, words in RATINGS.items()],
        "pairs": [{"number": p.number, "left": visible(p.left), "right": visible(p.right)} for p in pairs],
    }
    policy = (
        f"default-src 'none'; script-src '{content_hash(script)}'; style-src '{content_hash(style)}'; base-uri 'none'"
    )
    parts = {
        "{{CSP}}": html.escape(policy, quote=False),
        "/*STYLE*/": style,
        "/*DATA*/": json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"),
        "/*SCRIPT*/": script,
    }
    template = (PAGE / "page.html").read_text(encoding="utf-8")
    # One pass: what is put in is never searched again.
    return re.sub("|".join(map(re.escape, parts)), lambda m: parts[m.group()], template)


def content_hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
