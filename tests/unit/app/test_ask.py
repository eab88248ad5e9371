"""The questionnaire: the right questions, claims about answers that come true, forms that can be filled in."""

import json
import re
import zipfile
from dataclasses import replace
from datetime import date
from io import BytesIO
from itertools import pairwise

import openpyxl
import pytest
import yaml

from checker.app.answer import answered, moved
from checker.app.ask import form_of, options_of, questions_for, rendered
from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.assess.effects import Answering, Answers
from checker.assess.questionnaire import ANSWER_KEYS, FORMAT_KEY, Questionnaire, ranked
from checker.importers.answers import read_answers
from checker.model.errors import UsageError
from checker.model.finding import Outcome
from checker.model.profile import load_profile
from checker.outputs.language import speaking
from checker.outputs.pdf import missing_system_libraries
from checker.outputs.questionnaire import (
    answer_form,
    answers_text,
    exact,
    render_json,
    render_markdown,
    render_xlsx,
    render_yaml,
    told,
)
from checker.outputs.questionnaire_pdf import render_html
from checker.resources import data_path

TODAY = date(2099, 1, 1)
CUT = date(2022, 5, 31)
PASS, WARN, FAIL, NOT_APPLICABLE = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.NOT_APPLICABLE
FORMS = (".md", ".xlsx", ".yaml", ".json")
EVIL = "=cmd|'/c calc'!A1 <script>x</script> ```answer terms.notice_days `*_#|"


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


def settings(day=CUT):
    return Settings(TODAY, day, day)


def profile_path(name):
    return data_path("profiles", f"{name}.json")


@pytest.fixture(scope="module")
def celsius(rulebook):
    return questions_for(profile_path("celsius"), settings(), rulebook, most=30)


@pytest.fixture(scope="module")
def answering(rulebook):
    profile = load_profile(profile_path("celsius"), rulebook.dictionary, today=TODAY)
    return Answering(profile, rulebook, options_of(settings()))


def effects(answering, fact, code):
    id = next(rule.id for rule in answering.rulebook.rules.values() if rule.code == code)
    return {effect.answers: set(effect.possible) for effect in answering.effects(fact, [id])}


# ------------------------------------------------------------------------------------------------------- questions


def test_questions_come_in_the_order_of_their_rank(rulebook, celsius):
    profile = load_profile(profile_path("celsius"), rulebook.dictionary, today=TODAY)
    assessment = audit_one(profile_path("celsius"), settings(), rulebook)
    order = [question.fact for question in ranked(profile, rulebook, options_of(settings()))]
    assert [asked.fact.id for asked in celsius.asked] == order[:30]
    assert celsius.open == len(order) > 100
    assert [asked.number for asked in celsius.asked] == list(range(1, 31))
    assert {question.fact for question in assessment.questions} <= set(order)


def test_all_are_asked_where_no_number_is_given(rulebook):
    form = questions_for(profile_path("fidelity-spaxx"), settings(), rulebook, most=0)
    assert len(form.asked) == form.open


def test_each_question_names_the_rules_it_holds_open_gravest_first(rulebook, celsius):
    assessment = audit_one(profile_path("celsius"), settings(), rulebook)
    order = ["critical", "major", "minor"]
    for asked in celsius.asked:
        assert {rule.id for rule in asked.rules} == {
            finding.rule
            for finding in assessment.findings
            if asked.fact.id in {fact.partition("[")[0] for fact in finding.open}
        }
        grave = [order.index(rule.severity) for rule in asked.rules]
        assert grave == sorted(grave)


# ---------------------------------------------------------------------------------------- what answers would decide


def test_a_share_is_cut_at_its_thresholds(answering):
    assert effects(answering, "ltv_practice.reported_oc_loan_share", "C-01") == {
        Answers(lo=0.9): {PASS},
        Answers(lo=0.5, hi=0.9, below=True): {WARN},
        Answers(hi=0.5, below=True): {FAIL},
    }


def test_a_threshold_follows_from_the_other_facts_in_the_unit_of_the_fact(answering):
    """Liquid assets for seven days are held against what may be called in seven days, of which 14 bn are known."""
    told = effects(answering, "deposit_liquidity.liquid_assets_7d", "T3-02")
    assert told == {
        Answers(lo=4.2e9, hi=7e9, below=True): {WARN, FAIL},
        Answers(hi=4.2e9, below=True): {FAIL},
    }


