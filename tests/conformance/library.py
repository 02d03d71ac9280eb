"""Counts of patterns over real events, by an evaluation of its own: nothing of the engine is used.

    python3 library.py FOLDER < {"address": ["pattern", …]}    →  {"address": {start of a period: events that one of the patterns matches}}

Periods are of five minutes; their starts are seconds since 1970.

It reads JSON patterns whose wildcards stand at the ends of values, as those of the shipped detections do.
"""

import collections
import datetime
import gzip
import json
import pathlib
import re
import sys

TOKEN = re.compile(r'\s*(\(|\)|&&|\|\||NOT EXISTS|IS (?:TRUE|FALSE|NULL)|!=|=|\$[^\s=!()]*|"(?:[^"\\]|\\.)*"|%(?:[^%\\]|\\.)*%|[^\s()=!&|]+)')
LITERALS = {"TRUE": True, "FALSE": False, "NULL": None}
MISSING = object()


def tokens(text):
    place, found = 0, []
    while place < len(text.rstrip()):
        token = TOKEN.match(text, place)
        found.append(token.group(1))
        place = token.end()
    return found


def values(event, selector):
    """All values that a selector names."""
    steps = re.findall(r"\.([^.\[]+)|\[(\d+|\*)\]", selector)
    found = [event]
    for name, index in steps:
        after = []
        for value in found:
            if name and isinstance(value, dict) and name in value:
                after.append(value[name])
            elif index == "*" and isinstance(value, list):
                after.extend(value)
            elif index.isdigit() and isinstance(value, list) and int(index) < len(value):
                after.append(value[int(index)])
        found = after
    return found


def equal(value, wanted):
    if not isinstance(value, str):
        return False
    if wanted.startswith("%"):
        # The dialect is the same for what is used here.
        return re.search(wanted[1:-1], value) is not None
    text = json.loads(wanted) if wanted.startswith('"') else wanted
    start, end = text.startswith("*"), text.endswith("*")
    inner = text.strip("*")
    if text == "*" or (start and end):
        return inner in value
    if start:
        return value.endswith(inner)
    return value.startswith(inner) if end else value == inner


class Pattern:
    def __init__(self, text):
        self.rest = tokens(text.strip()[1:-1])
        self.holds = self.alternatives()
        assert not self.rest, self.rest

    def take(self):
        return self.rest.pop(0)

    def alternatives(self):
        parts = [self.all()]
        while self.rest[:1] == ["||"]:
            self.take()
            parts.append(self.all())
        return lambda event: any(part(event) for part in parts)

    def all(self):
        parts = [self.one()]
        while self.rest[:1] == ["&&"]:
            self.take()
            parts.append(self.one())
        return lambda event: all(part(event) for part in parts)

    def one(self):
        token = self.take()
        if token == "(":
            inner = self.alternatives()
            assert self.take() == ")"
            return inner
        operator = self.take()
        if operator == "NOT EXISTS":
            return lambda event: not values(event, token)
        if operator.startswith("IS "):
            literal = LITERALS[operator[3:]]
            return lambda event: any(value is literal for value in values(event, token))
        wanted = self.take()
        if operator == "=":
            return lambda event: any(equal(value, wanted) for value in values(event, token))
        return lambda event: any(not equal(value, wanted) for value in values(event, token))


def main():
    patterns = {address: [Pattern(text) for text in texts] for address, texts in json.load(sys.stdin).items()}
    counts = {address: collections.Counter() for address in patterns}
    for file in sorted(pathlib.Path(sys.argv[1]).glob("*.jsonl.gz")):
        for line in gzip.open(file, "rt", encoding="utf-8"):
            event = json.loads(line)
            start = int(datetime.datetime.fromisoformat(event["eventTime"]).timestamp()) // 300 * 300
            for address, some in patterns.items():
                counts[address][start] += any(pattern.holds(event) for pattern in some)
    json.dump({address: {start: n for start, n in periods.items() if n} for address, periods in counts.items()}, sys.stdout)


main()
