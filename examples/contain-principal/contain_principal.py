"""AWS Lambda function that quarantines the IAM principals behind an alarm on CloudTrail. README.md tells its dangers."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

POLICY = "TrailarmQuarantine"
NEVER_YET, FAR_AHEAD = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
MAX_EVENTS, MAX_PAGES, MAX_IDS, MAX_TEXT, MAX_MESSAGE = 200, 100, 20, 300, 250_000
DENY_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
IAM_ARN = re.compile(r"arn:aws[a-z-]*:iam::([0-9]{12}):(user|role)/((?:[!-~]{0,511}/)?)([A-Za-z0-9_+=,.@-]{1,64})")
LONG_LIVED_KEY = re.compile(r"AKIA[A-Z0-9]{12,124}")
UNKNOWN = ("the event names no user or role of IAM by a valid ARN", "Look at the events.")
NEVER = {
    "Root": ("no policy in the account holds the root user", "Change its password, delete its keys, check its MFA."),
    "AWSService": ("an AWS service made the call", "Find out who set the service to work."),
    "AWSAccount": ("it belongs to another account", "Take that account out of the policy that let it in."),
    "FederatedUser": ("it is a session of GetFederationToken", "Contain the user that issued it (sessionIssuer)."),
    "SAMLUser": ("an identity provider vouched for it", "Disable it there, and look at the role's trust policy."),
    "WebIdentityUser": ("an identity provider vouched for it", "Disable it there, and look at the role's trust policy."),
    "IdentityCenterUser": ("it is a user of IAM Identity Center", "Disable the user there and end its sessions."),
}
AWS_PATHS = {
    "aws-service-role/": ("it is a service-linked role, which only AWS changes", "Find out who set the service to work."),
    "aws-reserved/": ("it is a role of IAM Identity Center", "Disable the user there and end its sessions."),
}


class Refused(Exception):
    """The alarm or the settings do not let the function do its work; a person has to change them."""


class ContainmentFailed(Exception):
    """Raised after everything is reported, so that Lambda counts the error and tries again."""


@dataclass(frozen=True)
class Settings:
    """The environment variables, checked. Whatever is not exactly DRY_RUN=false is a dry run."""

    dry_run: bool
    role_mode: str
    allow: tuple[str, ...]
    max_principals: int
    lookback: timedelta
    topic_arn: str

    @classmethod
    def read(cls, env: Mapping[str, str]) -> Settings:
        """All mistakes at once; an allow pattern that can never match is one, since it would lock out whom it names."""
        allow = tuple(item.strip() for item in env.get("ALLOW", "").split(",") if item.strip())
        mode, topic = env.get("ROLE_MODE", "revoke"), env.get("TOPIC_ARN", "")
        most, lookback = env.get("MAX_PRINCIPALS", "3"), env.get("LOOKBACK_MINUTES", "15")
        rules = [
            (mode in ("revoke", "deny"), f"ROLE_MODE is {mode!r}: write revoke or deny"),
            (re.fullmatch("[1-9][0-9]?", most), f"MAX_PRINCIPALS is {most!r}: write a number from 1 to 99"),
            (re.fullmatch("[0-9]{1,4}", lookback), f"LOOKBACK_MINUTES is {lookback!r}: write a number from 0 to 9999"),
            (not topic or re.fullmatch(r"arn:[^:]+:sns:[^:]+:[0-9]{12}:[\w-]+", topic),
             f"TOPIC_ARN is {topic!r}: write arn:aws:sns:eu-west-1:111122223333:NAME"),
        ]
        rules += [(re.fullmatch(r"arn:[^:]+:iam:[^:]*:[^:]+:((user|role)/.+|\*)", arn),
                   f"ALLOW has {arn!r}: write arn:aws:iam::111122223333:role/NAME or user/NAME, with *") for arn in allow]
        if wrong := [text for good, text in rules if not good]:
            raise Refused("; ".join(wrong))
        return cls(env.get("DRY_RUN") != "false", mode, allow, int(most), timedelta(minutes=int(lookback)), topic)


@dataclass
class Principal:
    """Who acted, with what the events say about it. `spared` is why it is never changed, `todo` what a person does then."""

    label: str
    kind: str = "other"
    name: str = ""
    spared: str = ""
    todo: str = ""
    keys: dict[str, None] = field(default_factory=dict)
    event_ids: dict[str, None] = field(default_factory=dict)
    events: int = 0
    session: datetime = NEVER_YET  # when its newest session began

    def saw(self, record: dict[str, Any]) -> None:
        """One more event of this principal. A session without a readable time counts as the newest possible."""
        identity = record.get("userIdentity")
        began = moment(at(identity, "sessionContext", "attributes", "creationDate")) or moment(record.get("eventTime"))
        self.session = max(self.session, began or FAR_AHEAD)
        self.events += 1
        self.event_ids[text(record.get("eventID"), 64) or "?"] = None
        key = at(identity, "accessKeyId")
        if self.kind == "user" and isinstance(key, str) and LONG_LIVED_KEY.fullmatch(key):
            self.keys[key] = None


@dataclass(frozen=True)
class Change:
    """One call of IAM that contains, and the command that takes it back."""

    call: str
    arguments: dict[str, str]
    undo: str


def at(value: Any, *keys: str) -> Any:
    """What is under these keys, None where anything on the way is missing or no object."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def text(value: Any, most: int = MAX_TEXT) -> str:
    return value[:most] if isinstance(value, str) else ""