def test_an_open_end_is_told_apart_from_a_closed_one(answering):
    told = effects(answering, "exposures.reported_top1_share", "N-01")
    assert told[Answers(lo=0.2, above=True)] == {FAIL}
    assert told[Answers(lo=0.1, hi=0.2, above=True)] == {WARN, FAIL}


def test_words_and_conditions_are_tried_one_by_one(answering):
    assert effects(answering, "affiliates.insolvent_without_own_token", "A-01") == {Answers(words=(True,)): {FAIL}}
    told = effects(answering, "ltv_practice.liquidation_mode", "C-05")
    assert told[Answers(words=("automatic",))] == {PASS}
    assert told[Answers(words=("agent",))] == {PASS, WARN}


def test_of_a_table_the_answer_that_there_are_no_others_is_tried(answering):
    assert effects(answering, "exposures.named", "N-01") == {Answers(all_rows=True): {PASS}}


def test_an_answer_ends_a_presumption(answering):
    rules = [rule.id for rule in answering.rulebook.rules.values() if rule.code == "N-06"]
    (effect,) = answering.effects("structure.first_loss_capital", rules)
    assert effect.lifts
    assert set(effect.possible) == {PASS, WARN, FAIL}


def written(answers, definition):
    """Answers of a part of the line: at its ends and inside, as a profile writes them."""
    if answers.words:
        return list(answers.words)
    lo, hi = answers.lo, answers.hi
    step = 1e-6
    inside = [(lo + hi) / 2] if lo is not None and hi is not None else [lo * 1.5 + step] if lo is not None else []
    if lo is None and hi is not None:
        inside = [hi - abs(hi) * step - (step if hi <= 0 else 0)]
    ends = [end for end, open_ in ((lo, answers.above), (hi, answers.below)) if end is not None and not open_]
    least, most = definition.range
    return [x for x in (*inside, *ends) if least <= x <= most]


@pytest.mark.parametrize(
    ("name", "day", "first"),
    [
        ("celsius", "2022-05-31", 0),
        ("nexo", "2022-09-30", 10),
        ("aave", "2022-09-30", 0),
        ("anchor", "2022-04-30", 0),
        ("woodford-equity-income", "2019-05-31", 0),
    ],
)
def test_what_is_claimed_of_an_answer_comes_true(name, day, first, rulebook, tmp_path):
    """Each claim against the whole assessment of a profile that holds the answer."""
    cut = settings(date.fromisoformat(day))
    form = questions_for(profile_path(name), cut, rulebook, most=first + 15)
    content = json.loads(profile_path(name).read_text(encoding="utf-8"))
    sources = {**content.get("sources", {}), "reply": {"title": "Reply", "date": day}}
    tried = 0
    for asked in form.asked[first:]:
        for effect in asked.effects:
            if asked.fact.type not in ("number", "bool", "enum") or tried >= 14:
                continue
            for value in written(effect.answers, asked.fact):
                section, fact = asked.fact.id.split(".")
                entry = {
                    "value": f"{value * 100:.14g}%" if asked.fact.unit in ("rate", "share", "ratio") else value,
                    "from": day,
                    "known_on": day,
                    "evidence": "company_disclosed",
                    "source": "reply",
                }
                history = content.get(section, {}).get(fact)
                if history is not None and not isinstance(history, list):
                    history = [history if isinstance(history, dict) else {"value": history}]
                merged = {
                    **content,
                    section: {**content.get(section, {}), fact: [*(history or []), entry]},
                    "sources": sources,
                }
                path = tmp_path / "p.json"
                path.write_text(json.dumps(merged), encoding="utf-8")
                assessment = audit_one(path, cut, rulebook)
                for rule in effect.rules:
                    possible = assessment.finding(rule).possible
                    assert possible == effect.possible, (asked.fact.id, value, rule, effect)
                tried += 1
    assert tried >= 10


