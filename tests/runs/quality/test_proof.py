"""The proof says which child carries what of its parent."""

import time

from runs.quality.proof import Kind, Line, Proof, proofs
from runs.quality.requirement_set import RequirementSet
from runs.requests import ChildIn, ParentIn, ValidateRequest
from tests.runs.quality.sets import child, parent, requirements, share

STOP = parent(
    0, "When the tank is full, the plant shall stop the pump and close the valve within 100 ms."
)


def proved(request: ValidateRequest) -> Proof:
    [proof] = proofs(RequirementSet(request))
    return proof


def carried(source: ParentIn, *children: ChildIn) -> dict[tuple[Kind, str], tuple[int, ...]]:
    lines = proved(requirements([source], list(children))).lines
    return {(line.part.kind, line.part.text): line.children for line in lines}


def quantity(source: ParentIn, *children: ChildIn) -> Line:
    lines = proved(requirements([source], list(children))).lines
    return next(line for line in lines if line.part.kind is Kind.QUANTITY)


def test_each_part_names_its_carriers() -> None:
    assert carried(
        STOP,
        child(0, "When the tank is full, the Pump Controller shall stop the pump within 0.1 s."),
        child(1, "The Pump Controller shall close the valve."),
    ) == {
        (Kind.CONDITION, "When the tank is full"): (0,),
        (Kind.ACTOR, "the plant"): (0, 1),
        (Kind.OBJECT, "stop the pump"): (0,),
        (Kind.OBJECT, "close the valve within 100 ms"): (1,),
        (Kind.QUANTITY, "100 ms"): (0,),
    }


def test_what_nobody_carries_is_lost() -> None:
    lines = carried(STOP, child(0, "The Pump Controller shall stop the pump."))
    lost = {text for (_, text), children in lines.items() if not children}
    assert lost == {"When the tank is full", "close the valve within 100 ms", "100 ms"}


def test_children_carry_a_clause_together() -> None:
    source = parent(0, "The plant shall record coolant, oil, fuel and exhaust temperatures.")
    lines = carried(
        source,
        child(0, "The Pump Controller shall record coolant temperatures."),
        child(1, "The Pump Controller shall record the oil and fuel."),
        child(2, "The Pump Controller shall record exhaust temperatures."),
    )
    assert all(lines.values())


def test_a_parent_without_children_is_lost_as_a_whole() -> None:
    proof = proved(requirements([STOP], []))
    assert not proof.holds
    assert not any(line.is_carried for line in proof.lines)


def test_budgets_roll_up() -> None:
    source = parent(0, "The plant shall answer within 100 ms.")

    def of(*amounts: str) -> Line:
        texts = [f"The Pump Controller shall answer step in {amount}." for amount in amounts]
        return quantity(source, *(share(ref, text) for ref, text in enumerate(texts)))

    fitting, over = of("60 ms", "40 ms"), of("60 ms", "50 ms")
    assert (fitting.rollup, fitting.fits) == ("60 ms + 40 ms of 100 ms", True)
    assert fitting.children == (0, 1)
    assert not over.fits


def test_acceptance_criteria_carry_a_quantity() -> None:
    line = quantity(
        parent(0, "The plant shall answer within 100 ms."),
        child(0, "The Pump Controller shall answer.", acceptance_criteria=["It takes 0.1 s."]),
    )
    assert line.children == (0,)


def test_a_child_with_nothing_of_its_parents_is_unjustified() -> None:
    proof = proved(
        requirements(
            [parent(0, "The plant shall keep the level.")],
            [
                child(0, "The Pump Controller shall keep the level."),
                child(1, "The Pump Controller shall print a monthly report."),
            ],
        )
    )
    assert proof.unjustified == (1,)
    assert not proof.holds


def test_many_children_of_a_long_parent_take_linear_time() -> None:
    def seconds(count: int) -> float:
        texts = [f"The Pump Controller shall start pump {n} of plant {n}." for n in range(count)]
        children = [child(ref, text) for ref, text in enumerate(texts)]
        request = requirements([parent(0, " ".join(texts))], children)
        begun = time.process_time()
        proved(request)
        return time.process_time() - begun

    seconds(200)
    assert seconds(4000) < 12 * seconds(1000) + 0.2
