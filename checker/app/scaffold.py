"""Scaffold a rule: its file with every key explained, its cases, and a pack around it where there is none yet.

What is written loads and its cases pass, on a condition that stands there as an example. Every text that an author
has to write holds `MARK`, and lint complains until none is left.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from checker.model.dictionary import SECTIONS
from checker.model.document import parse_yaml, read_document
from checker.model.errors import Fault, InputError, PackError, UsageError
from checker.packs.load import NAME, NOT_RULES
from checker.packs.rulebook import Rulebook

MARK = "(to be written)"

PACK = """\
title: (to be written)
group: {group}                    # codes of its rules begin with this
version: 0.1.0                # raise it with every change
summary: (to be written)
"""

METRICS = """\
# Derived numbers and conditions. Remove what you do not need.
{name}_covered:
  type: bool                  # or `unit: rate | share | ratio | money | ...` for a number
  worse: lower                # higher | lower | none
  meaning: What the public can see reaches the failing line (to be written)
  reference: {source}             # ids of the bibliography, with commas between
  formula: disclosure.pool_assets_disclosed_share >= params.{name}_fail
"""

PARAMETER = """\
{name}_{line}:
  unit: share                 # rate | share | ratio | money | money_per_month | days | months | hours | count
  basis: JDG                  # LAW | STD | EMP | DER | SEED | JDG; all but DER and JDG need a source
  meaning: (to be written)
  range: [{lo}, {hi}]           # plausible range, for the sensitivity page
  learned_from: []            # platforms whose failure gave the value
  values:
    - {{from: {today}, value: {value}, note: (to be written)}}
"""

RULE = """\
# The condition is an example: put your own in its place, then its cases. `ddcheck rules lint` says what is missing.
code: {code}
title: (to be written)              # the requirement, put positively
question: (to be written)           # what a depositor would ask
since: {version}                       # version of the pack that first holds the rule
severity: major                     # critical | major | minor
# For whom it is. A fact here must have no direction, or make the rule apply when it is worse.
applies_if: platform.kind in ["cefi_lender", "defi_market", "yield_product", "p2p", "fund", "bank"]
# No number but 0 and 1: thresholds are params. No division: multiply out. warn_if need not repeat fail_if.
fail_if: {failing}
warn_if: disclosure.pool_assets_disclosed_share < params.{name}_warn
silence: fail                       # what withholding does: fail | at_least_warn | unobserved
worse: {{}}                           # directions restated for this rule, such as {{terms.rate_kind: none}}
rationale: (to be written)          # why it matters, without years: it is printed for earlier days too
case: (to be written)               # the real case that showed it, with its date
false_alarms: (to be written)       # whom it would hit wrongly, and which fact lets them pass
ask: (to be written)                # what the platform must publish or send
references:
  - {{source: {source}, locator: (to be written)}}     # ids of the bibliography
message:                            # placeholders only: {{metric}}, {{params.x}}, {{section.fact}}, {{unknowns}}
  pass: "{{disclosure.pool_assets_disclosed_share}}: (to be written)"
  warn: "{{disclosure.pool_assets_disclosed_share}}, below {{params.{name}_warn}}: (to be written)"
  fail: "{{disclosure.pool_assets_disclosed_share}}, below {{params.{name}_fail}}: (to be written)"
  open: "(to be written) cannot be established: {{unknowns}}."
  not_applicable: (to be written)
"""

CASES = """\
# Facts not named are not examined; bare values are audited. `expect` lists exactly the outcomes that stay possible.
- name: meets the requirement (to be written)
  facts: {platform.kind: cefi_lender, disclosure.pool_assets_disclosed_share: 1}
  expect: {possible: [PASS]}
- name: exactly on the warning line (to be written)
  facts: {platform.kind: cefi_lender, disclosure.pool_assets_disclosed_share: WARN_LINE}
  expect: {possible: [PASS]}
- name: between the lines (to be written)
  facts: {platform.kind: cefi_lender, disclosure.pool_assets_disclosed_share: BETWEEN}
  expect: {possible: [WARN]}
- name: exactly on the failing line (to be written)
  facts: {platform.kind: cefi_lender, disclosure.pool_assets_disclosed_share: FAIL_LINE}
  expect: {possible: [WARN]}
- name: beyond the failing line (to be written)
  facts: {platform.kind: cefi_lender, disclosure.pool_assets_disclosed_share: 0}
  expect: {possible: [FAIL]}
- name: not examined, never a pass
  facts: {platform.kind: cefi_lender}
  expect: {possible: [PASS, WARN, FAIL]}
- name: withheld, so presumed to fail (to be written)
  facts: {platform.kind: cefi_lender, disclosure.pool_assets_disclosed_share: {status: not_disclosed}}
  expect: {possible: [FAIL], presumed: true}
- name: false alarm - (to be written)
  facts: {platform.kind: fund, disclosure.pool_assets_disclosed_share: 1}
  expect: {possible: [PASS]}
- name: a token is not asked
  facts: {platform.kind: token, disclosure.pool_assets_disclosed_share: 0}
  expect: {not_applicable: true}
