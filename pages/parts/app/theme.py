"""One palette for all that is drawn: charts and pictures by Python, page and components by CSS variables made here.

`.streamlit/config.toml` has Streamlit's share of the same colours; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

PAPER, INK, QUIET, MASK, REVEALED = "#ffffff", "#1c2430", "#55606e", "#9aa6b5", "#2456a6"


@dataclass(frozen=True, kw_only=True)
class Palette:
    paper: str
    panel: str  # what lies on the paper
    ink: str
    quiet: str  # axes, what is beside the point
    line: str  # grid
    edge: str  # of a tag, a draft: a line that must be seen
    accent: str  # the one colour that means "this"
    link: str  # the same as text
    energy: str  # changed by the energy, or against
    alone: str  # without the energy
    wash: str  # a zone


LIGHT = Palette(
    paper=PAPER,
    panel="#f3f5f8",
    ink=INK,
    quiet="#4b5563",
    line="#d5dbe3",
    edge="#8d98a7",
    accent="#2456a6",
    link="#2456a6",
    energy="#b0480a",
    alone="#7a8798",
    wash="#e6eefb",
)
DARK = Palette(
    paper="#12161c",
    panel="#1b212a",
    ink="#e4e9f0",
    quiet="#a9b4c2",
    line="#343d4a",
    edge="#6f7c8d",
    accent="#7fb0f5",
    link="#8ab8f7",
    energy="#f5a35c",
    alone="#8592a3",
    wash="#1d2f4a",
)
AMOUNTS = "cividis"
AMOUNT_STOPS = [
    "#00224e",
    "#123570",
    "#3b496c",
    "#575d6d",
    "#707173",
    "#8a8678",
    "#a59c74",
    "#c3b369",
    "#e1cc55",
    "#fee838",
]
SIGNED = ["#b0480a", "#e08a45", "#f3c79c", "#ececec", "#a9c8e8", "#4f8cc9", "#1d4f91"]  # against … for

# What a component takes from the theme that the page has just now.
STREAMLIT = {
    "paper": "--st-background-color",
    "panel": "--st-secondary-background-color",
    "ink": "--st-text-color",
    "line": "--st-border-color",
}


def component_css(root: str) -> str:
    """The palette as variables of a component's root: structure from Streamlit, data's colours by its `data-theme`."""
    light = {
        name: f"var({STREAMLIT[name]}, {value})" if name in STREAMLIT else value
        for name, value in asdict(LIGHT).items()
    }
    dark = {name: value for name, value in asdict(DARK).items() if name not in STREAMLIT}
    ramps = {"amounts": " ".join(AMOUNT_STOPS), "signed": " ".join(SIGNED)}
    return _rule(root, light | ramps) + _rule(f'{root}[data-theme="dark"]', dark)


def page_css() -> str:
    """The palette as variables of a page, whose `color-scheme` chooses."""
    return _rule(":root", {name: f"light-dark({value}, {asdict(DARK)[name]})" for name, value in asdict(LIGHT).items()})


def saved_page_css() -> str:
    """What Streamlit's theme is in the app, in a page by itself: the reader's system chooses."""

    def theme(palette: Palette) -> str:
        colours = asdict(palette)
        names = {variable.removeprefix("--"): colours[name] for name, variable in STREAMLIT.items()}
        return _rule("body.player", names)

    return theme(LIGHT) + "@media (prefers-color-scheme: dark) {\n" + theme(DARK) + "}\n"


def _rule(selector: str, variables: dict[str, str]) -> str:
    lines = "".join(f"  --{name}: {value};\n" for name, value in variables.items())
    return f"{selector} {{\n{lines}}}\n"
