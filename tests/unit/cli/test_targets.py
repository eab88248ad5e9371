"""Files that a command writes: what is refused beforehand, what goes to standard output, and the guide."""

import json
import re
import shlex
from pathlib import Path

import pytest

from checker.cli.main import main
from checker.outputs.pdf import missing_system_libraries
from checker.resources import data_path

CELSIUS = str(data_path("profiles", "celsius.json"))
AAVE = str(data_path("profiles", "aave.json"))
PAST = ("--known-by", "2022-05-31")
GUIDE = Path(__file__).parents[3] / "docs" / "formats.md"
needs_pango = pytest.mark.skipif("libpango-1.0-0" in missing_system_libraries(), reason="Pango is missing")


@pytest.fixture(autouse=True)
def _plain(monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "C.UTF-8")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "profiles").symlink_to(data_path("profiles"))


def refused(capsys, *arguments):
    """The message of a usage error; nothing is printed and no file is left."""
    before = sorted(Path().iterdir())
    assert main([*arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    assert sorted(Path().iterdir()) == before
    return err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--pdf", "a.json"), ("--pdf writes PDF", "a.json ends in .json", "a.pdf", "--json a.json")),
        (("--json", "a.xlsx"), ("--json writes JSON", ".xlsx", "--xlsx a.xlsx")),
        (("--junit", "a.pdf"), ("--junit writes XML", "--pdf a.pdf")),
        (("--csv", "a.csv", "--markdown", "./a.csv"), ("--csv and --markdown both name a.csv",)),
        (("--csv", "no/a.csv"), ("no folder no",)),
        (("--json", "profiles/celsius.json"), ("write over the profile",)),
        (("--format", "json", "--csv", "-"), ("--format json and --csv -", "standard output")),
        (("--csv", "-", "--json", "-"), ("--csv -", "--json -")),
        (("--format", "yaml"), ("yaml",)),
        (("--table", "nothing"), ("nothing",)),
        (("--archive",), ("--archive is about the PDF",)),
        (("--since", "2022-01-01"), ("--since is about the report", "--pdf FILE or --html FILE")),
        (("--pdf", "a.pdf", "--since", "yesterday"), ("'yesterday' is no day and no file",)),
        (("--compare", AAVE, "--junit", "a.xml"), ("--junit is about one platform",)),
        (("--compare", AAVE, "--changes"), ("--changes is about one platform",)),
        (("--compare", AAVE, "--format", "junit"), ("--format junit is about one platform",)),
        (("--compare", CELSIUS), ("named twice",)),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_way_out(options, words, capsys):
    err = " ".join(refused(capsys, CELSIUS, *PAST, *options).split())
    for word in words:
        assert word in err, err


def test_a_folder_is_no_file(capsys):
    Path("d").mkdir()
    assert "is a directory" in refused(capsys, CELSIUS, *PAST, "--csv", "d")


@pytest.mark.parametrize("form", ["json", "csv", "markdown", "junit"])
def test_a_form_is_the_same_in_a_file_and_in_both_ways_to_print_it(form, capsys):
    assert main([CELSIUS, *PAST, "--format", form]) == 0
    printed = capsys.readouterr().out
    assert main([CELSIUS, *PAST, f"--{form}", "-"]) == 0
    assert capsys.readouterr().out == printed
    assert main([CELSIUS, *PAST, f"--{form}", "file.out"]) == 0
    out, err = capsys.readouterr()
    assert Path("file.out").read_text(encoding="utf-8") == printed
    assert "Celsius Network" in out
    assert "written to file.out" in err


def test_bytes_go_to_a_pipe_and_not_to_a_terminal(capsysbinary, monkeypatch):
    assert main([CELSIUS, *PAST, "--xlsx", "-"]) == 0
    assert capsysbinary.readouterr().out.startswith(b"PK")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert main([CELSIUS, *PAST, "--xlsx", "-"]) == 2
    assert b"no terminal shows" in capsysbinary.readouterr().err


def test_programs_are_told_in_english_and_people_in_their_language(monkeypatch, capsys):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert main([CELSIUS, *PAST, "--csv", "a.csv", "--markdown", "a.md"]) == 0
    assert "fail, presumed" in Path("a.csv").read_text(encoding="utf-8")
    assert "集合运作" in Path("a.md").read_text(encoding="utf-8")
    assert main([CELSIUS, *PAST, "--format", "csv", "--lang", "zh-Hans"]) == 0
    capsys.readouterr()


def test_many_forms_in_one_command(capsys):
    files = {"json": "a.json", "csv": "a.csv", "xlsx": "a.xlsx", "markdown": "a.md", "junit": "a.xml"}
    assert main([CELSIUS, *PAST, *(part for kind, file in files.items() for part in (f"--{kind}", file))]) == 0
    assert all(Path(file).stat().st_size > 1000 for file in files.values())
    assert json.loads(Path("a.json").read_text(encoding="utf-8"))["platform"]["name"] == "Celsius Network"
    assert not list(Path().glob(".*"))


def test_a_comparison_is_the_same_by_both_commands(capsys):
    assert main([CELSIUS, "--compare", AAVE, *PAST]) == 0
    told = capsys.readouterr().out
    assert main(["compare", CELSIUS, AAVE, *PAST]) == 0
    assert capsys.readouterr().out == told
    assert "By grade" in told.splitlines()[0]
    assert main(["compare", CELSIUS, AAVE, *PAST, "--format", "json", "--csv", "c.csv", "--markdown", "c.md"]) == 0
    assert json.loads(capsys.readouterr().out)["schema"] == "ddcheck/comparison/1"
    assert Path("c.csv").is_file()
    assert Path("c.md").is_file()


def test_fail_on_counts_every_platform_of_a_comparison(capsys):
    assert main(["compare", CELSIUS, AAVE, *PAST, "--fail-on", "F"]) == 1
    settled = str(data_path("profiles", "voyager.json"))
    assert main(["compare", CELSIUS, settled, "--known-by", "2023-05-31", "--fail-on", "F"]) == 1
    assert main(["compare", CELSIUS, settled, "--known-by", "2023-05-31"]) == 0
    capsys.readouterr()


def test_faults_of_every_profile_of_a_comparison_are_listed(capsys):
    for name in ("a.json", "b.json"):
        Path(name).write_text('{"ddcheck": 1, "platform": {"name": "X"}}', encoding="utf-8")
    assert main(["compare", "a.json", CELSIUS, "b.json", *PAST]) == 3
    err = capsys.readouterr().err
    assert "a.json" in err
    assert "b.json" in err


@pytest.mark.parametrize("count", [1, 7])
def test_two_to_six_platforms(count, capsys):
    names = sorted(str(path) for path in data_path("profiles").glob("*.json"))[:count]
    assert "2 to 6 profiles" in refused(capsys, "compare", *names, *PAST)


COMMANDS = [
    line.partition("#")[0].strip()
    for block in re.findall(r"```\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    for line in block.splitlines()
    if line.startswith("ddcheck ")
]


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(line, marks=[pytest.mark.slow, needs_pango] if re.search(r"\.(pdf|html)\b", line) else [])
        for line in COMMANDS
    ],
)
def test_every_command_of_the_guide_runs(command, capsys):
    arguments = shlex.split(command)[1:]
    assert main(arguments) == 0
    written = [a for a in arguments if "." in a and "/" not in a]
    for file in written:
        assert Path(file).stat().st_size > 500
    assert capsys.readouterr().out


def test_the_guide_names_every_option_and_table():
    text = GUIDE.read_text(encoding="utf-8")
    from checker.cli.targets import FORMS, TABLES

    for form in FORMS:
        assert f"--{form}" in text
    for table in TABLES:
        assert f"| `{table}` |" in text
    assert len(COMMANDS) >= 10
