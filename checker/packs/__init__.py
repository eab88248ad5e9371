"""The rulebook: packs of rules, parameters and metrics, the bibliography, the verdict table and the reference rates.

Everything is data under `rules/`; this package loads it, checks it whole and lists every fault with its place. Imports
`lang` and `model`.
"""