"""
WARN_LINE, FAIL_LINE, BETWEEN = "0.75", "0.5", "0.6"


@dataclass(frozen=True)
class Scaffold:
    """A rule to be written.

    Attributes:
        id: Id of the rule.
        folder: Folder of its pack.
        files: Whole content by path. Only `parameters.yaml` may exist before; what it held is kept.
        new_pack: Whether the pack is new.
        shipped: Whether the pack is one that comes with the program.
    """

    id: str
    folder: Path
    files: Mapping[Path, str]
    new_pack: bool
    shipped: bool

    def next_steps(self) -> str:
        """What the author does now."""
        pack, name = self.id.split(".")
        added = "" if self.shipped else f" --rules {self.folder}"
        return "\n".join(
            [
                f"Next, wherever a file says {MARK}:",
                f"  1. {self.folder / 'parameters.yaml'}: the thresholds, each with its day and source",
                f"  2. {self.folder / f'{name}.yaml'}: condition, reasons, references, messages",
                f"  3. {self.folder / f'{name}.test.yaml'}: the cases",
                f"  4. ddcheck rules test {self.id}{added}",
                f"  5. ddcheck rules lint {pack}{added}",
                f"  6. ddcheck PROFILE{added}",
            ]
        )


def scaffold(rulebook: Rulebook, root: Path, id: str, parent: Path, today: date) -> Scaffold:
    """The files of a new rule.

    Args:
        rulebook: The shipped packs; none of their ids may be taken again.
        root: The folder of the shipped packs.
        id: `<pack>.<name>`.
        parent: The folder in which the folder of the pack stands or will stand.
        today: First day of the example thresholds.

    Raises:
        UsageError: The id is malformed or taken, or a file is there already.
        PackError: The pack is there but cannot be read.
    """
    pack, dot, name = id.partition(".")
    if not dot or not NAME.match(pack) or not NAME.match(name):
        raise UsageError(
            f"'{id}' is no id of a rule: write PACK.NAME in small letters, digits and _, such as own.lock_up"
        )
    folder = parent / pack
    shipped = folder.resolve() == (root / pack).resolve()
    if id in rulebook.rules:
        raise UsageError(f"{id} is a shipped rule; choose another name")
    if pack in rulebook.packs and not shipped:
        raise UsageError(f"{pack} is a shipped pack and cannot be shadowed; choose another name for yours")
    if pack in SECTIONS:
        raise UsageError(f"{pack} is a section of the facts; choose another name for the pack")
    if f"{name}.yaml" in NOT_RULES or name.endswith("_test"):
        raise UsageError(f"{name}.yaml has another use in a pack; choose another name for the rule")
    for path in (folder / f"{name}.yaml", folder / f"{name}.test.yaml"):
        if path.exists():
            raise UsageError(f"{path} exists; nothing was written")
    new_pack = not (folder / "pack.yaml").exists()
    if new_pack and folder.exists() and any(folder.glob("*.yaml")):
        raise UsageError(f"{folder} holds YAML files but no pack.yaml; write that first, or choose another folder")
    header = {} if new_pack else _header(folder / "pack.yaml")
    group, version = header.get("group", pack.upper().replace("_", "")), header.get("version", "0.1.0")
    source = next(iter(rulebook.sources))
    lines = "\n".join(
        PARAMETER.format(name=name, line=line, lo=lo, hi=hi, value=value, today=today.isoformat())
        for line, lo, hi, value in (("warn", 0.6, 0.9, WARN_LINE), ("fail", 0.4, 0.6, FAIL_LINE))
    )
    failing = f"!{name}_covered" if new_pack else f"disclosure.pool_assets_disclosed_share < params.{name}_fail"
    rule = RULE.format(
        code=_code(rulebook, folder, group),
        version=version,
        name=name,
        source=source,
        failing=f'"{failing}"' if new_pack else failing,
    )
    cases = CASES.replace("WARN_LINE", WARN_LINE).replace("FAIL_LINE", FAIL_LINE).replace("BETWEEN", BETWEEN)
    files = {
        folder / "parameters.yaml": _extended(folder / "parameters.yaml", lines),
        folder / f"{name}.yaml": rule,
        folder / f"{name}.test.yaml": cases,
    }
    if new_pack:
        files = {
            folder / "pack.yaml": PACK.format(group=group),
            folder / "metrics.yaml": METRICS.format(name=name, source=source),
            **files,
        }
    return Scaffold(id, folder, files, new_pack, shipped)


def _header(path: Path) -> dict[str, str]:
    value = read_document(path).value
    return {key: str(value[key]) for key in ("group", "version") if key in value} if isinstance(value, dict) else {}


def _code(rulebook: Rulebook, folder: Path, group: str) -> str:
    """The next free number of a group, in the shipped packs and in the folder."""
    codes = [rule.code for rule in rulebook.rules.values()]
    for path in folder.glob("*.yaml") if folder.is_dir() else ():
        if path.name not in NOT_RULES and not path.name.endswith(".test.yaml"):
            value = read_document(path).value
            codes.append(str(value.get("code", "")) if isinstance(value, dict) else "")
    numbers = [int(found[1]) for code in codes if (found := re.fullmatch(rf"{re.escape(group)}-(\d+)", code))]
    return f"{group}-{max(numbers, default=0) + 1:02}"


def _extended(path: Path, lines: str) -> str:
    """A file of parameters with new ones at its end; whatever was there stays as it was."""
    if not path.exists():
        return lines
    before = read_document(path)
    text = path.read_text(encoding="utf-8")
    whole = f"{text.rstrip()}\n\n{lines}" if before.value else lines
    try:
        after = parse_yaml(whole, str(path)).value
    except InputError as error:
        raise PackError(error.faults) from None
    if before.value and not before.value.items() <= after.items():
        hint = "Write it as a plain mapping, one name a line."
        raise PackError([Fault(str(path), "parameters cannot be added at the end of this file", hint)])
    return whole
