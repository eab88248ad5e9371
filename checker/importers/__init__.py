"""Readers of files that others fill in or export, one file per format; none of them judges what it reads.

They may import what lies below the outputs, never an output: a form is written by `checker.outputs` and read here, and
the keys that both know stand in `checker.assess`.

    from checker.importers.answers import read_answers
    replies = read_answers("answers.md")
"""
