"""Every text rule fires where it should, on the passage it should, and not on its look-alikes."""

import pytest

from runs.quality.lint import lint
from runs.quality.rules.registry import TEXT_RULES

FIRES = [
    ("vague-term", "The logger shall use an appropriate format.", "appropriate"),
    ("vague-term", "The unit shall work properly.", "properly"),
    ("vague-term", "The store shall keep several copies.", "several"),
    ("vague-term", "The store shall keep a large history.", "large"),
    ("vague-term", "The parser shall handle errors well.", "well"),
    ("subjective-term", "The console shall be user-friendly.", "user-friendly"),
    ("subjective-term", "The menu shall be easy to use.", "easy to use"),
    ("unspecific-modifier", "The gateway shall forward data to various peers.", "various"),
    ("escape-clause", "The unit shall, where possible, store alarms.", "where possible"),
    ("escape-clause", "The unit shall store alarms as appropriate.", "as appropriate"),
    ("escape-clause", "The unit shall store alarms unless otherwise specified.", None),
    ("open-ended-list", "The report shall show speed, position, etc.", "etc"),
    (
        "open-ended-list",
        "The report shall show items including, but not limited to, speed.",
        "including, but not limited to",
    ),
    ("example-list", "The display shall show hazards, e.g. icing.", "e.g"),
    ("example-list", "The display shall show hazards such as icing.", "such as"),
    ("superlative", "The encoder shall give the best image.", "best"),
    ("open-goal", "The planner shall minimize fuel.", "minimize"),
    ("open-goal", "The link shall give maximum availability.", "maximum"),
    ("open-goal", "The desk shall have full control of the valve.", "full"),
    ("comparative", "The pump shall run at a higher pressure.", "higher"),
    ("totality", "The archive shall always keep entries.", "always"),
    ("totality", "The counter shall detect 100 % of faults.", "100 %"),
    ("passive-voice", "The entries shall be encrypted.", "shall be encrypted"),
    ("passive-voice", "The entries shall not be automatically sent.", None),
    ("passive-voice", "The entries shall be removed by means of a script.", None),
    ("passive-voice", "The users shall be notified by email.", "shall be notified"),
    ("escape-clause", "The delay shall be as short as possible.", "as short as possible"),
    ("vague-term", "The link shall be secure.", "be secure"),
    ("vague-pronoun", "It shall store ten alarms.", "It"),
    ("vague-pronoun", "The pump shall stop. This shall happen at night.", "This"),
    ("vague-pronoun", "The pump fills the tank. It shall stop at 5 bar.", "It"),
    ("vague-pronoun", "When the pump fills the tank, it shall sound a horn.", "it"),
    ("vague-pronoun", "Where access is allowed, this shall be logged.", "this"),
    ("negative", "The door shall not open during motion.", "not"),
    ("negative", "The client MUST NOT reuse a nonce.", "NOT"),
    ("several-requirements", "The pump shall start and the valve shall open.", "shall"),
    ("combinator", "The console shall show speed as well as record it.", "as well as"),
    ("several-actions", "The unit shall start the pump and close the valve.", "close"),
    ("mixed-modals", "The pump shall stop and the valve should close.", "should"),
    ("and-or", "The alarm shall sound and/or flash.", "and/or"),
    ("and-or", "The alarm shall sound and / or flash.", "and / or"),
    ("purpose-clause", "The unit shall dim in order to save energy.", "in order to"),
    ("superfluous-infinitive", "The receiver shall be able to decode frames.", "be able to"),
    ("long-sentence", "The unit shall " + "read one value and " * 15 + "stop.", None),
    ("empty-statement", " 3.1 ", None),
    ("missing-modal", "The pump starts with the motor.", None),
    ("to-be-defined", "The tank shall hold TBD litres.", "TBD"),
    ("to-be-defined", "The colour of the lamp shall be ???.", "???"),
    ("to-be-defined", "The tank shall hold a volume to be determined.", "to be determined"),
    ("to-be-defined", "The tank shall hold 5 l (to be confirmed by test).", "to be confirmed"),
    ("superfluous-infinitive", "It shall be possible to store data.", "be possible to"),
    ("unquantified-performance", "The index shall answer quickly.", "quickly"),
    ("unquantified-performance", "The link shall offer high availability.", "high availability"),
    ("unbounded-time", "The monitor shall report a failure immediately.", "immediately"),
    ("unbounded-time", "The monitor shall report as soon as possible.", "as soon as possible"),
    ("unbounded-time", "The monitor shall soon report.", "soon"),
    ("approximate-value", "The arm shall lift about 20 kg.", "about"),
    ("missing-unit", "The pump shall start within 5.", "5"),
    ("missing-unit", "The pump shall start in less than 5 when the tank is empty.", "5"),
    ("missing-tolerance", "The converter shall supply 28 V.", "28 V"),
    ("missing-tolerance", "The heater shall hold the bath at 37 °C.", "37 °C"),
    ("solution-bias", "The list shall be a linked list.", "linked list"),
    ("solution-bias", "The report shall be made in Python.", "Python"),
    ("comparative", "The reports shall be short and more accurate.", "more"),
    ("comparative", "The planner shall allow more general cases.", "more"),
]

