"""Verbs of requirements: base forms, and what their inflections are made of.

A requirement's "and" joins two requirements only if a verb follows it; that takes knowing verbs.
The list holds base forms that specifications use after a modal verb. Regular inflections are
derived by rule; irregular ones are listed.
"""

import re
from functools import lru_cache

_BASE = """
abort accept access achieve acknowledge acquire act activate actuate adapt add address adhere
adjust administer advise alarm alert align allocate allow alter analyse analyze annotate announce
answer append apply approve archive arm ascertain assemble assess assign assist attach attempt
audit authenticate authorise authorize avoid back balance bear begin block book boot brake
broadcast browse buffer build cache calculate calibrate call cancel capture carry cause change
charge check choose clean clear close collect combine come command communicate compare compensate
compile complete comply compress compute conduct configure confirm conform connect consist consume
contain continue control convert cool copy correct correlate count create cut deactivate deal
declare decode decompress decrease decrypt dedicate default define delay delegate delete deliver
demand demonstrate deny depict deploy derive deregister describe design detect determine develop
deviate diagnose dial differentiate direct disable discard discharge disconnect dispatch display
dispose disregard dissipate distinguish distribute divert divide do document download draw drive
drop dump duplicate echo edit eject eliminate emit employ enable encode encrypt end enforce
enhance enqueue enroll ensure enter erase escalate establish estimate evacuate evaluate examine
exceed exchange exclude execute exhibit exit expand expire explain export expose express extend
extract facilitate fail feed fetch file filter find fit flag flush follow force format forward
free freeze function fulfil fulfill gather generate get give go govern grant group guarantee guide
halt handle have heat hide highlight hold identify ignore illuminate illustrate implement import
improve include incorporate increase increment index indicate inform inhibit initialise initialize
initiate inject input insert inspect install instruct integrate interact intercept interface
interlock interpret interrogate interrupt interwork invalidate invite invoke isolate issue join
keep label latch launch lead leave let limit link list listen load locate lock log look lower
maintain make manage map mark mask match measure meet merge migrate minimise minimize mitigate
modify monitor mount move multiply mute navigate negotiate normalise normalize notify observe
obtain offer open operate optimise optimize order output override overwrite own pack park parse
participate pass perform permit place plan play point poll populate position post power pre-empt
prepare present preserve press prevent print prioritise prioritize proceed process produce program
prohibit prompt propagate protect prove provide provision publish pump purge push put query queue
raise react read receive recognise recognize recommend reconfigure reconnect record recover redial
redirect redraw reduce refer refresh refuse regenerate register regulate reject relay release
reload remain remember remind remove rename render renegotiate repair repeat replace replay
replicate reply report represent request require reschedule reserve reset resist resolve respect
respond restart restore restrict resume retain retransmit retrieve retry return reuse revert
review revoke ring rotate route run sample satisfy save scale scan schedule scroll search secure
seek segregate select send sense separate sequence serve set share ship shorten show shut sign
signal simulate sleep sort sound specify split stabilise stabilize start state stop store stream
strip submit subscribe substitute suggest supervise supply support suppress survive suspend switch
synchronise synchronize take tell terminate test throttle timestamp time-stamp toggle tolerate
trace track transfer transform transition translate transmit treat trigger trip turn undo
uninstall unlock unregister update upgrade upload use utilise utilize validate verify vibrate view
visualise visualize wait wake warn weigh withstand work wrap write zoom"""

BASE_VERBS = frozenset(_BASE.split())

