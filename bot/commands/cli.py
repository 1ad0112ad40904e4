"""The command line: `python -m bot COMMAND`.

Commands: `run`, `check`, `import-roster`, `close-village`, `posters`, `cases`, `routes`, `backup`, `restore`, `migrate-database`, `demo`. Knows the
arguments and how to answer; the work is done elsewhere. Exit codes: 0 success, 1 something is wrong with what was asked, 2 usage.
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from yaml import YAMLError

from bot.settings import Settings, explain

T = TypeVar("T")
app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Tongxin: a town's public safety in a chat.",
)


class Language(StrEnum):
    """Language of a report."""

    ZH = "zh"
    EN = "en"


def main() -> None:
    """Run the command that the command line names.

    A name that the terminal cannot show is printed with replacement characters: a change that is committed must be reported.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    app()


def load_settings() -> Settings:
    """Return the settings, or print every fault and exit with 1."""
    try:
        return Settings()
    except ValidationError as error:
        fail("The settings are not right:", *(f"  {line}" for line in explain(error)))
    except SettingsError as error:
        fail(f"The settings are not right: {error}. Lists and maps are JSON in the environment.")
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        fail("The settings file is not YAML" + ("." if mark is None else f", near line {mark.line + 1}."))
    except OSError as error:
        fail(f"A file of the settings cannot be read: {error.filename}: {error.strerror}")


def fail(*lines: str) -> NoReturn:
    """Print what is wrong and exit with 1."""
    for line in lines:
        typer.echo(line, err=True)
    raise typer.Exit(1)