SILENT = [
    ("vague-term", "Dwell time shall be 5 s."),
    ("vague-term", "The relay shall restore power as well as light."),
    ("vague-term", "The store shall keep at least 5 copies, several of 10 MB each."),
    ("vague-term", "The Safe Mode manager shall close the valve."),
    ("vague-term", "The unit shall detect a short circuit."),
    ("vague-term", "The label shall read “adequate”."),
    ("subjective-term", "The clock shall use the Simple Network Time Protocol."),
    ("unspecific-modifier", "The bus shall reject words other than commands."),
    ("unspecific-modifier", "The relay shall measure the leakage current."),
    ("subjective-term", "The course shall address operators familiar with the tool."),
    ("several-actions", "The kernel shall provide a mechanism to define and initialize a stack."),
    ("escape-clause", "The unit shall log where the alarm was raised."),
    ("open-ended-list", "The report shall show speed and position."),
    ("example-list", "The display shall show icing."),
    ("superlative", "The queue shall hold at most 5 frames."),
    ("superlative", "The queue shall return the most recent frame."),
    ("superlative", "The rig shall test each request of interest."),
    ("comparative", "The pump shall stop at pressures greater than 5 bar."),
    ("comparative", "The pump shall run 5 s or longer."),
    ("comparative", "The pump shall stop at the lower limit."),
    ("comparative", "The report shall show speed, position and more."),
    ("comparative", "The pump shall raise an alarm no later than 5 s after start."),
    ("totality", "The sampler shall read the sensor every 5 s."),
    ("totality", "The archive shall write a backup every day."),
    ("vague-term", "The link shall be as short as possible."),
    ("totality", "The hall sensor shall report the angle."),
    ("passive-voice", "The entries shall be encrypted by the gateway."),
    ("passive-voice", "The sensor shall be located at the inlet."),
    ("passive-voice", "The speed shall be 5 m/s."),
    ("vague-pronoun", "It shall be possible to store ten alarms."),
    ("vague-pronoun", "The pump shall store this value."),
    ("vague-pronoun", "The pump that runs shall stop."),
    ("vague-pronoun", "The pump has stopped. It shall restart in 5 s."),
    ("vague-pronoun", "It is the responsibility of the crew to paint."),
    ("vague-pronoun", "Two modes are known. These are: day and night."),
    ("vague-pronoun", "The reason for this is heat."),
    ("vague-pronoun", "The pump shall stop where this is allowed."),
    ("negative", "The mass shall not exceed 5 kg."),
    ("negative", "The pump shall start in no more than 5 s."),
    ("negative", "The pump shall run whether or not the valve is open."),
    ("several-requirements", "The pump shall stop when the valve must close."),
    ("several-requirements", "The pump shall deliver the water that the tank shall hold."),
    ("combinator", "The console shall show the speed."),
    ("several-actions", "The unit shall record, store and display the speed and the level."),
    ("mixed-modals", "The pump shall stop and the valve shall close."),
    ("totality", "The pump shall stop at 80 %."),
    ("superlative", "The queue shall return the frame of the highest priority."),
    ("comparative", "A call of a higher priority shall end the current call."),
    ("passive-voice", "The lamp may be dimmed."),
    ("missing-modal", "The code may not be changed."),
    ("to-be-defined", "The unit shall show the code to be confirmed by the driver."),
    ("unbounded-time", "The unit shall list frequently used functions."),
    ("unbounded-time", "The unit shall log it as soon as the door opens."),
    ("and-or", "The alarm shall sound and flash, or flash only."),
    ("purpose-clause", "The unit shall sort entries in order of arrival."),
    ("superfluous-infinitive", "The receiver shall decode frames."),
    ("long-sentence", "The unit shall read one value and stop."),
    ("empty-statement", "Stop."),
    ("missing-modal", "The pump shall start with the motor."),
    ("missing-modal", "The pump is required to start with the motor."),
    ("to-be-defined", "The field TBDX shall hold a value."),
    ("unquantified-performance", "The index shall answer quickly, within 2 s."),
    ("unquantified-performance", "The Fast Ethernet port shall accept frames."),
    ("unquantified-performance", "Fast Ethernet shall be the link."),
    ("unquantified-performance", "The fast-charge mode shall end at 80 %."),
    ("unquantified-performance", "The breakfast order shall be logged."),
    ("unbounded-time", "The monitor shall report a failure immediately, within 5 ms."),
    ("approximate-value", "The arm shall turn about the axis."),
    ("open-goal", "The pump shall run for a minimum of 72 h."),
    ("open-goal", "The store shall hold the maximum number of units in a file."),
    ("open-goal", "The port shall work in full duplex."),
    ("missing-unit", "The pump shall start within 5 s."),
    ("missing-unit", "The pump shall hold at least 5 messages."),
    ("missing-unit", "The pump shall follow Table 5."),
    ("missing-unit", "The pump shall start at level 5."),
    ("missing-tolerance", "The converter shall supply 28 V ± 1 V."),
    ("missing-tolerance", "The converter shall supply up to 28 V."),
    ("missing-tolerance", "The converter shall switch the 28 V supply."),
    ("missing-tolerance", "The converter shall start in 5 s."),
    ("solution-bias", "The operator shall press the emergency stop button."),
    ("solution-bias", "The unit shall log the word “Python”."),
    ("approximate-value", "The arm shall lift approximately 20 kg ± 1 kg."),
]


