"""The languages of the app as files. `python -m tests.translations` brings each up to the template and compiles it, and
says what is left to do, which a test asks as well."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

LOCALES = Path(__file__).parents[1] / "assets" / "locale"
TEMPLATE = LOCALES / "explorer.pot"
LANGUAGES = sorted(LOCALES.glob("*/LC_MESSAGES/explorer.po"))
_STAYS = re.compile(r"\{[^{}]*\}|`[^`]*`|\*\*|https?://\S+|--[a-z]+")  # placeholders, code, markup, flags
_OPENS_NOTHING = re.compile(r"\*\*[^*]*[^\w\s*}]\*\*\w")  # bold that ends in a sign, and a letter: Markdown sees stars


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=None if path == TEMPLATE else path.parents[1].name.replace("-", "_"))


def messages(catalog: Catalog) -> dict[object, Message]:
    return {message.id: message for message in catalog if message.id}


def compiled(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def update(path: Path) -> Catalog:
    """In the template's order: what is new stands there empty, what is gone is gone, a header stays as it was."""
    catalog, template = read(path), read(TEMPLATE)
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    for message in catalog:
        message.flags.discard("python-format")  # Babel takes the percent sign of a text for one
    with path.open("wb") as file:
        write_po(file, catalog, width=0, ignore_obsolete=True)
    path.with_suffix(".mo").write_bytes(compiled(read(path)))
    return catalog


def faults(catalog: Catalog) -> Iterator[str]:
    """Each text that is missing, unsure, or does not have the parts that a translation leaves as they are."""
    for identity, message in messages(catalog).items():
        source = identity[-1] if isinstance(identity, tuple) else identity
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        for form in forms:
            if not form:
                yield f"missing: {source}"
            elif message.fuzzy:
                yield f"fuzzy: {source}"
            elif sorted(_STAYS.findall(form)) != sorted(_STAYS.findall(source)):
                yield f"other placeholders, code or markup: {form}"
            elif _OPENS_NOTHING.search(form):
                yield f"bold that Markdown does not see: {form}"


if __name__ == "__main__":
    for language in LANGUAGES:
        found = list(faults(update(language)))
        print(language.relative_to(LOCALES), "complete" if not found else f"{len(found)} to do", *found, sep="\n  ")