def test_the_parts_of_a_line_join_without_gap_or_overlap(celsius):
    seen = 0
    for asked in celsius.asked:
        for rule in asked.rules:
            parts = [e.answers for e in asked.effects if rule.id in e.rules and not e.answers.words]
            parts = sorted((p for p in parts if not p.all_rows), key=lambda p: (p.lo is not None, p.lo or 0.0))
            for left, right in pairwise(parts):
                assert left.hi is not None
                assert right.lo is not None
                assert left.hi <= right.lo
                if left.hi == right.lo:
                    seen += 1
                    assert left.below != right.above
    assert seen > 5


# ----------------------------------------------------------------------------------------------------------- words


def test_answers_are_told_in_words(celsius):
    share = next(a for a in celsius.asked if a.fact.unit == "share")
    share = replace(share, fact=share.fact.model_copy(update={"range": (0.0, 1.0)}))
    texts = [
        answers_text(share, answers)
        for answers in (
            Answers(lo=0.25),
            Answers(lo=0.1, hi=0.2, above=True),
            Answers(hi=0.5, below=True),
            Answers(hi=0.0),
            Answers(),
        )
    ]
    assert texts == ["at least 25%", "more than 10% and at most 20%", "less than 50%", "exactly 0%", "any answer"]


def test_days_are_told_as_days(celsius, rulebook):
    asked = replace(celsius.asked[0], fact=rulebook.dictionary["disclosure.accounts_date"])
    day = float(date(2022, 1, 1).toordinal())
    assert answers_text(asked, Answers(lo=day)) == "2022-01-01 or later"
    assert answers_text(asked, Answers(hi=day, below=True)) == "before 2022-01-01"


def test_a_threshold_that_four_digits_do_not_tell_says_so():
    assert exact(0.25, "share") == "25%"
    assert exact(4 / 7, "share") == "about 57.14%"
    assert exact(1.5e9, "money") == "$1.5bn"
    assert exact(1.23456e9, "money") == "about $1.235bn"
    assert exact(36500.0, "days") == "36,500 days"


def test_a_question_says_why_it_matters_and_what_decides(celsius):
    asked = next(a for a in celsius.asked if a.fact.id == "ltv_practice.reported_oc_loan_share")
    question = told(celsius, asked)
    assert "C-01 (critical): How much of the lending is really covered by collateral?" in question.matters
    assert "at least 90%: clears C-01" in question.decides
    assert "less than 50%: confirms a failure of C-01" in question.decides
    assert any("C-02" in line and "no answer decides alone; needed besides: " in line for line in question.decides)
    assert question.write == "a share, such as 40%"


def test_every_fact_has_a_form_of_answer(rulebook):
    for definition in rulebook.dictionary.facts.values():
        text = answer_form(definition)
        assert text
        assert all(word in text for word in definition.values)


# ----------------------------------------------------------------------------------------------------------- forms


def test_the_end_of_a_name_says_the_form(tmp_path):
    assert form_of(tmp_path / "Q.XLSX") == ".xlsx"
    with pytest.raises(UsageError, match=r"no form of questionnaire for q\.xls\. Did you mean '\.xlsx'\?"):
        form_of(tmp_path / "q.xls")
    with pytest.raises(UsageError, match=r"Known: \.md"):
        form_of(tmp_path / "q")


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
@pytest.mark.parametrize("suffix", FORMS)
def test_every_form_asks_the_same_and_can_be_read_blank(suffix, language, celsius, tmp_path):
    path = tmp_path / f"q{suffix}"
    with speaking(language):
        path.write_bytes(rendered(celsius, suffix, language))
    replies = read_answers(path)
    assert [str(reply.fact.value) for reply in replies.replies] == [asked.fact.id for asked in celsius.asked]
    assert {key: written.value for key, written in replies.head.items()} == {"platform": "Celsius Network"}
    assert all(not reply.said and not reply.rows for reply in replies.replies)


@pytest.mark.parametrize("suffix", FORMS)
def test_the_same_questions_give_the_same_bytes(suffix, celsius):
    assert rendered(celsius, suffix, "en") == rendered(celsius, suffix, "en")


@pytest.mark.parametrize("suffix", FORMS)
def test_a_hostile_name_stays_a_name(suffix, celsius, tmp_path):
    form = replace(celsius, platform=EVIL, asked=celsius.asked[:6])
    path = tmp_path / f"q{suffix}"
    path.write_bytes(rendered(form, suffix, "en"))
    replies = read_answers(path)
    assert replies.head["platform"].value == EVIL
    assert len(replies.replies) == 6


