"""`ddcheck batch --engine spark` where Spark takes no part: what is refused, and what is told."""

import builtins

import pytest
from click.testing import CliRunner

from checker.app.spark import Verdicts, _check_path, _root
from checker.cli import spark
from checker.cli.batch import command
from checker.model.errors import UsageError

ASKED = ["records", "--engine", "spark", "--known-by", "2022-05-31", "--out", "s3a://bucket/verdicts"]
FOUND = Verdicts("s3a://bucket/verdicts/results", 1235, {"C": 1, "F": 1200}, 30, 4, 0, ())


@pytest.mark.parametrize(
    "option",
    [["--pdf-for", "F"], ["--assessments"], ["--portfolio", "pdf"], ["--sort", "name"], ["--limit", "3"], ["--fresh"]],
)
def test_options_without_effect_are_refused(option):
    ran = CliRunner().invoke(command, [*ASKED, *option])
    assert ran.exit_code == 2
    assert f"{option[0]} does not go with --engine spark" in ran.output


@pytest.mark.parametrize(("more", "code"), [([], 0), (["--fail-on", "F"], 1)])
def test_the_dataset_is_told_and_addresses_stay_whole(monkeypatch, more, code):
    told = {}

    def judge_dataset(paths, out, plan, **options):
        told.update(paths=paths, out=out, day=str(plan.settings.as_of), rule_columns=options["rule_columns"])
        return FOUND

    monkeypatch.setattr("checker.app.spark.judge_dataset", judge_dataset)
    ran = CliRunner().invoke(command, [*ASKED, "--rules-columns", *more])
    assert ran.exit_code == code
    assert told == {
        "paths": ("records",),
        "out": "s3a://bucket/verdicts",
        "day": "2022-05-31",
        "rule_columns": True,
    }
    lines = [line.rsplit(maxsplit=1) for line in ran.stdout.splitlines()]
    assert ["worst end F", "1,200"] in lines
    assert ["not assessable", "30"] in lines


@pytest.mark.parametrize("name", ["one.json", "list.csv", "list.jsonl", "folder"])
def test_what_is_no_parquet_is_refused_before_spark_starts(monkeypatch, tmp_path, name):
    def start(*_):
        raise AssertionError("Spark was started")

    monkeypatch.setattr("checker.app.spark._session", start)
    place = tmp_path / name
    if name == "folder":
        place.mkdir()
        (place / "one.yaml").write_text("ddcheck: 1\n")
        (place / "_SUCCESS").write_text("")
    else:
        place.write_text("{}\n")
    asked = [str(place), "--engine", "spark", "--out", str(tmp_path / "out")]
    with pytest.raises(UsageError, match="Spark reads Parquet") as refused:
        CliRunner().invoke(command, asked, catch_exceptions=False)
    assert str(place) in str(refused.value)
    assert "Leave out --engine spark" in str(refused.value)


def test_a_folder_with_parquet_beside_other_files_is_read(tmp_path):
    (tmp_path / "README.csv").write_text("a\n")
    (tmp_path / "part-0.parquet").write_bytes(b"PAR1")
    _check_path(str(tmp_path))
    _check_path("s3a://bucket/records.json")


def test_without_pyspark_it_says_what_to_install(monkeypatch):
    real = builtins.__import__

    def missing(name, *rest):
        if name.startswith(("pyspark", "py4j")):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(UsageError, match=r"pip install 'ddcheck\[spark\]'"):
        CliRunner().invoke(command, ASKED, catch_exceptions=False)


def test_what_counts_as_beyond_a_grade():
    assert (FOUND.beyond("A"), FOUND.beyond("D"), FOUND.beyond("F")) == (1235, 1234, 1234)
    assert next(iter(spark._lines(FOUND))).split() == ["worst", "end", "C", "1"]


@pytest.mark.parametrize(
    ("path", "root"),
    [
        ("s3a://bucket/records/day=2022-05-31/", "s3a://bucket/records"),
        ("records/year=2022/month=5", "records"),
        ("/data/records", "/data/records"),
        ("day=2022-05-31", "."),
    ],
)
def test_the_dataset_that_a_partition_is_of(path, root):
    assert _root(path) == root
