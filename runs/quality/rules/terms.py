"""The words that the rules look for.

Compiled from the kinds of words that INCOSE's Guide to Writing Requirements, ISO/IEC/IEEE
29148:2018 (5.2.7) and the EARS papers warn of, and widened with everyday words of the same kind.
"""

from runs.quality.lexicon import Lexicon


def _words(text: str) -> list[str]:
    return [phrase.strip() for phrase in text.replace("\n", " ").split(",") if phrase.strip()]


VAGUE = Lexicon(
    _words(
        """appropriate, appropriately, adequate, adequately, sufficient, sufficiently, suitable,
        suitably, reasonable, reasonably, acceptable, acceptably, satisfactory, satisfactorily,
        proper, properly, relevant, typical, typically, normally, usually, generally, commonly,
        significant, significantly, substantial, substantially, effective, effectively, efficient,
        efficiently, flexible, flexibly, expandable, extensible, adaptable, versatile, robust,
        robustly, reliable, reliably, powerful, gracefully, optimal, optimally, optimum, ideal,
        ideally, meaningful, useful, sensible, sensibly, realistic, realistically, practical,
        competent, customary, ancillary, timely, in a timely manner, good, bad, better quality,
        well, correctly, successfully, critical enough, enough, safe, safely, quite, rather, fairly,
        very, highly, mostly, largely, mainly, roughly, considerable, considerably, smoothly,
        high quality, state of the art, modern, up to date, transparent, transparently, seamless,
        seamlessly, comprehensive, well defined, clear, clearly, obvious, obviously, important,
        limited, extensive, easy access, great, strict, strictly, smooth, complex, successful,
        comfortable, comfortably, obvious way, logical,
        consistent, convenient, conveniently,
        be secure, be safe, be stable, be maintainable, be portable, be usable, securely"""
    )
)
"""Judgements that two readers weigh differently."""

GRADED = Lexicon(
    _words(
        """fast, quick, quickly, rapid, rapidly, slow, slowly, short, long, high, low, large, small,
        big, huge, tiny, heavy, light weight, lightweight, wide, narrow, deep, strong, weak, hot,
        cold, cheap, inexpensive, expensive, minimal, considerable number, a number of, few, a few,
        many, several, numerous, some, much, a lot of, lots of, majority of, most of,
        frequent, frequently, often, occasionally, sometimes, rarely, regularly, periodically,
        infrequently, near, close to, nearly, far, sensitive, accurate, accurately, precise,
        precisely, responsive, scalable, high speed, high performance, low latency, low power,
        real time, near real time, high availability, highly available, fault tolerant,
        soon, recent, recently"""
    )
)
"""Qualities and amounts that a number would settle."""

PERFORMANCE = Lexicon(
    _words(
        """fast, quick, quickly, rapid, rapidly, swiftly, responsive, scalable, high speed,
        high performance, good performance, low latency, low power, real time, near real time,
        high availability, highly available, high throughput, high accuracy, highly accurate,
        high precision, high resolution, accurate, accurately, precise, precisely, low cost,
        lightweight, fault tolerant, long range, long life, high reliability, highly reliable,
        without delay, without noticeable delay, minimal delay, minimum delay, short response time,
        acceptable performance, adequate performance, sufficient performance"""
    )
)
"""Performance asked for in words: a number is missing unless one stands beside them."""

SUBJECTIVE = Lexicon(
    _words(
        """user friendly, friendly, easy, easily, ease of use, easy to use, intuitive, intuitively,
        simple, simply, straightforward, nice, attractive, pleasant, appealing, elegant, beautiful,
        aesthetic, aesthetically, familiar, unobtrusive, unobtrusively, cost effective, economical,
        understandable, look and feel, convenient to use, effortless, effortlessly, painless,
        hassle free, annoying, boring, interesting, fun, unambiguous"""
    )
)
"""What somebody feels about the product."""

UNSPECIFIC = Lexicon(
    _words(
        """various, different, certain, particular, other, additional, special, specific, general,
        common, individual, standard, conventional, miscellaneous, diverse, similar, usual, generic,
        multiple, major, minor, future, basic, necessary, possible, related, such, complete, normal,
        critical, essential, vital, crucial, main, potential, extra, unlikely, likely, broad,
        overall"""
    )
)
"""Modifiers that point at things without naming them."""

