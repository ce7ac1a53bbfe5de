"""The post office and the SMS gateway of the stories about mail and SMS."""

from collections.abc import Iterator

import pytest

from tests.carriers import Gateway, PostOffice, answering, opened


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    """One that listens, without TLS."""
    office = PostOffice()
    with opened(office):
        yield office


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    gateway = Gateway()
    with answering(gateway):
        yield gateway