_IRREGULAR_PARTICIPLES = {
    "begun": "begin",
    "borne": "bear",
    "brought": "bring",
    "built": "build",
    "chosen": "choose",
    "cut": "cut",
    "done": "do",
    "drawn": "draw",
    "driven": "drive",
    "fed": "feed",
    "found": "find",
    "fit": "fit",
    "given": "give",
    "gone": "go",
    "held": "hold",
    "hidden": "hide",
    "kept": "keep",
    "led": "lead",
    "left": "leave",
    "let": "let",
    "made": "make",
    "met": "meet",
    "overridden": "override",
    "overwritten": "overwrite",
    "proven": "prove",
    "put": "put",
    "read": "read",
    "reset": "reset",
    "rung": "ring",
    "run": "run",
    "sensed": "sense",
    "sent": "send",
    "set": "set",
    "shown": "show",
    "shut": "shut",
    "sought": "seek",
    "split": "split",
    "taken": "take",
    "told": "tell",
    "withstood": "withstand",
    "woken": "wake",
    "written": "write",
}
_DOUBLED = (
    "control cancel dispel propel drop fit format get input label log map output plug prefer "
    "program refer reset ship shut signal split step stop strip submit transfer transmit travel "
    "trip wrap permit admit commit occur scan plan pre-empt"
)
_DOUBLING = frozenset(_DOUBLED.split())
_NOUNS = """
access address alarm alert answer audit back balance block book brake call cause change charge
check clean clear close command complete control copy correct count cut dedicate default delay
demand design display document drive drop dump end exchange exit export feed file filter find fit
flag force format free function group guide halt heat hold import increase index input insert
interact interface interlock interrupt issue join label lead limit link list load lock log look
lower map mark mask match measure monitor mount move open order output own park pass place plan play
point poll position post power present press process program prompt pump query queue record
release repair repeat replay reply report request reserve reset return review ring route run
sample save scale scan schedule scroll search secure sense separate sequence set share ship show
sign signal sleep sort sound split start state stop store stream strip supply support switch test
throttle time toggle trace track transfer transition trigger trip turn update upgrade upload use
view wait wake work zoom"""
_NOUNS_TOO = frozenset(_NOUNS.split())


def is_base_verb(word: str) -> bool:
    """True for a word that can follow a modal verb: "send", "re-establish"."""
    word = word.lower()
    return word in BASE_VERBS or (word.startswith("re-") and word[3:] in BASE_VERBS)


def is_noun_too(word: str) -> bool:
    """True for verbs that are as often nouns or adjectives: "display", "report", "open"."""
    return word.lower() in _NOUNS_TOO


@lru_cache(maxsize=4096)
def base_of_participle(word: str) -> str | None:
    """ "indicated" -> "indicate", "sent" -> "send"; None when the verb is not known."""
    word = word.lower()
    if word in _IRREGULAR_PARTICIPLES:
        return _IRREGULAR_PARTICIPLES[word]
    if not word.endswith("ed"):
        return None
    body = word[:-2]
    candidates = [body + "e", body]
    if word.endswith("ied"):
        candidates.insert(0, word[:-3] + "y")
    if len(body) > 2 and body[-1] == body[-2]:
        candidates.append(body[:-1])
    return next((verb for verb in candidates if is_base_verb(verb)), None)


def third_person(verb: str) -> str:
    """ "provide" -> "provides", "carry" -> "carries", "be" -> "is", "have" -> "has"."""
    irregular = {"be": "is", "have": "has", "do": "does", "go": "goes"}
    if verb in irregular:
        return irregular[verb]
    if verb.endswith(("s", "x", "z", "ch", "sh")):
        return verb + "es"
    if verb.endswith("y") and len(verb) > 1 and verb[-2] not in "aeiou":
        return verb[:-1] + "ies"
    return verb + "s"


def participle(verb: str) -> str:
    """ "provide" -> "provided", "transmit" -> "transmitted", "send" -> "sent"."""
    for form, base in _IRREGULAR_PARTICIPLES.items():
        if base == verb:
            return form
    if verb in _DOUBLING and not verb.endswith(("x", "w")):
        return verb + verb[-1] + "ed"
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and len(verb) > 1 and verb[-2] not in "aeiou":
        return verb[:-1] + "ied"
    return verb + "ed"


# "the Power and Propulsion subsystem" is one thing, "the date and the time" are two.
_NAME_WITH_AND = re.compile(r"\b[A-Z][\w-]* and [A-Z][\w-]*(?: [a-z]+)?$")


def is_plural(noun_phrase: str) -> bool:
    """Whether a verb after this noun phrase is plural: "pages", "the date and the time"."""
    head = noun_phrase
    for preposition in (" of ", " for ", " in ", " to ", " from ", " with ", " on ", " which "):
        head = head.split(preposition, 1)[0]
    head = head.strip().rstrip(".,;:)")
    named = " and " in head and _NAME_WITH_AND.search(head)
    head = head.lower()
    if (" and " in head and not named) or head in ("they", "these", "those", "we", "you", "people"):
        return True
    last = head.rsplit(" ", 1)[-1]
    singular_s = ("ss", "us", "is", "ics", "ous", "status", "bus", "gps")
    return last.endswith("s") and not last.endswith(singular_s) and len(last) > 3
