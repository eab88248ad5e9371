"""Rules-based due diligence for lending platforms.

A profile of sourced facts goes in, an explained verdict comes out. The floors of this package import downwards only:
`cli` > `app` > `outputs` | `importers` > `assess` > `engine` > `packs` | `metrics` > `lang` > `model`.

Example:
    >>> from checker import __version__
    >>> __version__.count(".")
    2
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
