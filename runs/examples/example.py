"""The example specification and the project that the demo seeds for it.

`example.txt` is the source; `benchmarks/make_example.py` makes the other two forms from it. What
must come out of it was written by hand in `tests/golden/example.json`: change them together.
"""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
SPEC_TXT = FOLDER / "example.txt"
SPEC_DOCX = FOLDER / "example.docx"
SPEC_PDF = FOLDER / "example.pdf"


@dataclass(frozen=True, slots=True)
class ExampleProject:
    name: str
    slug: str


@dataclass(frozen=True, slots=True)
class ExampleSubsystem:
    """Chapter 3 of the specification, as a lead would enter it for the project."""

    code: str
    name: str
    description: str
    interfaces: str  # with which subsystem or system it exchanges what
    keywords: tuple[str, ...]  # terms by which a requirement means it without naming it


PROJECT = ExampleProject(name="Petrel Harbour Survey Vessel", slug="demo")

SUBSYSTEMS: tuple[ExampleSubsystem, ...] = (
    ExampleSubsystem(
        code="NAV",
        name="Navigation",
        description=(
            "Finds out where the vessel is and how it moves, plans the route of a mission and "
            "leads the vessel along it, clear of obstacles and of keep-out zones."
        ),
        interfaces=(
            "Provides position and heading to Survey Payload. Sends thrust commands to Power and "
            "Propulsion. Receives missions from Communication."
        ),
        keywords=("position", "heading", "route", "dead reckoning", "keep-out zone"),
    ),
    ExampleSubsystem(
        code="PWR",
        name="Power and Propulsion",
        description=(
            "Stores electrical energy in two batteries, supplies the other subsystems from them "
            "and drives the vessel with four thrusters."
        ),
        interfaces=(
            "Receives thrust commands from Navigation. Reports the remaining charge to "
            "Communication. Takes shore power at the berth."
        ),
        keywords=("battery", "batteries", "thruster", "propulsion", "shore power"),
    ),
    ExampleSubsystem(
        code="SUR",
        name="Survey Payload",
        description=(
            "Carries the multibeam sonar and a probe for the speed of sound, turns echoes into "
            "soundings and records them for the whole mission."
        ),
        interfaces=(
            "Receives position and heading from Navigation. Delivers a preview of the soundings "
            "to Communication."
        ),
        keywords=("sonar", "ping", "sounding", "echo", "seabed"),
    ),
    ExampleSubsystem(
        code="COM",
        name="Communication",
        description=(
            "Keeps the vessel in touch with the shore station by a radio link and the mobile "
            "network, and protects what is said against eavesdroppers and impostors."
        ),
        interfaces=(
            "Exchanges messages with the shore station. Forwards missions to Navigation. Receives "
            "the remaining charge from Power and Propulsion and previews from Survey Payload."
        ),
        keywords=("radio link", "mobile network", "message", "shore station", "encryption"),
    ),
)
