"""Words that tell a requirement's type: exchanges, interfaces, constraints, measured qualities."""

import re
from collections.abc import Sequence


def _any(phrases: Sequence[str], flags: re.RegexFlag = re.IGNORECASE) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(phrases)})\b", flags)


EXCHANGE = re.compile(
    r"\b(?:(?:send|transmit|forward|deliver|report|provide|pass|transfer|supply|output|publish"
    r"|exchange|communicate|share|issue|return|export|notify|relay)\w{0,4}\b.{1,160}?\b(?:to|with)"
    r"|(?:receive|accept|obtain|acquire|import|fetch|retrieve|collect|request|read)\w{0,4}\b"
    r".{1,160}?\bfrom)\s(?:the\s|an?\s|all\s|any\s|other\s|each\s|external\s){0,3}"
    r"(?P<party>(?:[A-Z][\w/-]*|\w+)(?:\s(?:and\s)?[\w/-]+){0,3})",
)
PARTY = _any(
    (
        r"subsystems?|systems?|station|server|gateway|equipment|recorder|controller|network|bus",
        r"interface|devices?|cent(?:re|er)|unit|module|computer|platform|service|host|terminal",
        r"databases?|websites?",
    )
)
INTERFACE = _any(
    (
        r"interfac(?:e|es|ing) (?:to|with|between|of|for|shall|is|are)",
        r"(?:standardi[sz]ed|external|serial|physical|electrical) interface",
        r"application programming interface|interfaces? (?:control|specification|definition)",
        r"protocols?|interoperab\w{2,8}|interwork\w{0,4}|integrat\w{1,5} with",
        r"RS-?\d{3}|Ethernet|CAN bus|MIL-STD-1553|SpaceWire|UART|I2C|Profibus|Modbus|ARINC",
        r"USB (?:port|interface)|API",
        r"connect(?:ion|ed)? (?:to|with) (?:the |an? )?(?:external|other)",
    )
)
CONSTRAINT = _any(
    (
        r"compl(?:y|ies|iance|iant) (?:with|to)|conform\w{0,5} (?:with|to)|adhere to",
        r"in (?:accordance|compliance|conformance|conformity) with",
        r"according to (?:the )?(?:standards?|regulations?|law)",
        r"as (?:specified|defined|required) by the (?:law|regulation|standard)",
        r"certified|licen[sc]\w{1,5}|regulations?|legislation|laws?|standards",
        r"(?:developed|implemented|written|programmed|coded|built|manufactured|hosted)"
        r" (?:in|using|on|with|by|from)",
        r"programming language|operating systems?|browsers?|open (?:source|standards?)",
        r"off-the-shelf|COTS|(?:shall|must|will) use only|only use",
        r"(?:operat|work|function|run)\w{0,3} (?:on|under|in|within|at|with)\b.{0,40}"
        r"\b(?:temperatures?|humidity|environments?|conditions?|altitude|hardware|windows|linux"
        r"|platforms?|climate)",
        r"withstand\w{0,3}|protected against|resistan(?:t|ce) to",
        r"painted|made of|mounted|housed|dimensions?|weight|mass|colou?r",
        r"existing (?:hardware|infrastructure|computer|equipment|systems?)|environmental",
        r"compatible with|architecture|portability|maintainab\w{2,5}|documentation|manuals?",
        r"training",
    )
)
QUALITY = _any(
    (
        r"response times?|latency|throughput|up ?time|downtime|mtbf|mttr|mean time|failure rate",
        r"availab(?:le|ility).{0,40}(?:\d|hours|days|time)",
        r"accuracy|precision|capacity|bandwidth|simultaneous(?:ly)?|concurrent(?:ly)?",
        r"set-?up times?|performance|as fast as|in a timely|timely|real[- ]time",
        r"(?:in|within) an? (?:acceptable|reasonable|short) (?:time|delay|period)",
        r"(?:respond|answer|react|load|start)\w{0,3} (?:fast|quickly|promptly|immediately)",
        r"at the same time|every (?:second|minute|hour)|no (?:delay|latency)",
        r"scalab\w{2,5}|reliab\w{2,5}|per (?:second|minute|hour|day)",
    )
)
