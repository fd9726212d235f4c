"""How the text rules fare on passages whose words carry smell labels.

Reads `smells/*.csv` (ARTA's DS2 or another file of its form): a column `text`, a column `filename`
and a column for each label. A cell holds the labelled words of the
passage joined by "*", as often as they are labelled, or "-" for none. Some of ARTA's cells lost
the ending "able*" ("capother" stands for "capable*other"); it is put back where the passage bears
it out.

Two readings of every label, each as precision, recall and F1, and over the labels the unweighted
mean of F1 (macro-F1), the figure that the literature gives (Smella .351, ARTA .547):

- **passages**: a passage counts as found when any rule that feeds the label reports anything in it;
  hits are passages found and labelled.
- **words**: a finding is a hit when a labelled word stands in it, one to one: each labelled word
  is taken by one finding, each finding takes one word.

Labels and rules cut the field differently, so several rules feed one label (`LABELS`), some of
them only by the words that the label is about.
"""

import errno
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from runs.evaluating.labelled import rows
from runs.evaluating.scores import Score, macro_f1
from runs.quality.finding import Finding
from runs.quality.lexicon import word_set
from runs.quality.lint import find_in
from runs.quality.statement import Statement

_ALL: frozenset[str] = frozenset()
_JUDGED = word_set("sufficient sufficiently consistent")
_LEFT_OPEN = word_set(
    "appropriate appropriately adequate adequately suitable suitably proper properly sufficient "
    "acceptable well rather quite fairly full complete competent average typical"
)

LABELS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "subjective_language": {"subjective-term": _ALL, "vague-term": _JUDGED},
    "ambiguous_adverbs_adjectives": {
        "vague-term": _ALL,
        "subjective-term": _ALL,
        "unspecific-modifier": _ALL,
        "unquantified-performance": _ALL,
        "escape-clause": _ALL,
        "open-goal": word_set("maximum minimum full"),
        "superfluous-infinitive": word_set("capable possible able"),
        "unbounded-time": _ALL,
    },
    "loopholes": {
        "escape-clause": _ALL,
        "superlative": word_set("best most"),
        "open-goal": _ALL,
        "open-ended-list": word_set("minimum"),
    },
    "open_ended": {
        "open-ended-list": _ALL,
        "vague-term": _LEFT_OPEN,
        "open-goal": word_set("full"),
        "unspecific-modifier": _LEFT_OPEN,
        "escape-clause": _LEFT_OPEN,
        "combinator": word_set("well"),
    },
    "superlatives": {"superlative": _ALL},
    "comparatives": {"comparative": _ALL},
    "negative_statements": {"negative": _ALL},
    "vague_pronouns": {"vague-pronoun": _ALL},
}
"""The rules that feed each label, each by the words it must have one of (none named: by all)."""

LOOKED_AT = frozenset(
    (
        "1995 - gemini.xml",
        "1998 - themas.xml",
        "1999 - tcs.xml",
        "2005 - phin.xml",
        "2010-blitdraft.xml",
    )
)
"""Documents that were read while the rules were written: how good they are shows on the others."""

_WORD = re.compile(r"[^\W\d_]+|['’]s\b")
_LOST = "able"


@dataclass(frozen=True, slots=True)
class Passage:
    text: str
    document: str
    labels: Mapping[str, Counter[str]]  # the labelled words of each label, in lower case


@dataclass(frozen=True, slots=True)
class Measured:
    """One score for each label, by passages and by words."""

    passages: tuple[Score, ...]
    words: tuple[Score, ...]


def smells(folder: Path) -> Iterator[Score]:
    """The labels of `smells/*.csv` in each of the `READINGS`: "loopholes, words"."""
    read = [passage for file in _files(folder) for passage in read_passages(file)]
    unseen = [passage for passage in read if passage.document not in LOOKED_AT]
    for reading, chosen, heeds_context in (
        ("", read, True),
        ("alone", read, False),
        ("unseen", unseen, True),
    ):
        if reading == "unseen" and len(unseen) in (0, len(read)):
            continue
        found = measure(chosen, heeds_context=heeds_context)
        for counted, scores in (("passages", found.passages), ("words", found.words)):
            suffix = f"{counted} {reading}".rstrip()
            yield from (replace(one, name=f"{one.name}, {suffix}") for one in scores)


def macro_f1_of(reading: str) -> Callable[[Sequence[Score]], float]:
    """The mean F1 of the labels in one reading, 0 where the data has no such rows."""
    return lambda rows: macro_f1([row for row in rows if row.name.endswith(f", {reading}")])


READINGS = ("passages", "words", "passages alone", "words alone", "passages unseen", "words unseen")
"""As rules report them; every word of their lists alone; the documents nobody looked at."""


