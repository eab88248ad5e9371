"""The worlds that the laws are tried in."""

import pytest
from laws.worlds import Worlds

from checker.app.audit import shipped_rulebook


@pytest.fixture(scope="session")
def worlds():
    return Worlds(shipped_rulebook())
