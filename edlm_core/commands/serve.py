"""`serve`: texts over HTTP, in the form of OpenAI's completions."""

from __future__ import annotations

import argparse
import sys

from ..refusals import Refusal
from ..settings import check_whole
from . import Commands

INSTALL = Refusal("service-install")


def add_arguments(commands: Commands) -> None:
    parser = commands.add_parser("serve", help="texts over HTTP, in the form of OpenAI's completions")
    parser.add_argument("--host", default="127.0.0.1", help="127.0.0.1 answers this machine alone")
    parser.add_argument("--port", type=int, default=8502)
    parser.add_argument("--models", nargs="+", default=["tales"], help="names of models, each with a thread of its own")
    parser.set_defaults(run=run_serve)


def run_serve(args: argparse.Namespace) -> None:
    check_whole("port", args.port, 1, 65535)
    try:
        import uvicorn

        from ..service.app import service
    except ModuleNotFoundError:
        raise Refusal("service-missing", how=INSTALL) from None
    from ..service.loaded import load

    served = load(args.models)
    print(f"http://{args.host}:{args.port}/v1, of {', '.join(served)}; /docs says what it takes", file=sys.stderr)
    try:
        uvicorn.run(service(served), host=args.host, port=args.port, log_level="warning", server_header=False)
    finally:
        for model in served.values():
            model.local.close()
