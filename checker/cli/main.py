"""Entry point: `ddcheck PROFILE` and the sub-commands, each loaded only when it is called."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import Any

import click

from checker import __version__
from checker.cli.stderr import addressing, in_words, note, show
from checker.model.errors import DdcheckError, InputError

COMMANDS = {
    "check": ("checker.cli.check", "Judge one profile; `ddcheck PROFILE` is short for it."),
    "compare": ("checker.cli.compare", "Two to six platforms side by side: who is surely safer, where they differ."),
    "batch": ("checker.cli.batch", "Judge many profiles: folders, patterns; summary, ranking, one file each."),
    "import": ("checker.cli.import_", "Make profiles out of an aggregator's lists of platforms."),
    "rules": ("checker.cli.rules", "List, show, lint, test and scaffold rules."),
    "facts": ("checker.cli.facts", "The dictionary of facts and questionnaires to fill in."),
    "explain": ("checker.cli.explain", "Explain one finding down to sources and thresholds."),
    "ask": ("checker.cli.ask", "Write the questions to a platform, the most useful first, with room for answers."),
    "answer": ("checker.cli.answer", "Merge a filled-in questionnaire into a profile; verdict before and after."),
    "stress": ("checker.cli.stress", "The numbers behind the verdict: liquidity, yield, leverage, under scenarios."),
    "change": ("checker.cli.change", "What would change the verdict, what it rests on, which thresholds are close."),
    "diff": ("checker.cli.diff", "Two verdicts side by side: what changed in facts and rules, and what that did."),
    "timeline": ("checker.cli.timeline", "The verdict on every day on which something became known."),
    "backtest": ("checker.cli.backtest", "What the checker said before doors shut, held against what happened."),
    "schema": ("checker.cli.schema", "Print the JSON Schema of profiles or of results."),
}


LONG_RUNNING = ("batch", "rules")


class LazyGroup(click.Group):
    """A group whose commands are imported when called; a word that is no command is taken as a profile."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        if cmd_name in LONG_RUNNING:
            gc.enable()
        command: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The commands with their help, none of them imported."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Puts `check` before a word that is no command."""
        if args and args[0] not in COMMANDS and args[0] not in ("--help", "-h", "--version"):
            args = ["check", *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    invoke_without_command=False,
)
@click.version_option(__version__, prog_name="ddcheck")
def command() -> None:
    """Rules-based due diligence for lending platforms.

    `ddcheck PROFILE` judges the sourced facts in a profile and prints what is certain, how far the unknown could move
    it, and what to ask. Add `--pdf FILE` for the report. It measures structure and evidence, not fate.
    """


def run() -> None:
    """Console script: runs the command line with the exit codes of the documentation.

    One profile is done before there is garbage worth collecting, and looking for it takes a tenth of the time.
    """
    gc.disable()
    sys.exit(main())


def main(arguments: list[str] | None = None) -> int:
    """Run the command line.

    Returns:
        0 done; 1 only with --fail-on; 2 usage; 3 invalid profile or pack; 4 our fault; 130 interrupted.
    """
    with addressing(sys.argv[1:] if arguments is None else arguments):
        return _main(arguments)


def _main(arguments: list[str] | None) -> int:
    try:
        result: Any = command.main(args=arguments, prog_name="ddcheck", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.Abort:
        note("interrupted")
        return 130
    except KeyboardInterrupt:
        note("interrupted")
        return 130
    except click.ClickException as error:
        vars(error)["message"] = in_words(error.message)  # click declares it final
        error.show()
        return error.exit_code if error.exit_code != 1 else 2
    except InputError as error:
        show(error.faults)
        count = len(error.faults)
        note(f"{count} fault; nothing was judged." if count == 1 else f"{count} faults; nothing was judged.")
        return error.exit_code
    except DdcheckError as error:
        note(f"ddcheck: {error}")
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("DDCHECK_DEBUG"):
            raise
        place = _place(error)
        note(
            f"ddcheck: internal error ({type(error).__name__}: {error}) at {place}. This is our fault, not the "
            "profile's. Set DDCHECK_DEBUG=1 to see the whole trace, and report it with the profile if you can."
        )
        return 4


def _place(error: BaseException) -> str:
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is None:
        return "an unknown place"
    code = frame.tb_frame.f_code
    return f"{os.path.basename(code.co_filename)}:{frame.tb_lineno} in {code.co_name}"


if __name__ == "__main__":
    run()
