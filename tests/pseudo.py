"""A language that nobody speaks: every text in brackets and longer by a third. What has no bracket is English."""

import re
import shutil
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "assets" / "locale" / "explorer.pot"
LANGUAGE = "en-XA"
_LONGER = "more "
_BRACKETED = re.compile(r"⟦[^⟦⟧]*⟧")
_QUOTED = re.compile(r"“[^”]*”")
_WORD = re.compile(r"[^\W\d_]{2,}")


def pseudo(text: str) -> str:
    """In brackets, with placeholders and Markdown as they were."""
    third = -(-len(text) // 3)
    return f"⟦{text} {(_LONGER * third)[:third].strip()}⟧"


def write_locale(folder: Path) -> Path:
    """The language among those that there are, as a folder for EDLM_LOCALES."""
    shutil.copytree(TEMPLATE.parent, folder, dirs_exist_ok=True)
    with TEMPLATE.open("rb") as file:
        template = read_po(file)
    catalog = Catalog(locale="en", fuzzy=False)
    for message in template:
        if message.id:
            strings = tuple(map(pseudo, message.id)) if message.pluralizable else pseudo(message.id)
            catalog.add(message.id, strings)
    target = folder / LANGUAGE / "LC_MESSAGES" / "explorer.mo"
    target.parent.mkdir(parents=True)
    with target.open("wb") as file:
        write_mo(file, catalog)
    return folder


def unbracketed(text: str) -> list[str]:
    """The words that stand outside of brackets and of quotation marks: quoted is what somebody wrote."""
    before = None
    while before != text:  # a value of a text may be a text
        before, text = text, _BRACKETED.sub("", text)
    return _WORD.findall(_QUOTED.sub("", text))
