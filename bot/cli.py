"""The command line: `python -m bot run|check|import-roster|posters|cases|backup|restore|demo`.

Knows what an operator types and how to answer; the work is done elsewhere. Exit codes: 0 well, 1 something is wrong with what was asked,
2 usage.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from pydantic import ValidationError

from bot.settings import Settings, explain

T = TypeVar("T")
app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Tongxin: a town's public safety in a chat.",
)


def main() -> None:
    """Run what the command line asks for."""
    app()


def load_settings() -> Settings:
    """Return the settings, or print every fault and leave with 1."""
    try:
        return Settings()
    except ValidationError as error:
        fail("The settings are not right:", *(f"  {line}" for line in explain(error)))
    except OSError as error:
        fail(f"A file of the settings cannot be read: {error.filename}: {error.strerror}")


def fail(*lines: str) -> NoReturn:
    """Say what is wrong and leave with 1."""
    for line in lines:
        typer.echo(line, err=True)
    raise typer.Exit(1)


def run_now(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the fastest loop there is; a refusal to start becomes a sentence and exit code 1."""
    from bot.engine import CannotStart

    try:
        import uvloop
    except ImportError:
        runner = asyncio.Runner()
    else:
        runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    with runner:
        try:
            return runner.run(work)
        except CannotStart as reason:
            fail(str(reason))


@app.command()
def run() -> None:
    """Run the bot until it is told to stop."""
    from bot.engine import serve
    from bot.logs import configure

    settings = load_settings()
    configure(settings.logging.level, json_lines=settings.logging.json_lines)
    run_now(serve(settings))


@app.command("import-roster")
def import_roster(
    file: Annotated[Path, typer.Argument(help="YAML or XLSX")],
    dry_run: Annotated[bool, typer.Option(help="Only say what would change.")] = False,
    remove_absent: Annotated[bool, typer.Option(help="End the posts of people who are not in the file.")] = False,
) -> None:
    """Read the town's roster and bring the directory up to date."""
    from bot.operations import import_roster_file

    run_now(import_roster_file(load_settings(), file, dry_run=dry_run, remove_absent=remove_absent))