@pytest.mark.parametrize(("rule", "text", "passage"), FIRES)
def test_fires(rule: str, text: str, passage: str | None) -> None:
    found = [finding for finding in lint(text).findings if finding.rule == rule]
    assert len(found) == 1
    if passage is not None:
        assert text[found[0].start : found[0].end] == passage
        assert "{" not in found[0].message + found[0].suggestion


@pytest.mark.parametrize(("rule", "text"), SILENT)
def test_is_silent(rule: str, text: str) -> None:
    assert rule not in {finding.rule for finding in lint(text).findings}


@pytest.mark.parametrize("rule", TEXT_RULES, ids=lambda rule: rule.id)
def test_each_rule_has_both_cases_and_its_example_fires(rule) -> None:  # type: ignore[no-untyped-def]
    assert any(name == rule.id for name, *_ in FIRES)
    assert any(name == rule.id for name, _ in SILENT)
    assert rule.id in {finding.rule for finding in lint(rule.example).findings}


def test_a_good_requirement_has_no_finding() -> None:
    text = (
        "When the tank level falls below 20 %, the Pump Controller shall start the refill pump "
        "within 500 ms."
    )
    result = lint(text)
    assert result.findings == ()
    assert result.score == 1.0


def test_a_replacement_invents_nothing() -> None:
    text = "In order to save energy, the unit shall dim the screen."
    [finding] = [f for f in lint(text).findings if f.rule == "purpose-clause"]
    assert finding.replacement == "To"
    mended = text[: finding.start] + finding.replacement + text[finding.end :]
    assert mended == "To save energy, the unit shall dim the screen."


def test_words_of_a_defined_term_are_not_judged() -> None:
    text = "The unit shall enter fast charge when asked."
    assert "unquantified-performance" in {f.rule for f in lint(text).findings}
    assert lint(text, terms=["fast charge"]).score == 1.0
