"""How the command line ends: one line for every error, an exit status that says what happened."""

from __future__ import annotations

import errno
import io
import os
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

import click

from .interrupts import INTERRUPTED, Interrupted, came_of_it

FLAGGED, BAD_INPUT, BROKEN_PIPE = 1, 2, 141

#: Errors of a write for which there is no room.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)

#: What the exit status says, for the help of commands that judge.
EXIT_STATUS = (
    "Exit status: 1 if a verdict of --fail-on occurs, else 2 if usage is bad, a record is invalid or an engine "
    "crashed, else 0; 130 after Ctrl-C, 141 if the reader of the output has gone."
)


def exit_status(counts: Mapping[str, int], fail_on: frozenset[str]) -> int:
    """The exit status that records deserve, from how many there are by verdict."""
    if any(counts.get(verdict) for verdict in fail_on):
        return FLAGGED
    return BAD_INPUT if counts.get("invalid") else 0


def command_line() -> str:
    """The command as it was typed, quoted for a shell."""
    return shlex.join(["gradjury", *sys.argv[1:]])


def complain(message: object) -> None:
    """Print one line on standard error, whatever the message holds; if that cannot be written, nobody can be told."""
    with suppress(OSError):
        click.echo("gradjury: " + " ".join(str(message).split()), err=True)


class Shell(click.Group):
    """A group of commands whose errors are one line on standard error and never a traceback for bad input.

    A command is imported when it is called: help must not wait for SymPy.

    Args:
        commands_package: has a module for each command, with the command in it under the same name.
        one_line: what each command does, by its name.
    """

    def __init__(self, *args: Any, commands_package: str, one_line: Mapping[str, str], **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self.commands_package, self.one_line = commands_package, one_line

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self.one_line)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.one_line:
            return None
        found: click.Command = getattr(import_module(f"{self.commands_package}.{cmd_name}"), cmd_name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.one_line[name]) for name in self.list_commands(ctx)])

    def main(self, args: Sequence[str] | None = None, *positional: Any, **keywords: Any) -> NoReturn:
        keywords["standalone_mode"] = False
        _open_what_is_closed()
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):  # what the terminal's encoding lacks is escaped
                stream.reconfigure(errors="backslashreplace")
        try:
            status = super().main(args, *positional, **keywords)
        except Interrupted as error:
            complain(error)
            status = INTERRUPTED
        except (Exception, KeyboardInterrupt) as error:
            said = self._said(error, args)
            if came_of_it(error):
                complain(Interrupted(said or ""))
                status = INTERRUPTED
            elif said is None:
                raise
            else:
                complain(said)
                status = BAD_INPUT
        sys.exit(status if isinstance(status, int) else 0)

    def _said(self, error: BaseException, args: Sequence[str] | None) -> str | None:
        """What is said of an error that ends a command; None of one that is none of ours."""
        if isinstance(error, click.UsageError):
            command = error.ctx.command_path if error.ctx else self._named(args)
            return f"{error.format_message()} (see {command} --help)"
        if isinstance(error, click.ClickException):
            return error.format_message()
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            _let_go_of_output()
            return f"cannot write {error.filename or 'standard output'}: {error.strerror}"
        return str(error) if isinstance(error, Exception) and _is_ours(error) else None

    def _named(self, args: Sequence[str] | None) -> str:
        """The command that was meant, for an error that does not know it."""
        named = next((arg for arg in (sys.argv[1:] if args is None else args) if arg in self.one_line), None)
        return f"gradjury {named}" if named else "gradjury"

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            known = ", ".join(self.list_commands(ctx))
            raise click.UsageError(f"{name!r} is no command; expected one of {known}", ctx)
        return super().resolve_command(ctx, args)

    def make_context(self, *args: Any, **keywords: Any) -> click.Context:
        try:  # --help and --version are printed here
            return super().make_context(*args, **keywords)
        except KeyboardInterrupt:  # of which click would make an error of its own, behind an empty line
            raise Interrupted from None
        except BrokenPipeError:
            _let_go_of_output()
            raise click.exceptions.Exit(BROKEN_PIPE) from None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Interrupted from None
        except BrokenPipeError:  # whoever read the output has gone
            _let_go_of_output()
            return BROKEN_PIPE


def _let_go_of_output() -> None:
    """Point standard output at nothing, so that the interpreter's last flush does not fail as well."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _open_what_is_closed() -> None:
    """Point standard streams that the caller has closed at nothing: Python has None for them."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  # for as long as we run


def _is_ours(error: Exception) -> bool:
    """Whether an error is one line about the input; only now are the modules imported that say so."""
    from .verifier.errors import GradjuryError

    return isinstance(error, GradjuryError)


class Command(click.Command):
    """A command that takes an option once, unless it may be repeated, and no empty text for one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        seen: set[str | None] = set()
        for option in self.make_parser(ctx).parse_args(args=list(args))[2]:
            if not isinstance(option, click.Option) or option.multiple or option.is_flag:
                continue
            if option.name in seen:  # click would take the last one without a word
                raise click.UsageError(f"{option.opts[0]} is given twice; expected it once", ctx)
            seen.add(option.name)
        rest = super().parse_args(ctx, args)
        for option in self.get_params(ctx):
            if isinstance(option, click.Option) and ctx.params.get(option.name or "") == "":
                raise click.BadParameter(f"it is empty; expected {option.metavar or 'a value'}", ctx, option)
        return rest


class ExpressionCommand(Command):
    """A command whose argument is an expression, which may begin with a minus: ``-x**2`` is no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        known = {name for parameter in self.get_params(ctx) for name in parameter.opts}
        before_dashes = args[: args.index("--")] if "--" in args else args
        for arg in before_dashes:
            name = arg.partition("=")[0]
            if re.fullmatch(r"--[a-z][a-z-]*", name) and name not in known:
                raise click.NoSuchOption(name, possibilities=_similar(name, known), ctx=ctx)
        return super().parse_args(ctx, args)


def _similar(name: str, known: set[str]) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(name, known)
