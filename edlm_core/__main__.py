"""The command line: python -m edlm_core COMMAND. Text in, one JSON object or a model folder out."""

from __future__ import annotations

import argparse
import os
import sys
from typing import NoReturn

os.environ.setdefault("TQDM_DISABLE", "1")  # stderr is for errors; read when tqdm is first imported

from .commands import bench, compare, evaluate, exact, record, sample, train


class OneLineParser(argparse.ArgumentParser):
    """Refuses with one line on stderr and exit code 2; `--help` shows the usage."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message} (see --help)", file=sys.stderr)
        raise SystemExit(2)


def main(argv: list[str] | None = None) -> None:
    parser = OneLineParser(prog="python -m edlm_core", description="Energy-based diffusion language models")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=OneLineParser)
    for module in (sample, record, evaluate, compare, exact, bench, train):
        module.add_arguments(commands)
    args = parser.parse_args(argv)
    try:
        args.run(args)
    except (ValueError, OSError, RuntimeError, FloatingPointError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
