"""Counts over real events, made by looking at fields: nothing of the engine is used.

    python3 counts.py FOLDER    →  a JSON object: pattern → how many events it matches
"""

import gzip
import json
import pathlib
import re
import sys


def at(event, path):
    """The value at a dotted path, or None."""
    for name in path.split("."):
        event = event.get(name) if isinstance(event, dict) else None
    return event


def text(event, path):
    value = at(event, path)
    return value if isinstance(value, str) else ""


PATTERNS = {
    '{ $.eventName = "*" }': lambda e: isinstance(e["eventName"], str),
    '{ $.eventSource = "lambda.amazonaws.com" }': lambda e: e["eventSource"] == "lambda.amazonaws.com",
    "{ $.eventSource = s3.amazonaws.com }": lambda e: e["eventSource"] == "s3.amazonaws.com",
    '{ $.eventName = "Create*" }': lambda e: e["eventName"].startswith("Create"),
    '{ $.eventName = "*Policy" }': lambda e: e["eventName"].endswith("Policy"),
    '{ $.eventName = "*Role*" }': lambda e: "Role" in e["eventName"],
    '{ ($.eventName = "Create*") && ($.errorCode NOT EXISTS) }': lambda e: e["eventName"].startswith("Create") and "errorCode" not in e,
    '{ $.errorCode = "*" }': lambda e: isinstance(e.get("errorCode"), str),
    "{ $.errorCode NOT EXISTS }": lambda e: "errorCode" not in e,
    '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }': lambda e: text(e, "errorCode").endswith("UnauthorizedOperation")
    or text(e, "errorCode").startswith("AccessDenied"),
    "{ $.readOnly IS TRUE }": lambda e: e.get("readOnly") is True,
    "{ $.readOnly IS FALSE }": lambda e: e.get("readOnly") is False,
    "{ $.requestParameters IS NULL }": lambda e: "requestParameters" in e and e["requestParameters"] is None,
    "{ $.responseElements IS NULL && $.readOnly IS FALSE }": lambda e: "responseElements" in e and e["responseElements"] is None and e.get("readOnly") is False,
    '{ $.userIdentity.type = "AssumedRole" }': lambda e: at(e, "userIdentity.type") == "AssumedRole",
    '{ $.userIdentity.type != "AssumedRole" }': lambda e: isinstance(at(e, "userIdentity.type"), str) and at(e, "userIdentity.type") != "AssumedRole",
    '{ $.userIdentity.invokedBy != "autoscaling.amazonaws.com" }': lambda e: isinstance(at(e, "userIdentity.invokedBy"), str)
    and at(e, "userIdentity.invokedBy") != "autoscaling.amazonaws.com",
    '{ $.userIdentity.sessionContext.attributes.mfaAuthenticated = "false" }': lambda e: at(e, "userIdentity.sessionContext.attributes.mfaAuthenticated") == "false",
    "{ $.userIdentity.sessionContext.sessionIssuer.arn NOT EXISTS }": lambda e: not isinstance(at(e, "userIdentity.sessionContext.sessionIssuer"), dict)
    or "arn" not in at(e, "userIdentity.sessionContext.sessionIssuer"),
    '{ $.resources[0].ARN = "arn:*" }': lambda e: isinstance(e.get("resources"), list) and e["resources"] and text(e["resources"][0], "ARN").startswith("arn:"),
    '{ $.resources[*].type = "AWS::S3::Bucket" }': lambda e: isinstance(e.get("resources"), list) and any(r.get("type") == "AWS::S3::Bucket" for r in e["resources"]),
    "{ $.userAgent = %[Bb]oto3/1\\.[0-9]+% }": lambda e: re.search(r"[Bb]oto3/1\.[0-9]+", text(e, "userAgent")),
    "{ $.eventName = %^Put|^Delete% }": lambda e: re.search(r"^Put|^Delete", e["eventName"]),
    "{ $.requestParameters.durationSeconds >= 3600 }": lambda e: isinstance(at(e, "requestParameters.durationSeconds"), int)
    and at(e, "requestParameters.durationSeconds") >= 3600,
    '{ ($.eventSource = "iam.amazonaws.com") && (($.eventName = "CreateUser") || ($.eventName = "CreateAccessKey") || ($.eventName = "AttachUserPolicy")) && ($.errorCode NOT EXISTS) }': lambda e: e[
        "eventSource"
    ]
    == "iam.amazonaws.com"
    and e["eventName"] in ("CreateUser", "CreateAccessKey", "AttachUserPolicy")
    and "errorCode" not in e,
    "{ $.awsRegion = us-east-1 || $.awsRegion = \"eu-*\" }": lambda e: e["awsRegion"] == "us-east-1" or e["awsRegion"].startswith("eu-"),
}


def main():
    events = []
    for file in sorted(pathlib.Path(sys.argv[1]).glob("*.jsonl.gz")):
        events += [json.loads(line) for line in gzip.open(file, "rt", encoding="utf-8")]
    json.dump({pattern: sum(bool(holds(e)) for e in events) for pattern, holds in PATTERNS.items()}, sys.stdout)


main()
