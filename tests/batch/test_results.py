"""What became of many files comes back in their order, whatever the order in which it was put, and however much."""

import random

import pytest

from perfxl.batch import results
from perfxl.batch.results import Results
from perfxl.errors import NothingToDo

OF_FILES = [["a", "b"], [], ["c"], ["d" * 5000, "e"], []]
FLAT = ["a", "b", "c", "d" * 5000, "e"]


@pytest.fixture(params=["in memory", "in a file"], autouse=True)
def held(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each law holds for results that are few and for those that go to a file."""
    if request.param == "in a file":
        monkeypatch.setattr(results, "HELD", 1)


def filled(seed: int) -> Results[str]:
    found: Results[str] = Results()
    places = list(enumerate(OF_FILES))
    random.Random(seed).shuffle(places)
    for at, own in places:
        found.put(at, own)
    return found


@pytest.mark.parametrize("seed", range(10))
def test_results_are_a_sequence_in_the_order_of_the_files(seed: int) -> None:
    found = filled(seed)
    assert list(found) == FLAT == list(found)
    assert len(found) == len(FLAT)
    assert [found[at] for at in range(-5, 5)] == [FLAT[at] for at in range(-5, 5)]
    assert found[1:4] == tuple(FLAT[1:4])
    assert found == FLAT
    assert found == tuple(FLAT)
    assert found == filled(seed + 1)
    assert found != FLAT[1:]
    assert found != FLAT[::-1]
    assert FLAT[3] in found
    assert (found.files, found.next) == (5, 5)
    with pytest.raises(IndexError):
        found[5]


def test_two_may_go_through_them_at_once() -> None:
    found = filled(0)
    assert list(zip(found, found, strict=True)) == list(zip(FLAT, FLAT, strict=True))


def test_errors_stand_apart_in_the_order_of_the_files() -> None:
    first, second, third = (NothingToDo(what="nothing_read", number=number) for number in range(3))
    found: Results[str] = Results()
    found.put(found.next, ["a"])
    found.put(7, [third])
    found.put(3, [first, "b", second])
    assert list(found) == ["a", "b"]
    assert found.refused == [first, second, third]
    assert (found.files, found.next) == (2, 8)


def test_no_result_is_an_empty_sequence() -> None:
    found: Results[str] = Results()
    assert (len(found), list(found), found.refused, found.files, found.next) == (0, [], [], 0, 0)
    assert found == ()
    with pytest.raises(IndexError):
        found[0]
