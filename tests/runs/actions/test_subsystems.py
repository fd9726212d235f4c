"""Subsystems have codes that identifiers can begin with, and keep them."""

import pytest
from django.db import IntegrityError
from django.utils import timezone

from reqplatform.errors import Conflict, InvalidInput
from runs.actions import subsystems
from runs.actions.subsystems import add_subsystem, check_new_subsystem, save_subsystem
from runs.models import Requirement, Subsystem
from tests import factories
from tests.conftest import World
from tests.runs.actions import roles
from tests.runs.actions.at_once import at_once, raised

CODES = ["NAV", "N2", "A123456789", "nav", "  Nav "]
NO_CODES = ["", "N", "2N", "A1234567890", "NA-V", "NA V", "NÄV", "N/V", "NAV\n2", "ＮＡＶ", "abß"]


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_made_of_capital_letters_and_digits(world: World, code: str) -> None:
    made = add_subsystem(None, world.project, code=code, name="Navigation")
    made.refresh_from_db()
    assert made.code == code.strip().upper()


@pytest.mark.parametrize("code", NO_CODES)
def test_what_is_no_code_is_refused(world: World, code: str) -> None:
    for act in (check_new_subsystem, lambda *args, **given: add_subsystem(None, *args, **given)):
        with pytest.raises(InvalidInput) as refusal:
            act(world.project, code=code, name="Navigation")
        assert refusal.value.field == "code"
    assert not Subsystem.objects.exists()


def test_what_is_edited_keeps_the_rules(world: World) -> None:
    made = factories.subsystem(world.project)
    for field, value in (("code", "nav"), ("name", "  ")):
        edited = Subsystem.objects.get(pk=made.pk)
        setattr(edited, field, value)
        with pytest.raises(InvalidInput) as refusal:
            save_subsystem(None, edited)
        assert refusal.value.field == field
    made.code, made.name = "NAV\n", "Navigation \n"
    save_subsystem(None, made)
    made.refresh_from_db()
    assert (made.code, made.name) == ("NAV", "Navigation")


@pytest.mark.parametrize(
    ("code", "name", "field", "said"),
    [
        ("NAV", "", "name", "The subsystem needs a name."),
        ("NAV", " \u202e\x00 ", "name", "The subsystem needs a name."),
        ("NAV", "x" * 121, "name", "name may have 120 characters at most; it has 121."),
        (" ", "Navigation", "code", "The subsystem needs a code: 2 to 10 capital letters"),
    ],
)
def test_what_is_missing_or_too_long_is_named(
    world: World, code: str, name: str, field: str, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said) as refusal:
        add_subsystem(None, world.project, code=code, name=name)
    assert refusal.value.field == field


def test_what_cannot_be_seen_is_left_out(world: World) -> None:
    made = add_subsystem(
        None, world.project, code="NAV", name="Navi\x1b[31mgation\u202e \x00 unit",
        description="First\x07\r\n\r\nsecond\u2066", interfaces="a\tb", keywords=["co\x00urse"],
    )  # fmt: skip
    made.refresh_from_db()
    assert made.name == "Navi[31mgation unit"
    assert (made.description, made.interfaces) == ("First\n\nsecond", "a b")
    assert made.keywords == ["course"]


def test_what_is_typed_around_words_is_left_out(world: World) -> None:
    made = add_subsystem(
        None, world.project, code="NAV", name=" Navigation ", description=" It steers. ",
        interfaces="\tRadio\n", keywords=[" course ", "", "  ", "heading"],
    )  # fmt: skip
    made.refresh_from_db()
    assert (made.name, made.description, made.interfaces) == ("Navigation", "It steers.", "Radio")
    assert made.keywords == ["course", "heading"]


@pytest.mark.parametrize(
    ("code", "name"),
    [("NAV", "Other"), ("nav", "Other"), ("OTH", "Navigation"), ("OTH", "nAVIGATION")],
)
def test_a_project_has_each_code_and_name_once(world: World, code: str, name: str) -> None:
    factories.subsystem(world.project)
    for act in (check_new_subsystem, lambda *args, **given: add_subsystem(None, *args, **given)):
        with pytest.raises(InvalidInput, match=r"has a subsystem of the .* already:") as refusal:
            act(world.project, code=code, name=name)
        assert refusal.value.field == ("name" if code == "OTH" else "code")
    assert Subsystem.objects.count() == 1
    add_subsystem(None, world.other_project, code=code, name=name)  # another project may


@pytest.mark.parametrize(("code", "name"), [("NAV", "Other"), ("OTH", "NAVIGATION")])
def test_the_database_keeps_the_rule_too(world: World, code: str, name: str) -> None:
    factories.subsystem(world.project)
    with pytest.raises(IntegrityError):
        Subsystem.objects.create(project=world.project, code=code, name=name)


def test_of_two_who_add_it_at_once_one_is_told(transactional_db: None, world: World) -> None:
    made = at_once(*[lambda: add_subsystem(None, world.project, code="NAV", name="Navigation")] * 4)
    assert [type(error) for error in raised(made)] == [InvalidInput] * 3
    assert Subsystem.objects.count() == 1


@pytest.mark.parametrize(("code", "name"), [("NAV", "Other"), ("OTH", "NAVIGATION")])
def test_what_is_added_between_the_check_and_the_save_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch, code: str, name: str
) -> None:
    check = subsystems.check_subsystem

    def checked(subsystem: Subsystem) -> None:
        check(subsystem)
        factories.subsystem(world.project)  # somebody else is quicker

    monkeypatch.setattr(subsystems, "check_subsystem", checked)
    with pytest.raises(InvalidInput, match=r"The project has a subsystem of the .* already:"):
        add_subsystem(None, world.project, code=code, name=name)
    assert Subsystem.objects.count() == 1


def test_a_code_is_free_until_identifiers_begin_with_it(world: World) -> None:
    made = factories.subsystem(world.project)
    made.code = "GUI"
    assert save_subsystem(world.editor, made).code == "GUI"
    Requirement.objects.create(
        project=world.project, subsystem=made, identifier="GUI-FUNC-001", type="FUNC",
        derivation="d",
    )  # fmt: skip
    made.code = "NAV"
    with pytest.raises(InvalidInput, match="GUI begins identifiers") as refusal:
        save_subsystem(world.owner, made)
    assert refusal.value.field == "code"
    made.refresh_from_db()
    assert made.code == "GUI"
    made.name, made.keywords = "Guidance", ["course"]  # everything else may change
    save_subsystem(world.editor, made)
    made.refresh_from_db()
    assert (made.name, made.keywords) == ("Guidance", ["course"])


@roles.refused
def test_who_may_not(world: World, who: str, error: type[Exception]) -> None:
    made = factories.subsystem(world.project)
    made.name = "Mine"
    roles.is_refused(lambda user: save_subsystem(user, made), world, who, error)
    roles.is_refused(
        lambda user: add_subsystem(user, world.project, code="PWR", name="Power"),
        world, who, error,
    )  # fmt: skip
    assert Subsystem.objects.get().name == "Navigation"


@roles.allowed
def test_who_may(world: World, who: str | None) -> None:
    made = add_subsystem(roles.person(world, who), world.project, code="PWR", name="Power")
    made.name = "Supply"
    save_subsystem(roles.person(world, who), made)
    assert Subsystem.objects.get().name == "Supply"


def test_an_archived_project_gets_none(world: World) -> None:
    world.project.archived_at = timezone.now()
    with pytest.raises(Conflict, match="archived"):
        add_subsystem(world.owner, world.project, code="PWR", name="Power")
