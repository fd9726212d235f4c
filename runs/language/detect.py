"""Which language a text is written in, from its script and its most frequent small words.

Small words (articles, prepositions, pronouns) make up a third to a half of running text in the
languages below and hardly overlap, so their share tells languages apart without a model.
"""

import re
from collections import Counter

_SMALL_WORDS = {
    "en": "the of and to in is be for that shall with are by this on or as not will from must "
    "it which all can when an any if each at should may has have been its their such than "
    "these other",
    "de": "der die und das den von zu mit ist des auf für nicht ein eine dem sich im werden "
    "wird als auch es an nach bei einer um am sind oder muss aus durch wenn kann über "
    "soll müssen einen sowie dass zur zum vom diese dieser",
    "fr": "le la les de des du et un une est en à que pour dans par sur qui ne pas au avec ce "
    "il sont être ou doit se plus aux cette ces doivent son sa leur peut lors entre afin "
    "système",
    "es": "el la los las de del y en un una es que por para con se no al lo su como o debe sus "
    "este esta ser son cuando más cada entre sistema deben puede desde sin sobre también "
    "hasta",
    "it": "il la di e che un una in per è del della con non si i le gli da dei delle al nel "
    "sono deve essere alla come o ogni anche dal più devono può nella questo sistema lo "
    "agli dalla degli",
    "pt": "o a os as de do da e que em um uma para com não é por se no na dos das ao mais como "
    "deve ser são ou sua seu quando cada pelo pela sistema devem pode entre até também à",
    "nl": "de het een en van te dat in is op voor met niet zijn aan door er als bij of wordt "
    "ook naar moet worden om kan uit deze dit moeten tot over heeft dan onder wanneer",
    "pl": "i w na z do się nie że jest to o od przez dla po być który oraz jak za są musi ze "
    "przy lub które które system jego tego ma może powinien należy podczas",
    "sv": "och att det i en som på är av för med till den inte om ett har de kan ska skall "
    "eller vid från när vara måste systemet detta denna mellan alla samt under",
    "da": "og at det i en som på er af for med til den ikke om et har de kan skal eller ved fra "
    "når være må systemet dette denne mellem alle samt under efter",
    "fi": "ja on ei se että oli myös tai kun ovat sekä voi joka järjestelmän olla tulee pitää "
    "jos kuin järjestelmä mukaan välillä niiden sen ne",
    "cs": "a v na se je že s z do o k i pro by jako být nebo které který při jsou musí od po ve "
    "ze za systém podle pokud ale bude",
    "ro": "și în de la cu pe nu că este un o din pentru care se sunt fi trebuie să sau al ale "
    "prin mai sistemul după între",
    "hu": "a az és hogy nem is egy van meg kell vagy ezt csak rendszer lehet minden de ha mint",
    "tr": "ve bir bu için ile de da olarak olan gibi sistem her veya en çok tarafından kadar "
    "sonra olmalıdır",
}
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\u1100-\u11ff\uac00-\ud7af]")),
    ("zh", re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("ar", re.compile("[\u0600-\u06ff\u0750-\u077f]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
)
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_WORD = re.compile("[a-z\u00df-\u024f]+")
_OTHER_SCRIPT = re.compile("[\u0370-\u1fff\u3040-\ud7af]")

_SAMPLE = 50_000  # characters: more do not change the answer
_ENOUGH_WORDS = 20
_ENOUGH_SHARE = 0.12  # of all words are the language's small words; English prose has 0.4
_CLEAR_LEAD = 1.25  # times the next best language

NAMES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian",
    "pt": "Portuguese", "nl": "Dutch", "pl": "Polish", "sv": "Swedish",
    "da": "Danish or Norwegian", "fi": "Finnish", "cs": "Czech or Slovak", "ro": "Romanian",
    "hu": "Hungarian", "tr": "Turkish", "ja": "Japanese", "ko": "Korean", "zh": "Chinese",
    "ru": "Russian or another Cyrillic language", "el": "Greek", "ar": "Arabic", "he": "Hebrew",
    "hi": "Hindi", "th": "Thai",
}  # fmt: skip


def _weights() -> dict[str, list[tuple[str, float]]]:
    """Each small word's languages; a word that k languages share counts 1/k for each."""
    owners: dict[str, list[str]] = {}
    for language, words in _SMALL_WORDS.items():
        for word in set(words.split()):
            owners.setdefault(word, []).append(language)
    return {word: [(each, 1 / len(known)) for each in known] for word, known in owners.items()}


_WEIGHTS = _weights()


def detect(text: str) -> str:
    """The ISO 639-1 code of the language that most of `text` is in; "" when unsure or short."""
    sample = text if len(text) <= _SAMPLE else _spread(text)
    if _OTHER_SCRIPT.search(sample) and (script := _script(sample)):
        return script
    words = _WORD.findall(sample.lower())
    if len(words) < _ENOUGH_WORDS:
        return ""
    shares: Counter[str] = Counter()
    for word, times in Counter(words).items():
        for language, weight in _WEIGHTS.get(word, ()):
            shares[language] += times * weight  # type: ignore[assignment]
    ranked = shares.most_common(2)
    if not ranked or ranked[0][1] < _ENOUGH_SHARE * len(words):
        return ""
    if len(ranked) > 1 and ranked[0][1] < _CLEAR_LEAD * ranked[1][1]:
        return ""
    return ranked[0][0]


def _spread(text: str) -> str:
    """Five stretches from begin to end, so that an English abstract does not hide the rest."""
    step, size = len(text) // 5, _SAMPLE // 5
    return " ".join(text[at : at + size] for at in range(0, step * 5, step))


def _script(sample: str) -> str:
    """The language of a script other than Latin, if most letters are in it."""
    latin = len(_LATIN.findall(sample))
    counts = {language: len(pattern.findall(sample)) for language, pattern in _SCRIPTS}
    if sum(counts.values()) < 10 or sum(counts.values()) <= latin:
        return ""
    # Japanese mixes its syllables with Chinese signs, so any real share of them decides
    if counts["ja"] * 10 > counts["zh"] and counts["ja"]:
        return "ja"
    return max(counts, key=lambda language: counts[language])
