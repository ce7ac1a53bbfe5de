"""Parts of a file, as browsers and download managers ask for them."""

import pytest

from chat_app.api.ranges import Part, Unsatisfiable, part_of

TAG = '"name"'


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        (None, None),
        ("bytes=0-99", Part(0, 100)),
        ("bytes=0-0", Part(0, 1)),
        ("bytes=10-19", Part(10, 20)),
        ("bytes=10-", Part(10, 100)),
        ("bytes=99-", Part(99, 100)),
        ("bytes=90-1000000", Part(90, 100)),
        ("bytes=-10", Part(90, 100)),
        ("bytes=-1000", Part(0, 100)),
        ("Bytes= 0-1 ", Part(0, 2)),
        ("bytes=100-", Unsatisfiable()),
        ("bytes=100-200", Unsatisfiable()),
        ("bytes=9999999999999999999-", Unsatisfiable()),
        ("bytes=-0", Unsatisfiable()),
        # several at once, or nothing we know: the whole
        ("bytes=0-1,5-6", None),
        ("bytes=-", None),
        ("bytes=", None),
        ("bytes=5-1", None),
        ("bytes=a-b", None),
        ("bytes=٣-٤", None),
        ("bytes=--1", None),
        ("items=0-1", None),
        ("bytes 0-1", None),
        ("bytes=" + "9" * 5000 + "-", None),
    ],
)
def test_a_part_is_what_was_asked_for(wanted: str | None, part: object) -> None:
    assert part_of(wanted, 100, tag=TAG) == part


def test_a_part_of_another_file_is_all_of_this_one() -> None:
    assert part_of("bytes=0-1", 100, tag=TAG, if_range=TAG) == Part(0, 2)
    for other in ('"other"', "W/" + TAG, "", "Sat, 01 Jan 2000 00:00:00 GMT"):
        assert part_of("bytes=0-1", 100, tag=TAG, if_range=other) is None
