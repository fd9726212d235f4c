"""The units that specifications print, and what kind of quantity each measures.

Symbols are case-sensitive where the SI makes them so (mW is not MW); spelled-out names are not.
Factors turn a value into the dimension's base unit, for comparing only: texts keep their own unit.
Source of symbols and factors: the SI brochure (9th edition); IEC 80000-13 for binary prefixes.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Dimension(StrEnum):
    TIME = "time"
    LENGTH = "length"
    MASS = "mass"
    SPEED = "speed"
    ACCELERATION = "acceleration"
    FREQUENCY = "frequency"
    POWER = "power"
    ENERGY = "energy"
    VOLTAGE = "voltage"
    CURRENT = "current"
    RESISTANCE = "resistance"
    TEMPERATURE = "temperature"
    PRESSURE = "pressure"
    FORCE = "force"
    ANGLE = "angle"
    AREA = "area"
    VOLUME = "volume"
    LEVEL = "level"  # decibels
    INFORMATION = "information"
    DATA_RATE = "data rate"
    RATIO = "ratio"  # percent and its like
    RATE = "rate"  # so many of something per time
    ILLUMINANCE = "illuminance"
    MONEY = "money"
    COUNT = "count"  # so many of a counted thing


@dataclass(frozen=True, slots=True)
class Unit:
    symbol: str  # canonical: "ms", "%", "km/h"
    dimension: Dimension
    factor: Decimal | None = None  # to the dimension's base unit; None: no fixed factor


_TABLE: dict[Dimension, str] = {
    Dimension.TIME: "ns nanosecond nanoseconds=1e-9 | µs μs us usec microsecond microseconds=1e-6 |"
    "ms msec msecs millisecond milliseconds=1e-3 | s sec secs second seconds=1 |"
    "min mins minute minutes=60 | h hr hrs hour hours=3600 | d day days=86400 |"
    "week weeks=604800 | month months=? | year years yr yrs=?",
    Dimension.LENGTH: "nm=1e-9 | µm μm micron microns micrometre micrometres=1e-6 |"
    "mm millimetre millimetres millimeter millimeters=1e-3 |"
    "cm centimetre centimetres centimeter centimeters=1e-2 |"
    "m metre metres meter meters=1 | km kilometre kilometres kilometer kilometers=1e3 |"
    "ft foot feet=0.3048 | inch inches=0.0254 | mile miles=1609.344 |"
    "NM nmi=1852 | px pixel pixels=?",
    Dimension.MASS: "mg milligram milligrams=1e-6 | g gram grams=1e-3 |"
    "kg kilogram kilograms kilogramme kilogrammes=1 | t tonne tonnes=1e3 |"
    "lb lbs pound pounds=0.45359237",
    Dimension.SPEED: "m/s=1 | km/h kph kmh=? | mph=0.44704 | kn knot knots kt kts=?",
    Dimension.ACCELERATION: "m/s2 m/s² m/s^2=1",
    Dimension.FREQUENCY: "Hz hertz=1 | kHz=1e3 | MHz=1e6 | GHz=1e9 | fps=1 | rpm=?",
    Dimension.POWER: "µW μW uW=1e-6 | mW milliwatt milliwatts=1e-3 | W watt watts=1 |"
    "kW kilowatt kilowatts=1e3 | MW megawatt megawatts=1e6 | VA=1 | kVA=1e3",
    Dimension.ENERGY: "J joule joules=1 | kJ=1e3 | MJ=1e6 | mWh=3.6 | Wh=3600 | kWh=3600000 |"
    "mAh=? | Ah=?",
    Dimension.VOLTAGE: "µV μV=1e-6 | mV millivolt millivolts=1e-3 |"
    "V volt volts VDC VAC Vdc Vac Vrms=1 | kV kilovolt kilovolts=1e3",
    Dimension.CURRENT: "µA μA uA=1e-6 | mA milliampere milliamperes milliamp milliamps=1e-3 |"
    "A ampere amperes amp amps=1 | kA=1e3",
    Dimension.RESISTANCE: "Ω ohm ohms=1 | kΩ=1e3 | MΩ=1e6",
    Dimension.TEMPERATURE: "°C ºC ℃ degC=? | °F degF=? | K kelvin=1",
    Dimension.PRESSURE: "Pa=1 | hPa=1e2 | kPa=1e3 | MPa=1e6 | mbar=1e2 | bar=1e5 | psi=?",
    Dimension.FORCE: "N newton newtons=1 | kN=1e3 | Nm=?",
    Dimension.ANGLE: "° deg degree degrees=? | rad radian radians=1 | mrad=1e-3 |"
    "arcmin=? | arcsec arcseconds=?",
    Dimension.AREA: "m2 m²=1 | cm2 cm²=1e-4 | mm2 mm²=1e-6 | km2 km²=1e6",
    Dimension.VOLUME: "m3 m³=1 | l L litre litres liter liters=1e-3 | ml mL=1e-6",
    Dimension.LEVEL: "dB decibel decibels=? | dBm=? | dBi=? | dBA dB(A)=? | dBµV=?",
    Dimension.INFORMATION: "bit bits=1 | byte bytes B octet octets=8 |"
    "kB KB kbyte kbytes kilobyte kilobytes=8e3 | kbit kbits=1e3 | Mbit Mbits=1e6 | Gbit=1e9 |"
    "MB Mbyte Mbytes megabyte megabytes=8e6 | GB Gbyte gigabyte gigabytes=8e9 |"
    "TB terabyte terabytes=8e12 | KiB=8192 | MiB=8388608 | GiB=8589934592",
    Dimension.DATA_RATE: "bps bit/s bits/s=1 | kbps kbit/s kb/s Kbps=1e3 |"
    "Mbps Mbit/s Mb/s=1e6 | Gbps Gbit/s Gb/s=1e9 | B/s=8 | kB/s KB/s=8e3 | MB/s=8e6 |"
    "GB/s=8e9 | baud=?",
    Dimension.RATIO: "% percent pct=0.01 | ‰=1e-3 | ppm=1e-6",
    Dimension.ILLUMINANCE: "lx lux=1 | cd/m2 cd/m²=?",
    Dimension.MONEY: "EUR € euro euros=? | USD $ dollar dollars=? | GBP £=?",
}


def _build() -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    for dimension, row in _TABLE.items():
        for group in row.split("|"):
            names, factor = group.strip().rsplit("=", 1)
            symbols = names.split()
            unit = Unit(symbols[0], dimension, None if factor == "?" else Decimal(factor))
            for symbol in symbols:
                units.setdefault(symbol, unit)
    return units


UNITS = _build()
"""Unit by the spelling that texts use."""

_WORDS = {name: unit for name, unit in UNITS.items() if len(name) > 3 and name.isalpha()}


def unit_named(name: str) -> Unit | None:
    """The unit that `name` spells, None if it spells none. "Seconds" is one, "MS" is not."""
    return UNITS.get(name) or _WORDS.get(name.lower())