def test_markdown_has_a_block_with_every_key_for_each_question(celsius):
    text = render_markdown(celsius)
    assert text.startswith("# Questions to Celsius Network\n")
    for asked in celsius.asked:
        block = re.search(rf"^```answer {re.escape(asked.fact.id)}\n(.*?)^```$", text, re.S | re.M)
        assert block is not None
        assert [line.split(":")[0] for line in block[1].splitlines() if ":" in line] == list(ANSWER_KEYS)
        assert all(f"| {name} |" in block[1] or f" {name} |" in block[1] for name in asked.fact.columns)
    assert "<script>" not in render_markdown(replace(celsius, platform=EVIL)).partition("```")[0]


def test_yaml_and_json_hold_the_same_places_to_fill_in(celsius):
    left, right = yaml.safe_load(render_yaml(celsius)), json.loads(render_json(celsius))
    assert left[FORMAT_KEY] == right[FORMAT_KEY] == 1
    keys = {*ANSWER_KEYS, "rows"}
    assert left["answers"] == {
        fact: {key: value for key, value in body.items() if key in keys} for fact, body in right["answers"].items()
    }


def test_a_spreadsheet_holds_only_text_and_a_sheet_for_each_table(celsius):
    content = render_xlsx(replace(celsius, platform=EVIL))
    book = openpyxl.load_workbook(BytesIO(content))
    tables = [asked.fact.id for asked in celsius.asked if asked.fact.columns]
    assert book.sheetnames == ["questions", *(celsius.sheets[id] for id in tables)]
    assert all(len(name) <= 31 for name in book.sheetnames)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert any(cell.value == EVIL for cell in cells)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert not any(b"<f>" in archive.read(name) for name in archive.namelist() if "worksheets" in name)


def test_names_of_sheets_differ_where_ids_are_long(celsius, rulebook):
    tables = [f for f in rulebook.dictionary.facts.values() if f.type == "table"]
    long = [tables[0].model_copy(update={"id": f"deposit_liquidity.{'x' * 30}{end}"}) for end in "abc"]
    asked = tuple(replace(celsius.asked[0], fact=fact) for fact in long)
    from checker.assess.questionnaire import _sheet_names

    names = _sheet_names(long)
    assert len(set(names.values())) == 3
    assert all(len(name) <= 31 for name in names.values())
    assert isinstance(replace(celsius, asked=asked, sheets=names), Questionnaire)


@pytest.mark.skipif("libpango-1.0-0" in missing_system_libraries(), reason="Pango is missing")
@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_a_page_for_print_has_every_question_and_room_for_answers(celsius, language):
    html = render_html(replace(celsius, platform=EVIL), language)
    assert html.count('<section class="question">') == 30
    assert html.count('<table class="rows">') == sum(bool(asked.fact.columns) for asked in celsius.asked)
    assert "<script>" not in html


@pytest.mark.skipif("libpango-1.0-0" in missing_system_libraries(), reason="Pango is missing")
def test_the_pdf_is_the_same_each_time(celsius):
    form = replace(celsius, asked=celsius.asked[:3])
    pdf = rendered(form, ".pdf", "en")
    assert pdf.startswith(b"%PDF")
    assert pdf == rendered(form, ".pdf", "en")
    with pytest.raises(ValueError, match="no questionnaire in 'xx'"):
        render_html(form, "xx")


def test_what_is_asked_can_be_answered_and_moves_the_verdict_inwards(celsius, rulebook, tmp_path):
    """The way round: ask, fill in, merge, and see the range at the same cut."""
    text = render_markdown(celsius).replace("answered_on:", "answered_on: 2022-05-31")
    block = "```answer ltv_practice.reported_oc_loan_share\nanswer:"
    assert block in text
    path = tmp_path / "a.md"
    path.write_text(text.replace(block, f"{block} 40%"), encoding="utf-8")
    profile, merged = answered(profile_path("celsius"), path, rulebook, today=TODAY)
    change = moved(profile, merged, settings(), rulebook)
    old, new = next(pair for pair in change.changed if pair[0].code == "C-01")
    assert len(old.possible) > 1
    assert new.possible == (FAIL,)
    before, after = change.before.verdict, change.after.verdict
    assert before.best <= after.best <= after.worst <= before.worst
