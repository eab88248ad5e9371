"""What all tests share: a fixed seed for random cases, and no network."""

import os
import socket

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("fixed", derandomize=True, deadline=None, database=None, print_blob=True)
settings.register_profile(
    "long",
    parent=settings.get_profile("fixed"),
    max_examples=2000,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("DDCHECK_HYPOTHESIS", "fixed"))

LOCAL: set[tuple[str, int]] = set()


@pytest.fixture
def local_servers():
    """Addresses on this machine that a test may reach, filled by the test."""
    yield LOCAL
    LOCAL.clear()


@pytest.fixture(autouse=True, scope="session")
def no_network():
    """Refuse every connection, but to servers that a test started itself (`local_servers`)."""
    connect = socket.socket.connect

    def refuse(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[:2] not in LOCAL:
            raise AssertionError(f"a test tried to reach {address}")
        return connect(self, address)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", refuse)
    yield
    patch.undo()