def run_now(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the fastest available event loop.

    A refusal to start becomes a sentence and exit code 1.
    """
    from bot.process.database_startup import CannotStart

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
    from bot.process.trimmed_imports import import_libraries

    import_libraries()
    from bot.process.engine import serve
    from bot.process.logs import configure
    from bot.process.opening import tokens_of

    settings = load_settings()
    run_now(_later(lambda: tokens_of(settings)))
    configure(settings.logging.level, json_lines=settings.logging.json_lines)
    run_now(serve(settings))


@app.command()
def check() -> None:
    """Read everything, change nothing, and print all faults at once."""
    from bot.commands.check import check as look

    faults, remarks = run_now(look(load_settings()))
    for line in remarks:
        typer.echo(line)
    if faults:
        fail(*faults)
    typer.echo("All is well.")


@app.command("import-roster")
def import_roster(
    file: Annotated[Path, typer.Argument(help="YAML or XLSX")],
    dry_run: Annotated[bool, typer.Option(help="Only say what would change.")] = False,
    remove_absent: Annotated[bool, typer.Option(help="End the posts of people who are not in the file.")] = False,
    replace_chairs: Annotated[bool, typer.Option(help="End the post of a chair for whom the file names another one.")] = False,
    new_station: Annotated[bool, typer.Option(help="The file is about a station that is not here yet.")] = False,
    new_village: Annotated[list[str] | None, typer.Option(help="This odd name is a village. May be repeated.")] = None,
    same_person: Annotated[list[str] | None, typer.Option(help="This person is the one of the directory. May be repeated.")] = None,
    other_person: Annotated[list[str] | None, typer.Option(help="This person is not the one of the directory. May be repeated.")] = None,
    move_chat: Annotated[list[str] | None, typer.Option(help="The account moves to this person. May be repeated.")] = None,
    by_order: Annotated[str, typer.Option(help="Give posts without asking a leader, for this reason; everybody is told.")] = "",
    new_codes: Annotated[bool, typer.Option(help="Make new codes also for people whose code is still open.")] = False,
    language: Annotated[Language, typer.Option(help="The language of the report.")] = Language.ZH,
) -> None:
    """Read the town's roster and bring the directory up to date."""
    from bot.commands.roster_import import Wishes, import_roster_file
    from domain.people.roster_plan import Answers

    answers = Answers(
        tuple(same_person or ()),
        tuple(other_person or ()),
        tuple(move_chat or ()),
        replaces_chairs=replace_chairs,
        removes_absent=remove_absent,
    )
    wishes = Wishes(
        dry_run=dry_run,
        new_station=new_station,
        new_villages=tuple(new_village or ()),
        answers=answers,
        by_order=by_order.strip(),
        new_codes=new_codes,
    )
    report = run_now(import_roster_file(load_settings(), file, wishes))
    if report.faults:
        fail(*report.lines(language))
    for line in report.lines(language):
        typer.echo(line)


@app.command("close-village")
def close_village(
    village: Annotated[str, typer.Argument(help="The village that closes.")],
    into: Annotated[str, typer.Option(help="The village that takes its residents and open things.")] = "",
    station: Annotated[str, typer.Option(help="Its station, where several have a village of this name.")] = "",
) -> None:
    """Close a village, or merge it into another one of its station."""
    from bot.commands.villages import close

    faults, lines = run_now(close(load_settings(), village, into=into, station=station, at=datetime.now(UTC)))
    if faults:
        fail(*faults)
    for line in lines:
        typer.echo(line)


@app.command()
def posters(
    folder: Annotated[Path, typer.Argument(help="Where the pictures go.")] = Path("posters"),
    bot_name: Annotated[str, typer.Option(help="The bot's user name; asked of the server when left out.")] = "",
) -> None:
    """Make a poster with a QR code for each village."""
    from bot.commands.posters import make_posters

    for file in run_now(make_posters(load_settings(), folder, bot_name)):
        typer.echo(file)


@app.command()
def cases(as_json: Annotated[bool, typer.Option("--json", help="As JSON, for scripts.")] = False) -> None:
    """List every case: numbers, states and instants, without texts and names."""
    from bot.commands.backups import cases as list_cases

    found = run_now(list_cases(load_settings()))
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for case in found:
        typer.echo(f"{case['number']:>6}  {case['kind']:<9} {case['state']:<12} {case['village']}  {case['opened_at']}")


@app.command()
def routes(as_json: Annotated[bool, typer.Option("--json", help="As JSON, for scripts.")] = False) -> None:
    """Print commands, buttons, words, timers and conversations, with their policies."""
    from bot.commands.routes import lines, listing

    if as_json:
        typer.echo(json.dumps(listing(), ensure_ascii=False, indent=1))
        return
    for line in lines():
        typer.echo(line)


@app.command()
def backup() -> None:
    """Make an encrypted backup while the bot runs, and prove it by opening it again."""
    from bot.commands.backups import amounts, back_up

    file, counts = run_now(_later(lambda: back_up(load_settings(), at=datetime.now(UTC))))
    typer.echo(f"{file}: proven, {amounts(counts)}. Keep a copy of the key somewhere else.")


@app.command()
def restore(file: Path) -> None:
    """Check a backup and put it in place of the database; the old database is kept beside it."""
    from bot.commands.backups import amounts, next_numbers
    from bot.commands.backups import restore as put_back

    counts, kept = run_now(_later(lambda: put_back(load_settings(), file, at=datetime.now(UTC))))
    typer.echo(
        f"Restored and proven: {amounts(counts)}. The next numbers are {next_numbers(counts)}, so that no number that was given since the backup"
        " is given again."
    )
    if kept is not None:
        typer.echo(f"The database that was there is now {kept}.")


@app.command("migrate-database")
def migrate_database(
    address: Annotated[str, typer.Argument(help="postgresql://user@host:5432/name, an empty database")],
    password_file: Annotated[Path | None, typer.Option(help="A file that holds the password.")] = None,
) -> None:
    """Move the town from its SQLite file to PostgreSQL, and prove it; the bot must be stopped."""
    from bot.commands.sqlite_to_postgres import move, report

    settings = load_settings()
    tell = partial(typer.echo, err=True)
    lines = run_now(move(settings, address, password_file=password_file, at=datetime.now(UTC), tell=tell))
    for line in report(lines, settings, address, password_file=password_file):
        typer.echo(line)


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Where the page is.")] = 8080,
    host: Annotated[str, typer.Option(help="Where the page listens.")] = "127.0.0.1",
) -> None:
    """Show a whole town in one browser window: no token, no account."""
    from bot.commands.demo import show

    raise typer.Exit(show(host=host, port=port))


async def _later(work: Callable[[], T]) -> T:
    return work()
