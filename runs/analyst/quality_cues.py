"""Words that tell a requirement's quality class, whatever the system is about."""

import re
from collections.abc import Mapping

from runs.requests import QualityClass


def _cue(*phrases: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(phrases)})\b", re.IGNORECASE)


CUES: Mapping[QualityClass, re.Pattern[str]] = {
    QualityClass.AVAILABILITY: _cue(
        r"availab(?:le|ility)|up ?time|down ?time|24 hours|24x7|24/7|365 days|outages?",
        r"\d ?% of the time|hours of operation|out of service|business hours",
    ),
    QualityClass.FAULT_TOLERANCE: _cue(
        r"fail(?:s|ed|ures?|over)?|faults?|crash\w{0,3}|recover\w{0,3}|offline|robust\w{0,4}",
        r"outage|malfunctions?|exceptions?|restor\w{1,5}|redundan\w{2,4}|degraded?|resum\w{1,3}",
        r"power loss|continue to (?:operate|work|function)|invalid (?:input|data)|interrupt\w{0,4}",
    ),
    QualityClass.LEGAL: _cue(
        r"legal(?:ly)?|laws?|regulat\w{2,5}|legislation|statut\w{2,4}|compl(?:y|ies|iance|iant)",
        r"conform\w{0,4}|audit\w{0,4}|acts?|guidelines|licen[cs]\w{1,4}|copyright|standards",
    ),
    QualityClass.LOOK_AND_FEEL: _cue(
        r"look(?:s)?(?: and feel)?|appear(?:ance)?|colou?rs?|fonts?|logos?|styles?|themes?|layout",
        r"appeal\w{0,3}|attractive|brand\w{0,3}|professional|conservative|icons?|design(?:ed)? to",
        r"standard (?:menus|buttons)",
    ),
    QualityClass.MAINTAINABILITY: _cue(
        r"maintain\w{0,8}|maintenance|upgrad\w{1,5}|updates?|releases?|configurable|extensib\w{2,5}",
        r"modular\w{0,3}|modif\w{1,8}|source code|coding|patterns|code|test(?:able|ability)",
        r"new (?:features|versions?|modules?)|patch\w{0,3}|adapt\w{0,4}|customi[sz]\w{1,6}",
    ),
    QualityClass.OPERATIONAL: _cue(
        r"operat(?:e|es|ing|ed|ion|ional)|environments?|interfac\w{1,3} with|browsers?|servers?",
        r"windows|linux|unix|databases?|hardware|platforms?|compatib\w{2,5}|existing|workstations?",
        r"run(?:s|ning)? on|temperatures?|internet|networks?|protocols?|installed|deployed|java",
    ),
    QualityClass.PERFORMANCE: _cue(
        r"seconds?|milliseconds?|ms|minutes?|response(?: times?)?|fast(?:er)?|quick(?:ly)?|speed",
        r"latency|throughput|per (?:second|minute|hour)|within|acceptable time|performance",
        r"no (?:later|longer) than|refresh\w{0,3}|real[- ]time|up to date|accuracy|delay",
    ),
    QualityClass.PORTABILITY: _cue(
        r"portab\w{2,5}|port(?:ed)?|migrat\w{1,4}|platform[- ]independent|cross[- ]platform",
        r"(?:different|various|multiple|several) (?:operating systems|platforms|devices|browsers)",
        r"palm|mobile devices?|operating systems",
    ),
    QualityClass.SCALABILITY: _cue(
        r"simultaneous(?:ly)?|concurrent(?:ly)?|scal\w{1,7}|capacity|grow\w{0,2}|increas\w{1,4}",
        r"\d+ (?:\w+ ){0,2}users|number of users|multiple (?:\w+ )?users|handle|peak|volume|load",
        r"expand\w{0,4}|up to \d+",
    ),
    QualityClass.SECURITY: _cue(
        r"authori[sz]\w{1,6}|unauthori[sz]\w{1,4}|authenticat\w{1,4}|passwords?|secur\w{1,4}",
        r"log ?in|encrypt\w{0,4}|privileges?|permissions?|virus\w{0,2}|malicious|protect\w{0,4}",
        r"privacy|confidential\w{0,4}|private|integrity|attacks?|hack\w{0,3}|intru\w{2,5}|only|access",
        r"personal (?:data|information)|roles?|rights|credentials?|firewalls?|tamper\w{0,3}",
    ),
    QualityClass.USABILITY: _cue(
        r"eas(?:y|ily|e)|intuitive(?:ly)?|user[- ]friendly|friendly|learn\w{0,4}|train(?:ing|ed)?",
        r"understand\w{0,4}|usab\w{2,5}|readable|instructions?|satisf\w{1,8}|symbols?|tool ?tips?",
        r"accessib\w{2,5}|without (?:any )?(?:help|training|assistance)|self[- ]explanatory|simple",
        r"languages?|naming|\d+ ?% of (?:the )?(?:\w+ )?users|successfully|confus\w{1,4}|hints?",
        r"feedback|help|disabilit\w{1,3}|mistakes?|user manuals?|clicks?",
    ),
}
