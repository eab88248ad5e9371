"""The questionnaire for a platform: what to ask, in which order, in the form the file's name asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from checker import __version__
from checker.app.audit import Settings
from checker.assess.assess import assess
from checker.assess.assessment import Options
from checker.assess.questionnaire import Questionnaire, questionnaire
from checker.model.errors import UsageError, did_you_mean
from checker.model.profile import load_profile
from checker.outputs.questionnaire import TEXT_FORMS, render_xlsx
from checker.packs.rulebook import Rulebook

PDF = ".pdf"
SUFFIXES = (*TEXT_FORMS, ".xlsx", PDF)


def options_of(settings: Settings) -> Options:
    """The cut and any changes to the packs, as the assessment takes them."""
    return Options(
        settings.as_of.isoformat(),
        settings.known_by.isoformat(),
        settings.parameters,
        dict(settings.overrides),
        dict(settings.reader),
    )


def questions_for(path: Path, settings: Settings, rulebook: Rulebook, *, most: int) -> Questionnaire:
    """The questions to the platform of a profile.

    Args:
        path: The profile.
        settings: The cut.
        rulebook: The packs.
        most: How many questions at most; 0 for all.

    Raises:
        InputError: The profile is invalid; carries every fault.
    """
    profile = load_profile(path, rulebook.dictionary, today=settings.today)
    options = options_of(settings)
    assessment = assess(profile, rulebook, options, version=__version__)
    return questionnaire(profile, rulebook, options, assessment, most=most)


def form_of(path: Path) -> str:
    """The end of a file's name, which says the form of the questionnaire.

    Raises:
        UsageError: There is no such form.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        hint = did_you_mean(suffix, SUFFIXES) if suffix else f"Known: {', '.join(SUFFIXES)}."
        raise UsageError(f"no form of questionnaire for {path.name}. {hint}")
    return suffix


def rendered(form: Questionnaire, suffix: str, language: str) -> bytes:
    """The questionnaire in a form, in the language being spoken.

    Args:
        form: The questions.
        suffix: The form, as `form_of` gives it.
        language: The language being spoken, which a PDF names.
    """
    if suffix == PDF:
        from checker.outputs.questionnaire_pdf import render_pdf

        return render_pdf(form, language)
    if suffix == ".xlsx":
        return render_xlsx(form)
    write: Callable[[Questionnaire], str] = TEXT_FORMS[suffix]
    return write(form).encode()
