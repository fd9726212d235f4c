"""Verbs and nouns that specifications and designs use for one another.

Written down by hand from how engineers write: a requirement adds what its design creates, and
starts what its code initialises. Each line is a family; a word may stand in several.
"""

from collections import defaultdict
from collections.abc import Mapping

from runs.language.stem import stem

_FAMILIES = """
    create add new insert instantiate construct make generate produce build
    delete remove erase clear discard drop
    show display render present view visualize visualise draw screen depict
    start begin initiate commence launch startup activate enable
    stop end terminate finish halt abort cease shutdown deactivate disable
    send transmit transfer forward dispatch issue emit publish
    receive accept obtain acquire get retrieve fetch read load
    error fault failure exception anomaly fail
    verify check validate test confirm ensure inspect
    modify change edit update alter adjust set configure configuration
    store save write record persist log archive
    user operator person human people
    gui ui interface window dialog screen frontend
    calculate compute determine derive estimate
    list collection set array group
    message packet command telemetry
    monitor observe track watch supervise
    choose select pick
    permit allow enable let
    maximum max limit upper
    minimum min lower
    position location place coordinate
    period interval rate frequency cycle
    detect identify recognise recognize discover
    restart reboot reset reinitialize boot
    initialize initialise init setup initialization
    relation relationship dependency link association
    class object instance
    login authenticate authentication sign password
    print export output
    import input upload
    search find query lookup
    assign allocate allot
    wait block pend suspend pause
    notify inform alert warn signal report
    name title label
    file document
    property attribute parameter field
    parent super
    child sub
    connect connection attach
    directory folder path"""


def _read(text: str) -> Mapping[str, tuple[str, ...]]:
    families: defaultdict[str, list[str]] = defaultdict(list)
    for line in text.split("\n"):
        members = line.split()
        for root in dict.fromkeys(map(stem, members)):
            families[root].append(members[0])
    return {root: tuple(heads) for root, heads in families.items()}


FAMILIES: Mapping[str, tuple[str, ...]] = _read(_FAMILIES)
"""The stem of a word -> the families it belongs to, each named by its first word."""
