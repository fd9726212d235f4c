"""Words of a text: tokens, stop words, stems, acronyms."""

import re

from runs.language.stem import stem

_WORD = re.compile(r"[^\W_]++(?:['’][a-z]{1,2}\b)?")
_CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z]|\b|\d|_)|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_]+")

_STOP = """
    a about above after again against all also although am an and any are as at be because been
    before being below between both but by can cannot could did do does doing done down during each
    eg either else etc ever every few for from further had has have having he her here hers him his
    how however i ie if in into is it its itself just least less like made make many may me might
    more most much must my need needs neither no nor not of off on once one only or other others
    ought our out over own per possible provided rather same shall she should since so some such
    than that the their them then there thereby therefore these they this those through thus to too
    under until up upon us use used using via was we well were what when where whereas whether
    which while who whom whose why will with within without would you your able"""
STOP_WORDS = frozenset(_STOP.split())
"""Words that say nothing about what a sentence is about."""

_EVERYWHERE = """system systems subsystem subsystems software application product equipment
    solution component components module modules unit function functions functional functionality
    requirement requirements provide provides support supports include includes ensure required
    following user users data information service services feature features device devices
    interface interfaces operation operational general specific"""
GENERIC = frozenset(stem(word) for word in _EVERYWHERE.split())
"""Stems that every specification is full of: too common to tell one subsystem from another."""


def words(text: str) -> list[str]:
    """Words and numbers in lower case, in order, stop words included."""
    return [match.group().lower() for match in _WORD.finditer(text)]


def content_stems(text: str) -> list[str]:
    """Stems of the words that carry meaning, in order. Possessives and stop words are dropped."""
    return [
        stem(word.split("'")[0].split("’")[0]) for word in words(text) if word not in STOP_WORDS
    ]


def identifier_parts(token: str) -> list[str]:
    """ "HumanResourceManager" and "scan_quality_flags" taken apart, in lower case."""
    return [part.lower() for part in _CAMEL.findall(token)]
