from hypothesis import given
from hypothesis import strategies as st

from skills.comparison import Change, compare, text_of
from skills.models import SkillVersion

LINE = st.sampled_from(["a", "b", "c", "", "- d", "<b>"])
BODY = st.lists(LINE, max_size=40).map("\n".join)


def version(body: str, **parameters: int) -> SkillVersion:
    return SkillVersion(body=body, parameters=parameters)


def test_the_changed_lines_come_with_three_around_them() -> None:
    body = "".join(f"line {number}\n" for number in range(1, 21))
    lines = compare(version(body), version(body.replace("line 10\n", "line ten\n")))
    assert [(line.change, line.text) for line in lines] == [
        (Change.GAP, ""),
        *((Change.SAME, f"line {number}") for number in (7, 8, 9)),
        (Change.REMOVED, "line 10"),
        (Change.ADDED, "line ten"),
        *((Change.SAME, f"line {number}") for number in (11, 12, 13)),
    ]
    removed = lines[4]
    assert text_of(version(body)).splitlines()[(removed.old or 0) - 1] == "line 10"


def test_a_parameter_is_compared_too() -> None:
    lines = compare(version("x", depth=8), version("x", depth=3))
    assert [(line.change, line.text) for line in lines if line.change is not Change.SAME] == [
        (Change.REMOVED, "depth: 8"),
        (Change.ADDED, "depth: 3"),
    ]


def test_the_same_gives_nothing() -> None:
    assert compare(version("x", depth=8), version("x", depth=8)) == []


@given(BODY, BODY)
def test_every_line_shown_stands_where_it_says(old: str, new: str) -> None:
    before, after = version(old), version(new)
    old_lines, new_lines = text_of(before).splitlines(), text_of(after).splitlines()
    lines = compare(before, after)
    for line in lines:
        if line.old is not None:
            assert old_lines[line.old - 1] == line.text
        if line.new is not None:
            assert new_lines[line.new - 1] == line.text
    removed = sum(line.change is Change.REMOVED for line in lines)
    added = sum(line.change is Change.ADDED for line in lines)
    assert len(old_lines) - removed == len(new_lines) - added
