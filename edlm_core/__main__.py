"""The command line: python -m edlm_core COMMAND. Text in, one JSON object or a model folder out."""

from __future__ import annotations

import argparse
import os
import sys
from typing import NoReturn

os.environ.setdefault("TQDM_DISABLE", "1")  # stderr is for errors; read when tqdm is first imported

from .characters import one_line
from .commands import (
    bench,
    blind,
    brief,
    cloze,
    compare,
    evaluate,
    exact,
    importing,
    record,
    results,
    sample,
    serve,
    showcase,
    sweep,
    train,
)
from .refusals import Refusal, in_words

COMMANDS = (
    sample,
    record,
    showcase,
    evaluate,
    compare,
    cloze,
    blind,
    sweep,
    results,
    brief,
    exact,
    bench,
    importing,
    train,
    serve,
)
MOST = 600  # characters of a message: what came may be long


def _refuse(message: str) -> NoReturn:
    line = one_line(message)
    print(line if len(line) <= MOST else f"{line[: MOST // 2]} … {line[-MOST // 2 :]}", file=sys.stderr)
    raise SystemExit(2) from None


class OneLineParser(argparse.ArgumentParser):
    """Refuses with one line on stderr and exit code 2; `--help` shows the usage."""

    def error(self, message: str) -> NoReturn:
        _refuse(f"{self.prog}: {message} (see --help)")


def main(argv: list[str] | None = None) -> None:
    parser = OneLineParser(prog="python -m edlm_core", description="Energy-based diffusion language models")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=OneLineParser)
    for module in COMMANDS:
        module.add_arguments(commands)
    args = parser.parse_args(argv)
    try:
        args.run(args)
    except (ValueError, OSError, RuntimeError, FloatingPointError) as error:
        words = in_words(error) if isinstance(error, Refusal) else str(error)
        _refuse(f"{parser.prog}: {words}")


if __name__ == "__main__":
    main()