def _files(folder: Path) -> list[Path]:
    found = sorted((folder / "smells").glob("*.csv"))
    if not found:
        missing = folder / "smells" / "*.csv"
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(missing))
    return found


def read_passages(file: Path) -> list[Passage]:
    """Labels that the file has no column for are read as none.

    Raises FileNotFoundError, and KeyError for a file without a column `text`.
    """
    return [
        Passage(
            row["text"],
            row.get("filename") or file.name,
            {label: _labelled(row.get(label) or "-", row["text"]) for label in LABELS},
        )
        for row in rows(file)
    ]


def _labelled(cell: str, text: str) -> Counter[str]:
    if cell.strip() in ("-", ""):
        return Counter()
    known = frozenset(words_in(text))
    return Counter(word for part in cell.split("*") for word in _mended(part, known))


def words_in(text: str) -> list[str]:
    """Letters only, in lower case; "cannot" is labelled by its "not"."""
    words = [match.group().lower().replace("’", "'") for match in _WORD.finditer(text)]
    return ["not" if word == "cannot" else word for word in words]


def _mended(word: str, known: frozenset[str]) -> Iterator[str]:
    """ "capother" as "capable", "other" when the text has both."""
    word = word.strip().lower().replace("’", "'")
    for end in range(3, len(word)) if word not in known else ():
        first = word[:end] + _LOST
        if first in known:
            yield first
            yield from _mended(word[end:], known)
            return
    yield word


def measure(passages: Iterable[Passage], *, heeds_context: bool = True) -> Measured:
    """Without `heeds_context` every word of the rules' lists counts, whatever stands beside it."""
    by_passage = {label: [0, 0, 0] for label in LABELS}
    by_word = {label: [0, 0, 0] for label in LABELS}
    for passage in passages:
        findings = find_in(Statement(passage.text, heeds_context=heeds_context))
        for label in LABELS:
            found = feeding(label, findings, passage.text)
            labelled = passage.labels[label]
            _add(by_passage[label], bool(found and labelled), bool(found), bool(labelled))
            _add(by_word[label], taken(found, labelled), len(found), labelled.total())
    return Measured(
        tuple(Score(label, *numbers) for label, numbers in by_passage.items()),
        tuple(Score(label, *numbers) for label, numbers in by_word.items()),
    )


def _add(sums: list[int], hits: int, found: int, expected: int) -> None:
    for place, value in enumerate((hits, found, expected)):
        sums[place] += value


def feeding(label: str, findings: Iterable[Finding], text: str) -> list[frozenset[str]]:
    """The words of each finding that feeds the label; one for findings at the same place."""
    found: dict[tuple[int, int], frozenset[str]] = {}
    rules = LABELS[label]
    for finding in findings:
        words = frozenset(words_in(text[finding.start : finding.end]))
        if _feeds(finding.rule, words, rules):
            found[finding.start, finding.end] = words
    return list(found.values())


def taken(found: Iterable[frozenset[str]], labelled: Counter[str]) -> int:
    """How many findings take a labelled word each, in reading order."""
    left = Counter(labelled)
    hits = 0
    for words in found:
        word = next((word for word in sorted(words) if left[word] > 0), None)
        if word is not None:
            left[word] -= 1
            hits += 1
    return hits


def precision_of_rules(passages: Iterable[Passage]) -> dict[str, tuple[int, int]]:
    """Of each rule that feeds a label: (findings with a labelled word in them, findings).

    A word counts if any of the labels that the rule feeds has it, each labelled word once. Rules
    that feed labels by some of their words only are left out: nobody labelled the others.
    """
    sums: dict[str, tuple[int, int]] = {}
    for passage in passages:
        by_rule: dict[str, list[frozenset[str]]] = {}
        for finding in find_in(Statement(passage.text)):
            if any(rules.get(finding.rule) == _ALL for rules in LABELS.values()):
                words = frozenset(words_in(passage.text[finding.start : finding.end]))
                by_rule.setdefault(finding.rule, []).append(words)
        for rule, found in by_rule.items():
            hits, total = sums.get(rule, (0, 0))
            sums[rule] = hits + taken(found, _labels_of(rule, passage)), total + len(found)
    return sums


def _feeds(rule: str, words: frozenset[str], rules: Mapping[str, frozenset[str]]) -> bool:
    wanted = rules.get(rule)
    return wanted is not None and (not wanted or bool(wanted & words))


def _labels_of(rule: str, passage: Passage) -> Counter[str]:
    """The words under any label that the rule feeds, as often as the label that has most of it."""
    words: Counter[str] = Counter()
    for label, rules in LABELS.items():
        if rule in rules:
            words |= passage.labels[label]
    return words