ESCAPE = Lexicon(
    _words(
        """so far as is possible, as far as possible, as far as practicable, as far as is practical,
        where possible, wherever possible, if possible, when possible, whenever possible,
        as little as possible, as much as possible, as many as possible, as good as possible,
        as short as possible, as low as possible, as high as possible, as close as possible,
        as simple as possible, as small as possible, as large as possible, as accurate as possible,
        as accurately as possible, as easy as possible, as long as possible, as near as possible,
        as practicable, where practicable, if practicable, to the extent possible,
        to the extent practicable, to the extent necessary, to the extent feasible,
        to the maximum extent possible, if necessary, as necessary, where necessary, when necessary,
        whenever necessary, if needed, as needed, where needed, when needed, as required,
        where required, if required, when required, as appropriate, if appropriate,
        where appropriate, when appropriate, as applicable, where applicable, if applicable,
        if it should prove necessary, if feasible, where feasible, when feasible, if practical,
        where practical, if deemed necessary, as deemed necessary, as desired, if desired,
        at the discretion of, unless otherwise specified, unless otherwise agreed, in most cases,
        in general, best effort, best efforts, make every effort, preferably, if available,
        as the case may be, not necessarily, under normal circumstances, under normal conditions"""
    )
)
"""Ways out of the obligation."""

OPEN_LIST = Lexicon(
    _words(
        """etc, et cetera, etcetera,
        and so on, and so forth, and the like, and others, among others,
        including but not limited to, includes but is not limited to,
        include but are not limited to,
        including without limitation, but not limited to, but is not limited to,
        but are not limited to, not limited to, as a minimum, at a minimum, and more, or similar,
        and similar, or the like, or something similar, amongst others, inter alia, and many more,
        or so"""
    )
)

EXAMPLES = Lexicon(_words("e.g, such as, for example, for instance, like for example"))

SUPERLATIVE = Lexicon(
    _words(
        """best, worst, fastest, quickest, slowest, highest, lowest, greatest, largest, biggest,
        smallest, simplest, easiest, cheapest, strongest, safest, shortest, longest, hardest,
        newest, finest, broadest, widest, cleanest, most, least, unsurpassed, unparalleled,
        world class"""
    )
)

GOAL = Lexicon(
    _words(
        """maximize, maximise, minimize, minimise, maximizes, maximises, minimizes, minimises,
        maximizing, minimizing, maximising, minimising, optimize, optimise, optimizes, optimises,
        optimizing, optimising"""
    )
)
"""Directions without an end: how far is far enough?"""

EXTREME = Lexicon(_words("maximum, minimum, maximal, full"))
"""Ends of a scale: which value is meant?"""

COMPARATIVE = Lexicon(
    _words(
        """better, worse, faster, quicker, slower, higher, greater, larger, bigger, smaller,
        simpler,
        easier, cheaper, stronger, safer, shorter, longer, harder, newer, earlier, more, less,
        fewer,
        friendlier, cleaner, heavier, lighter, richer, smarter, tighter, wider, broader, deeper,
        lower, improved, enhanced, superior, inferior"""
    )
)

TOTALITY = Lexicon(
    _words(
        """all, every, always, never, everything, everyone, everywhere, nothing, nobody,
        entirely, completely, totally, fully, under all circumstances, in all cases, at all times,
        in any case, any and all, whatsoever"""
    )
)

UNBOUNDED_TIME = Lexicon(
    _words(
        """immediately, instantly, instantaneously, instantaneous, promptly, as soon as possible,
        asap, as soon as practicable, as early as possible, as fast as possible,
        as quickly as possible, eventually, in a timely manner, in a timely fashion, timely,
        without delay, without undue delay, at short notice, in due course, shortly, soon,
        from time to time, periodically, regularly, on a regular basis, at regular intervals,
        frequently, occasionally, for a long time, for a short time, for a period of time,
        in the future, later on, at some point, sooner or later, quickly enough"""
    )
)

COMBINATOR = Lexicon(
    _words(
        """as well as, but also, and also, and in addition, in addition, additionally, furthermore,
        moreover, however, whereas, meanwhile, on the other hand, otherwise, besides"""
    )
)

PURPOSE = Lexicon(
    _words(
        """in order to, in order that, so as to, so that, for the purpose of, for the purposes of,
        with the aim of, with the intention of, with the intent of, thus allowing, thereby allowing,
        thus enabling, thereby enabling, because, the reason being, to ensure that"""
    )
)

NEGATIVE = Lexicon(
    _words(
        """not, no, never, cannot, neither, nor, none, can't, won't, don't, doesn't, isn't,
        aren't, mustn't, shouldn't, didn't"""
    )
)

TO_BE_DEFINED = Lexicon(
    _words(
        """tbd, tbc, tbr, tbs, tba, t.b.d, t.b.c, to be determined, to be defined, to be confirmed,
        to be specified, to be decided, to be resolved, to be agreed, to be announced,
        to be supplied, to be provided later, not yet defined, not yet specified, not yet known,
        placeholder, fixme, todo"""
    )
)

APPROXIMATE = Lexicon(
    _words(
        """about, approximately, approx, roughly, around, nearly, almost, circa,
        in the order of,
        on the order of, in the region of, close to, up to about"""
    )
)

ABILITY = Lexicon(
    _words(
        """be able to, be capable of, be possible to, be possible for,
        have the ability to, have the capability to,
        have the capability of, provide the ability to, provide the capability to,
        provide a means to, provide means to, be designed to, be intended to"""
    )
)