def parsed(value: Any) -> Any:
    try:
        return json.loads(value)
    except (TypeError, ValueError, RecursionError):
        return None


def moment(value: Any) -> datetime | None:
    """A time as CloudWatch, CloudTrail or a policy writes it, in UTC."""
    try:
        time = datetime.fromisoformat(value)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def metrics(alarm: dict[str, Any]) -> list[tuple[str, str]]:
    """Namespace and name of what the alarm itself watches. Where the events behind it cannot be told, it refuses."""
    if at(alarm, "configuration", "alarmRule"):
        raise Refused("a composite alarm watches alarms, not events: give the action to the alarms in its rule")
    listed = at(alarm, "configuration", "metrics")
    found = []
    for metric in listed if isinstance(listed, list) else []:
        name, space = at(metric, "metricStat", "metric", "name"), at(metric, "metricStat", "metric", "namespace")
        if not name or not space or at(metric, "returnData") is False:
            continue
        if at(metric, "metricStat", "metric", "dimensions"):
            raise Refused(f"{space} {name} has dimensions: the filter's pattern finds more events than the alarm counts")
        found.append((space, name))
    if not found:
        raise Refused("the alarm watches no metric of a metric filter itself (metric math tells no culprits)")
    return found


def sources(logs: Any, watched: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Log group and pattern of each metric filter that feeds the metrics."""
    found = []
    for space, name in watched:
        for page in pages(logs.describe_metric_filters, metricNamespace=space, metricName=name):
            for metric_filter in page.get("metricFilters", []):
                if metric_filter.get("fieldSelectionCriteria") or metric_filter.get("applyOnTransformedLogs"):
                    raise Refused(f"filter {metric_filter.get('filterName')} selects by more than its pattern")
                found.append((metric_filter["logGroupName"], metric_filter.get("filterPattern", "")))
    if not found:
        raise Refused(f"no metric filter feeds {', '.join(' '.join(pair) for pair in watched)}")
    return list(dict.fromkeys(found))


def pages(call: Any, **arguments: Any) -> Iterator[dict[str, Any]]:
    while True:
        yield (page := call(**arguments))
        if not page.get("nextToken"):
            return
        arguments["nextToken"] = page["nextToken"]


def window(alarm: dict[str, Any], lookback: timedelta, now: datetime) -> datetime:
    """Where to read from: the start of the data that the alarm looked at, and some time before, as CloudTrail is late."""
    data = parsed(at(alarm, "state", "reasonData"))
    points = at(data, "evaluatedDatapoints")
    times = [moment(at(point, "timestamp")) for point in points] if isinstance(points, list) else []
    start = moment(at(data, "startDate")) or min((time for time in times if time), default=None)
    if start is None:  # set by hand, as in a rehearsal: no data is named
        periods = [at(metric, "metricStat", "period") for metric in alarm["configuration"]["metrics"]]
        longest = max((period for period in periods if isinstance(period, int)), default=300)
        start = (moment(at(alarm, "state", "timestamp")) or now) - timedelta(seconds=longest)
    return min(start, now) - lookback


def read(logs: Any, where: list[tuple[str, str]], start: datetime, end: datetime) -> tuple[list[str], bool]:
    """The events that the filters match, at most MAX_EVENTS in MAX_PAGES pages (pages may be empty), and if there are more."""
    times = {"startTime": int(start.timestamp() * 1000), "endTime": int(end.timestamp() * 1000)}
    messages: list[str] = []
    count = 0
    for group, pattern in where:
        for page in pages(logs.filter_log_events, logGroupName=group, filterPattern=pattern, **times):
            messages += [event.get("message", "") for event in page.get("events", [])]
            count += 1
            full = len(messages) >= MAX_EVENTS or count >= MAX_PAGES
            if len(messages) > MAX_EVENTS or (full and page.get("nextToken")):
                return messages[:MAX_EVENTS], True
    return messages, False


def identify(record: dict[str, Any], account: str) -> Principal:
    """The user or role behind a record, or why there is none that may be changed."""
    identity = record.get("userIdentity")
    kind, arn = text(at(identity, "type")), at(identity, "arn")
    if kind == "AssumedRole":
        issuer = at(identity, "sessionContext", "sessionIssuer")
        arn = at(issuer, "arn") if at(issuer, "type") == "Role" else None
    valid = IAM_ARN.fullmatch(arn) if isinstance(arn, str) and kind in ("IAMUser", "AssumedRole") else None
    if not valid or valid[2] != {"IAMUser": "user", "AssumedRole": "role"}[kind]:
        named = (text(at(identity, key)) for key in ("arn", "principalId", "invokedBy", "accountId"))
        return Principal(f"{kind or '?'} {next(filter(None, named), '?')}", "other", "", *NEVER.get(kind, UNKNOWN))
    why = next((reason for path, reason in AWS_PATHS.items() if valid[3].startswith(path)), None)
    if record.get("trailarmDrill"):
        why = ("`trailarm drill --plant` wrote this event", "Nothing: nobody did this.")
    elif valid[1] != account:
        why = ("it belongs to another account", "Contain it in its own account.")
    elif record.get("eventSource") == "signin.amazonaws.com" and not signed_in(record):
        why = ("nobody signed in, so the name is only what somebody typed", "Look at the source addresses.")
    return Principal(arn, valid[2], valid[4], *(why or ("", "")))


def signed_in(record: dict[str, Any]) -> bool:
    """Whether a sign-in event proves who it was. A refused one does not: anybody can type anybody's name."""
    name = record.get("eventName")
    return name in ("ConsoleLogin", "SwitchRole") and at(record, "responseElements", name) == "Success"


def principals(records: list[dict[str, Any]], account: str, own_role: str, allow: tuple[str, ...]) -> list[Principal]:
    """All who acted, each once; who is allowed and the function itself are spared."""
    found: dict[tuple[str, str], Principal] = {}
    for record in records:
        who = identify(record, account)
        who = found.setdefault((who.label, who.spared), who)
        who.saw(record)
    for who in (who for who in found.values() if not who.spared):
        if who.kind == "role" and who.name.lower() == own_role.lower():
            who.spared, who.todo = "it is this function's own role", "Somebody may run code as this function: look at it now."
        elif pattern := next((pattern for pattern in allow if fnmatchcase(who.label, pattern)), None):
            who.spared, who.todo = f"ALLOW has {pattern}", "Judge the events; contain it by hand if they are not its own."
    return list(found.values())


def revoked_before(time: str) -> dict[str, Any]:
    """Denies everything to sessions issued before this time, as the console's `Revoke sessions` does."""
    return {"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"DateLessThan": {"aws:TokenIssueTime": time}}}]}


def policy_change(iam: Any, who: Principal, mode: str, now: datetime) -> list[Change]:
    """The quarantine policy, unless it is there already. A full denial is never weakened to a revocation."""
    owner = {"UserName" if who.kind == "user" else "RoleName": who.name}
    revoke = who.kind == "role" and mode == "revoke"
    wanted = revoked_before(now.strftime("%Y-%m-%dT%H:%M:%SZ")) if revoke else DENY_ALL
    present = existing_policy(getattr(iam, f"get_{who.kind}_policy"), owner)
    statements = at(present, "Statement")
    first = statements[0] if isinstance(statements, list) and statements else None
    cutoff = text(at(first, "Condition", "DateLessThan", "aws:TokenIssueTime"))
    holds = revoke and present == revoked_before(cutoff) and (until := moment(cutoff)) and who.session < until
    if present == DENY_ALL or holds:
        return []
    arguments = {**owner, "PolicyName": POLICY, "PolicyDocument": json.dumps(wanted)}
    return [Change(f"put_{who.kind}_policy", arguments, undo_policy(who))]


def undo_policy(who: Principal) -> str:
    return f"aws iam delete-{who.kind}-policy --{who.kind}-name={shlex.quote(who.name)} --policy-name={POLICY}"


def existing_policy(get: Any, owner: dict[str, str]) -> Any:
    try:
        return get(**owner, PolicyName=POLICY)["PolicyDocument"]
    except Exception as error:  # botocore's ClientError, which need not be installed for the tests
        if at(getattr(error, "response", None), "Error", "Code") == "NoSuchEntity":
            return None
        raise


def key_changes(iam: Any, who: Principal) -> list[Change]:
    """Switches off those keys of the events that are the user's own and still active."""
    if not who.keys:
        return []
    listed = iam.list_access_keys(UserName=who.name)["AccessKeyMetadata"]
    active = {key["AccessKeyId"] for key in listed if key["Status"] == "Active"}
    return [Change("update_access_key", {"UserName": who.name, "AccessKeyId": key, "Status": "Inactive"},
                   f"aws iam update-access-key --user-name={shlex.quote(who.name)} --access-key-id={key} --status=Active")
            for key in who.keys if key in active]


def contain(iam: Any, who: Principal, settings: Settings, now: datetime, live: bool) -> dict[str, Any]:
    """Looks what is missing and does it, if live. What fails does not stop the rest: a full policy leaves the keys to do."""
    changes: list[str] = []
    undo: dict[str, None] = {undo_policy(who): None}
    errors: list[str] = []
    for look, arguments in ((policy_change, (iam, who, settings.role_mode, now)), (key_changes, (iam, who))):
        try:
            for change in look(*arguments):
                if live:
                    getattr(iam, change.call)(**change.arguments)
                changes.append(f"{change.call} {change.arguments.get('AccessKeyId', POLICY)}")
                undo[change.undo] = None
        except Exception as error:  # reported, and raised at the end of the call
            errors.append(f"{type(error).__name__}: {error}"[:MAX_TEXT])
    outcome = "failed" if errors else "already" if not changes else "contained" if live else "would contain"
    return {"outcome": outcome, "changes": changes, "undo": list(undo), "errors": errors}


def act(event: Any, settings: Settings, clients: Mapping[str, Any], now: datetime, report: dict[str, Any]) -> None:
    """Fills the report step by step, so that what is known is told even when a step fails."""
    alarm = at(event, "alarmData")
    if at(event, "source") != "aws.cloudwatch" or not at(alarm, "state", "value"):
        raise Refused("this is no event of an alarm's Lambda action (one that comes through SNS is another)")
    if alarm["state"]["value"] != "ALARM":
        report.update(outcome="nothing", reason=f"the state is {text(alarm['state']['value'])}, not ALARM")
        return
    watched = metrics(alarm)
    me = clients["sts"].get_caller_identity()
    if at(event, "accountId") != me["Account"]:
        raise Refused("the alarm is in another account than this function, which can change only its own")
    own_role = (re.search(":assumed-role/([^/]+)/", me["Arn"]) or ["", ""])[1]
    start = window(alarm, settings.lookback, now)
    messages, truncated = read(clients["logs"], sources(clients["logs"], watched), start, now)
    records = [record for message in messages if isinstance(record := parsed(message), dict)]
    everyone = principals(records, me["Account"], own_role, settings.allow)
    report.update(since=start.isoformat(), events=len(records),
                  unreadable=len(messages) - len(records), truncated=truncated)
    suspects = [who for who in everyone if not who.spared]
    if len(suspects) > settings.max_principals:
        for who in suspects:
            who.spared = (f"{len(suspects)} principals, and MAX_PRINCIPALS is {settings.max_principals}: "
                          "none is contained, the pattern may be too wide")
            who.todo = "Look who acted; contain by hand, then narrow the pattern."
    for who in everyone:
        done = ({"outcome": "left alone", "todo": who.todo} if who.spared
                else contain(clients["iam"], who, settings, now, live=not report["dry_run"]))
        report["principals"].append({
            "alarm": report["alarm"], "principal": who.label, "kind": who.kind, "dry_run": report["dry_run"],
            "why": who.spared or f"{who.events} events that the alarm's filters match are its own", **done,
            "events": who.events, "event_ids": list(who.event_ids)[:MAX_IDS]})
    failed = [line["principal"] for line in report["principals"] if line["outcome"] == "failed"]
    report["errors"] += [f"not contained: {label}" for label in failed]
    report.update(outcome="looked" if report["dry_run"] else "acted",
                  reason="" if everyone else "no event was found: look by hand")


def run(event: Any, settings: Settings, clients: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The whole call: act, report to the log and the topic, and only then raise."""
    rehearsal = text(at(event, "alarmData", "state", "reason")).startswith("trailarm drill")
    because = "a rehearsal" if rehearsal else "DRY_RUN is not exactly `false`" if settings.dry_run else ""
    report: dict[str, Any] = {
        "alarm": text(at(event, "alarmData", "alarmName")), "outcome": "failed", "reason": "", "dry_run": bool(because),
        "dry_run_because": because, "principals": [], "errors": []}
    try:
        act(event, settings, clients, now, report)
    except Exception as error:  # told first, raised below
        report["errors"].append(f"{type(error).__name__}: {error}"[:MAX_TEXT])
    if report["errors"]:
        report["outcome"] = "failed"
    whole = {key: value for key, value in report.items() if key != "principals"}
    lines = [json.dumps(line) for line in [*report["principals"], whole]]
    print(*lines, sep="\n", flush=True)
    if settings.topic_arn and report["outcome"] != "nothing":
        try:
            clients["sns"].publish(TopicArn=settings.topic_arn, Subject=f"contain-principal: {report['outcome']}",
                                   Message="\n".join(reversed(lines))[:MAX_MESSAGE])
        except Exception as error:  # the report is in the log already
            report["errors"].append(f"{type(error).__name__}: {error}"[:MAX_TEXT])
    if report["errors"]:
        raise ContainmentFailed("; ".join(report["errors"])[:1000])
    return report


def handler(event: Any, context: Any) -> dict[str, Any]:
    """What Lambda calls."""
    settings = Settings.read(os.environ)
    import boto3  # not at the top: the tests run without it

    return run(event, settings, {name: boto3.client(name) for name in ("iam", "logs", "sns", "sts")}, datetime.now(UTC))
