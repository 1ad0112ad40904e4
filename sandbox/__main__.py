"""`python -m sandbox`: the command line."""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
import sys
from pathlib import Path

from sandbox.core.errors import ControlError
from sandbox.core.wire import loads
from sandbox.page.page import LOOPBACK
from sandbox.server import server
from sandbox.world.world import World
from sandbox.world.worldfile import load


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A Bot API server on loopback, with a page of phones.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--token", default="", help="the bot's token; else that of SANDBOX_TOKEN, else a random one, which is shown")
    parser.add_argument("--world", type=Path, metavar="FILE", help="people and groups to begin with, YAML or JSON")
    parser.add_argument("--can", type=loads, metavar="JSON", help="what getMe says the channel can do; without it, all that Telegram can")
    parser.add_argument("--no-limits", action="store_true", help="no 429 and no pauses between polls")
    parser.add_argument("--no-privacy", action="store_true", help="the bot reads everything in groups")
    parser.add_argument("--allow-remote", action="store_true", help="listen elsewhere than on loopback")
    return parser.parse_args(argv)


def random_token() -> str:
    """Return a token that no other web page can guess."""
    return f"123456:{secrets.token_urlsafe(24)}"


def main(argv: list[str] | None = None) -> int:
    """Serve until interrupted. Return 2 if the command line is invalid."""
    options = arguments(argv)
    if options.host not in LOOPBACK and not options.allow_remote:
        sys.stderr.write(f"sandbox: {options.host} is not loopback; anybody there could play villager (--allow-remote to insist)\n")
        return 2
    token = options.token or os.environ.get("SANDBOX_TOKEN", "")
    if not token:
        token = random_token()
        sys.stderr.write(f"sandbox: token {token}\n")
    world = World(token, limits=not options.no_limits, reads_all=options.no_privacy, can=options.can)
    if options.world is not None:
        try:
            load(world, options.world)
        except (ControlError, OSError) as error:
            sys.stderr.write(f"sandbox: {error}\n")
            return 2
    sys.stderr.write(f"sandbox: http://{options.host}:{options.port}/\n")
    with contextlib.suppress(KeyboardInterrupt):
        server(world, host=options.host, port=options.port, allow_remote=options.allow_remote).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
