"""Tests without network and without boto3: `python -m unittest` in this folder."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import unittest
from datetime import UTC, datetime
from unittest import mock

import contain_principal as cp

ACCOUNT = "111122223333"
NOW = datetime(2026, 11, 30, 1, 10, tzinfo=UTC)
ALICE = f"arn:aws:iam::{ACCOUNT}:user/staff/alice"
DEPLOYER = f"arn:aws:iam::{ACCOUNT}:role/ci/deployer"
KEY = "AKIAIOSFODNN7EXAMPLE"
LIVE = {"DRY_RUN": "false"}


class ClientError(Exception):
    """As botocore's: the code is in `response`."""

    def __init__(self, code):
        super().__init__(f"An error occurred ({code})")
        self.response = {"Error": {"Code": code}}


class Fake:
    """Stands for all four clients; notes each call that changes something."""

    def __init__(self, records=(), filters=None, page_size=50):
        self.messages = [record if isinstance(record, str) else json.dumps(record) for record in records]
        self.filters = [{"logGroupName": "trail", "filterPattern": "{ $.a = 1 }"}] if filters is None else filters
        self.page_size, self.policies, self.keys, self.fails = page_size, {}, {KEY: "Active"}, {}
        self.changes, self.searches, self.published = [], [], []

    def _may(self, call, name):
        if code := self.fails.get(call) or self.fails.get((call, name)):
            raise ClientError(code)

    def get_caller_identity(self):
        return {"Account": ACCOUNT, "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/contain-principal/contain-principal"}

    def describe_metric_filters(self, metricNamespace, metricName, nextToken="0"):
        assert (metricNamespace, metricName) == ("Trailarm/base", "x"), (metricNamespace, metricName)
        at = int(nextToken)
        return {"metricFilters": self.filters[at : at + 1], **({"nextToken": str(at + 1)} if at + 1 < len(self.filters) else {})}

    def filter_log_events(self, logGroupName, filterPattern, startTime, endTime, nextToken="0"):
        self._may("filter_log_events", logGroupName)
        self.searches.append((logGroupName, filterPattern, startTime, endTime))
        at, end = int(nextToken), int(nextToken) + self.page_size
        page = {"events": [{"message": message} for message in self.messages[at:end]]}
        return {**page, **({"nextToken": str(end)} if end < len(self.messages) else {})}

    def _get(self, kind, name):
        self._may(f"get_{kind}_policy", name)
        if (kind, name) not in self.policies:
            raise ClientError("NoSuchEntity")
        return {"PolicyDocument": self.policies[kind, name]}

    def _put(self, kind, name, policy, document):
        assert policy == "TrailarmQuarantine", policy
        self._may(f"put_{kind}_policy", name)
        self.policies[kind, name] = json.loads(document)
        self.changes.append((f"put_{kind}_policy", name))

    def get_user_policy(self, UserName, PolicyName):
        return self._get("user", UserName)

    def get_role_policy(self, RoleName, PolicyName):
        return self._get("role", RoleName)

    def put_user_policy(self, UserName, PolicyName, PolicyDocument):
        self._put("user", UserName, PolicyName, PolicyDocument)

    def put_role_policy(self, RoleName, PolicyName, PolicyDocument):
        self._put("role", RoleName, PolicyName, PolicyDocument)

    def list_access_keys(self, UserName):
        return {"AccessKeyMetadata": [{"AccessKeyId": key, "Status": status} for key, status in self.keys.items()]}

    def update_access_key(self, UserName, AccessKeyId, Status):
        self._may("update_access_key", AccessKeyId)
        self.keys[AccessKeyId] = Status
        self.changes.append(("update_access_key", UserName, AccessKeyId, Status))

    def publish(self, TopicArn, Subject, Message):
        self._may("publish", TopicArn)
        self.published.append((TopicArn, Subject, Message))


def alarm(value="ALARM", reason="Threshold Crossed: 1 datapoint", **configuration):
    data = {"startDate": "2026-11-30T01:00:00.000+0000", "evaluatedDatapoints": [{"timestamp": "2026-11-30T00:00:00.000+0000"}]}
    metric = {"namespace": "Trailarm/base", "name": "x", "dimensions": {}}
    return {
        "source": "aws.cloudwatch", "alarmArn": f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:base/x", "accountId": ACCOUNT,
        "time": "2026-11-30T01:06:00.000+0000", "region": "eu-west-1",
        "alarmData": {
            "alarmName": "base/x",
            "state": {"value": value, "reason": reason, "reasonData": json.dumps(data), "timestamp": "2026-11-30T01:06:00.000+0000"},
            "configuration": configuration or {
                "metrics": [{"id": "m", "metricStat": {"metric": metric, "period": 300, "stat": "Sum"}, "returnData": True}]},
        },
    }


def user(arn=ALICE, key=KEY, **more):
    return {"eventID": "e-user", "eventTime": "2026-11-30T01:02:00Z", "userIdentity": {"type": "IAMUser", "arn": arn, "accessKeyId": key}, **more}


def role(arn=DEPLOYER, issuer="Role", began="2026-11-30T00:50:00Z"):
    context = {"sessionIssuer": {"type": issuer, "arn": arn}, "attributes": {"creationDate": began}}
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/run"
    return {"eventID": "e-role", "eventTime": "2026-11-30T01:02:00Z",
            "userIdentity": {"type": "AssumedRole", "arn": session, "accessKeyId": "ASIAIOSFODNN7EXAMPLE", "sessionContext": context}}


class Case(unittest.TestCase):
    def run_it(self, fake, env=LIVE, event=None, now=NOW):
        """The report, or the error; what was printed is in self.lines."""
        out = io.StringIO()
        try:
            with contextlib.redirect_stdout(out):
                return cp.run(alarm() if event is None else event, cp.Settings.read(env), dict.fromkeys(("iam", "logs", "sns", "sts"), fake), now)
        except cp.ContainmentFailed as error:
            return error
        finally:
            self.lines = [json.loads(line) for line in out.getvalue().splitlines()]

    def refused(self, fake, event, words):
        error = self.run_it(fake, event=event)
        self.assertIsInstance(error, cp.ContainmentFailed)
        self.assertIn(words, str(error))
        self.assertEqual((fake.changes, self.lines[-1]["outcome"]), ([], "failed"))


class Containment(Case):
    def test_user_gets_the_policy_and_loses_the_key(self):
        fake = Fake([user(), user(), {**user(), "eventID": "e-2"}])
        report = self.run_it(fake)
        self.assertEqual(fake.changes, [("put_user_policy", "alice"), ("update_access_key", "alice", KEY, "Inactive")])
        self.assertEqual(fake.policies["user", "alice"], cp.DENY_ALL)
        [line] = report["principals"]
        self.assertEqual((line["outcome"], line["principal"], line["events"], line["event_ids"]), ("contained", ALICE, 3, ["e-user", "e-2"]))
        self.assertEqual(line["undo"], [
            "aws iam delete-user-policy --user-name=alice --policy-name=TrailarmQuarantine",
            f"aws iam update-access-key --user-name=alice --access-key-id={KEY} --status=Active"])
        self.assertEqual(self.lines[0], line)

    def test_keys_that_are_left_alone(self):
        for why, key, keys in [
            ("temporary", "ASIAIOSFODNN7EXAMPLE", {"ASIAIOSFODNN7EXAMPLE": "Active"}),
            ("somebody else's", KEY, {"AKIAIOSFODNN7OTHERS0": "Active"}),
            ("inactive already", KEY, {KEY: "Inactive"}),
            ("no key's characters", "AKIA; rm -rf /", {"AKIA; rm -rf /": "Active"}),
            ("no text", 7, {}),
        ]:
            with self.subTest(why):
                fake = Fake([user(key=key)])
                fake.keys = keys
                self.run_it(fake)
                self.assertEqual(fake.changes, [("put_user_policy", "alice")])

    def test_role_sessions_are_revoked(self):
        fake = Fake([role()])
        [line] = self.run_it(fake)["principals"]
        self.assertEqual(fake.changes, [("put_role_policy", "deployer")])
        self.assertEqual(fake.policies["role", "deployer"], cp.revoked_before("2026-11-30T01:10:00Z"))
        self.assertEqual(line["undo"], ["aws iam delete-role-policy --role-name=deployer --policy-name=TrailarmQuarantine"])

    def test_role_is_denied_wholly_when_set(self):
        fake = Fake([role()])
        self.run_it(fake, {**LIVE, "ROLE_MODE": "deny"})
        self.assertEqual(fake.policies["role", "deployer"], cp.DENY_ALL)

    def test_a_second_run_says_already(self):
        for mode in ("revoke", "deny"):
            with self.subTest(mode):
                fake, env = Fake([user(), role()]), {**LIVE, "ROLE_MODE": mode}
                self.run_it(fake, env)
                first = list(fake.changes)
                report = self.run_it(fake, env, now=datetime(2026, 11, 30, 1, 12, tzinfo=UTC))
                self.assertEqual([line["outcome"] for line in report["principals"]], ["already", "already"])
                self.assertEqual(fake.changes, first)

    def test_sessions_newer_than_the_revocation_are_revoked_as_well(self):
        for began, event_time, changes in [
            ("2026-11-30T01:00:59Z", "2026-11-30T01:02:00Z", 0),
            ("2026-11-30T01:01:00Z", "2026-11-30T01:02:00Z", 1),
            ("garbage", "2026-11-30T01:00:59Z", 0),  # a session is older than its events
            ("garbage", "2026-11-30T01:02:00Z", 1),
            ("garbage", "garbage", 1),
        ]:
            with self.subTest(began=began, event_time=event_time):
                fake = Fake([{**role(began=began), "eventTime": event_time}])
                fake.policies["role", "deployer"] = cp.revoked_before("2026-11-30T01:01:00Z")
                self.run_it(fake)
                self.assertEqual(len(fake.changes), changes)

    def test_a_policy_that_is_there(self):
        for why, document, changes in [
            ("a full denial is not weakened", cp.DENY_ALL, 0),
            ("something else is replaced", {"Statement": "?"}, 1),
            ("an emptied one is replaced", {"Version": "2012-10-17", "Statement": []}, 1),
        ]:
            with self.subTest(why):
                fake = Fake([role()])
                fake.policies["role", "deployer"] = document
                self.run_it(fake)
                self.assertEqual(len(fake.changes), changes)


class DryRun(Case):
    def test_everything_but_exactly_false_is_a_dry_run(self):
        for value in [None, "", "true", "False", "FALSE", " false", "no", "0", "flase"]:
            with self.subTest(value):
                fake = Fake([user(), role()])
                report = self.run_it(fake, {} if value is None else {"DRY_RUN": value})
                self.assertEqual(fake.changes, [])
                self.assertTrue(report["dry_run"])
                self.assertEqual([line["outcome"] for line in report["principals"]], ["would contain", "would contain"])
                self.assertEqual(report["principals"][0]["changes"], ["put_user_policy TrailarmQuarantine", f"update_access_key {KEY}"])

    def test_a_rehearsal_never_changes_anything(self):
        fake = Fake([user()])
        report = self.run_it(fake, event=alarm(reason="trailarm drill 7: rehearsed by bob"))
        self.assertEqual((fake.changes, report["dry_run_because"], len(fake.searches)), ([], "a rehearsal", 1))
        self.assertEqual(report["principals"][0]["outcome"], "would contain")

    def test_words_elsewhere_make_no_rehearsal(self):
        fake = Fake([user()])
        self.run_it(fake, event=alarm(reason="Threshold Crossed, trailarm drill"))
        self.assertEqual(len(fake.changes), 2)

    def test_a_missing_permission_shows_in_the_dry_run(self):
        fake = Fake([user()])
        fake.fails["get_user_policy"] = "AccessDenied"
        self.assertIn("not contained", str(self.run_it(fake, {})))


class LeftAlone(Case):
    def test_who_is_never_changed(self):
        other, sso = "arn:aws:iam::444455556666", "aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef"
        bare = lambda kind, **more: {"userIdentity": {"type": kind, **more}}  # noqa: E731
        failed = {"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin", "responseElements": {"ConsoleLogin": "Failure"}}
        for why, record, words in [
            ("root", bare("Root", arn=f"arn:aws:iam::{ACCOUNT}:root"), "root user"),
            ("service", bare("AWSService", invokedBy="lambda.amazonaws.com"), "AWS service"),
            ("account", bare("AWSAccount", accountId="444455556666"), "another account"),
            ("federated", bare("FederatedUser", arn=f"arn:aws:sts::{ACCOUNT}:federated-user/bob"), "GetFederationToken"),
            ("saml", bare("SAMLUser", principalId="x:bob"), "identity provider"),
            ("web identity", bare("WebIdentityUser", principalId="x:bob"), "identity provider"),
            ("identity centre", bare("IdentityCenterUser"), "Identity Center"),
            ("unknown", bare("Martian", arn=ALICE), "no user or role"),
            ("no type", bare(None, arn=ALICE), "no user or role"),
            ("type is a list", bare(["Root"]), "no user or role"),
            ("no identity", {"eventID": "e"}, "no user or role"),
            ("identity is a text", {"userIdentity": "root"}, "no user or role"),
            ("user of another account", user(arn=f"{other}:user/alice"), "another account"),
            ("role of another account", role(arn=f"{other}:role/deployer"), "another account"),
            ("service-linked role", role(arn=f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"), "service-linked"),
            ("role of Identity Center", role(arn=f"arn:aws:iam::{ACCOUNT}:role/{sso}"), "Identity Center"),
            ("issuer is a user", role(arn=ALICE, issuer="IAMUser"), "no user or role"),
            ("issuer is something new", role(issuer="Robot"), "no user or role"),
            ("issuer says Role with a user's ARN", role(arn=ALICE), "no user or role"),
            ("IAMUser with a role's ARN", user(arn=DEPLOYER), "no user or role"),
            ("user without ARN", user(arn=None), "no user or role"),
            ("own role", role(arn=f"arn:aws:iam::{ACCOUNT}:role/ops/contain-principal"), "own role"),
            ("own role in capitals", role(arn=f"arn:aws:iam::{ACCOUNT}:role/Contain-Principal"), "own role"),
            ("refused sign-in", user(**failed), "nobody signed in"),
            ("planted by a drill", user(trailarmDrill="1a2b3c4d"), "wrote this event"),
        ]:
            with self.subTest(why):
                fake = Fake([record])
                [line] = self.run_it(fake)["principals"]
                self.assertEqual((fake.changes, line["outcome"]), ([], "left alone"))
                self.assertIn(words, line["why"])
                self.assertTrue(line["todo"])

    def test_a_sign_in_that_worked_counts(self):
        fake = Fake([user(eventSource="signin.amazonaws.com", eventName="ConsoleLogin", responseElements={"ConsoleLogin": "Success"})])
        self.run_it(fake)
        self.assertEqual(len(fake.changes), 2)

    def test_allow_list(self):
        for allow, spared in [
            (DEPLOYER, True),
            (f" arn:aws:iam::{ACCOUNT}:user/* , arn:aws:iam::*:role/ci/* ", True),
            ("arn:aws:iam::*:role/deployer", False),  # the path is part of the ARN
            ("arn:aws:iam::*:role/ci/Deployer", False),  # case counts
            ("arn:aws:iam::*:role/ci/deploy", False),  # the whole ARN
            ("arn:aws:iam::444455556666:role/*", False),
            ("", False),
        ]:
            with self.subTest(allow):
                fake = Fake([role()])
                [line] = self.run_it(fake, {**LIVE, "ALLOW": allow})["principals"]
                self.assertEqual((fake.changes == [], line["why"].startswith("ALLOW has")), (spared, spared))

    def test_allow_matches_users_too(self):
        fake = Fake([user()])
        self.run_it(fake, {**LIVE, "ALLOW": "arn:aws:iam::*:user/staff/a*"})
        self.assertEqual(fake.changes, [])

    def test_too_many_contains_none(self):
        users = [user(arn=f"arn:aws:iam::{ACCOUNT}:user/u{number}", key=None) for number in range(4)]
        for records, env, changes in [
            (users[:3], {}, 3),
            (users, {}, 0),
            (users, {"MAX_PRINCIPALS": "4"}, 4),
            (users[:2], {"MAX_PRINCIPALS": "1"}, 0),
            ([*users[:3], role()], {"ALLOW": DEPLOYER}, 3),  # who is spared anyway does not count
        ]:
            with self.subTest(env=env, records=len(records)):
                fake = Fake(records)
                report = self.run_it(fake, {**LIVE, **env})
                self.assertEqual(len(fake.changes), changes)
                self.assertEqual(any("MAX_PRINCIPALS" in line["why"] for line in report["principals"]), changes == 0)


class Reading(Case):
    def test_window_and_pattern(self):
        fake = Fake([user()], filters=[{"logGroupName": "trail", "filterPattern": "{ $.a = 1 }"}, {"logGroupName": "other", "filterPattern": "x"}])
        milliseconds = lambda *time: int(datetime(2026, 11, 30, *time, tzinfo=UTC).timestamp() * 1000)  # noqa: E731
        self.run_it(fake)
        times = (milliseconds(0, 45), milliseconds(1, 10))
        self.assertEqual(fake.searches, [("trail", "{ $.a = 1 }", *times), ("other", "x", *times)])
        for reason_data, lookback, start in [
            (None, "0", milliseconds(1, 1)),  # the state's time less the period
            ("{", "60", milliseconds(0, 1)),
            ('{"evaluatedDatapoints": [{"timestamp": "2026-11-30T00:55:00Z"}, {"timestamp": "2026-11-30T00:50:00Z"}, 7]}', "0", milliseconds(0, 50)),
            ('{"startDate": "2036-11-30T00:55:00Z"}', "0", milliseconds(1, 10)),
        ]:
            with self.subTest(reason_data):
                event, fake = alarm(), Fake([user()])
                event["alarmData"]["state"]["reasonData"] = reason_data
                self.run_it(fake, {"LOOKBACK_MINUTES": lookback}, event)
                self.assertEqual(fake.searches[0][2], start)

    def test_all_pages_are_read_up_to_a_bound(self):
        for number, size, truncated, calls in [(120, 50, False, 3), (200, 50, False, 4), (201, 50, True, 4), (201, 201, True, 1), (0, 50, False, 1)]:
            with self.subTest(number=number, size=size):
                fake = Fake([user()] * number, page_size=size)
                report = self.run_it(fake)
                self.assertEqual((report["events"], report["truncated"], len(fake.searches)), (min(number, 200), truncated, calls))

    def test_empty_pages_end(self):
        fake = Fake()
        with mock.patch.object(fake, "filter_log_events", side_effect=lambda **_: {"events": [], "nextToken": "again"}) as search:
            self.assertTrue(self.run_it(fake)["truncated"])
        self.assertEqual(search.call_count, cp.MAX_PAGES)

    def test_no_event_is_said(self):
        self.assertIn("no event was found", self.run_it(Fake())["reason"])

    def test_what_it_refuses(self):
        stat = {"metricStat": {"metric": {"namespace": "Trailarm/base", "name": "x", "dimensions": {"d": "1"}}}}
        math = [{"id": "e", "expression": "m / 2", "returnData": True}, {**alarm()["alarmData"]["configuration"]["metrics"][0], "returnData": False}]
        for why, fake, event, words in [
            ("composite", Fake([user()]), alarm(alarmRule="ALARM(a)"), "composite alarm"),
            ("metric math", Fake([user()]), alarm(metrics=math), "metric math"),
            ("dimensions", Fake([user()]), alarm(metrics=[stat]), "has dimensions"),
            ("no metrics", Fake([user()]), alarm(metrics=None), "watches no metric"),
            ("no filter", Fake([user()], filters=[]), alarm(), "no metric filter feeds Trailarm/base x"),
            ("field selection", Fake([user()], filters=[{"logGroupName": "g", "fieldSelectionCriteria": "x"}]), alarm(), "more than its pattern"),
            ("transformed", Fake([user()], filters=[{"logGroupName": "g", "applyOnTransformedLogs": True}]), alarm(), "more than its pattern"),
            ("another account", Fake([user()]), {**alarm(), "accountId": "444455556666"}, "another account"),
            ("through SNS", Fake([user()]), {"Records": [{"Sns": {}}]}, "comes through SNS"),
            ("no object", Fake([user()]), [], "no event of an alarm"),
        ]:
            with self.subTest(why):
                self.refused(fake, event, words)

    def test_other_states_do_nothing(self):
        for state in ("OK", "INSUFFICIENT_DATA"):
            with self.subTest(state):
                fake = Fake([user()])
                report = self.run_it(fake, {**LIVE, "TOPIC_ARN": f"arn:aws:sns:eu-west-1:{ACCOUNT}:t"}, alarm(state))
                self.assertEqual((report["outcome"], fake.changes, fake.searches, fake.published), ("nothing", [], [], []))
                self.assertIn(state, self.lines[0]["reason"])

    def test_hostile_names_never_reach_iam(self):
        names = ["a b", "a;id", "a\nb", "alice\n", "$(id)", "ä", "٣", "a'b", "", "x" * 65, "../x y", "a\x00", "\ud800", "{}"]
        for name in names:
            for record in (user(arn=f"arn:aws:iam::{ACCOUNT}:user/{name}"), role(arn=f"arn:aws:iam::{ACCOUNT}:role/{name}")):
                with self.subTest(name=name, kind=record["userIdentity"]["type"]):
                    fake = Fake([record])
                    report = self.run_it(fake)
                    self.assertEqual((fake.changes, report["principals"][0]["outcome"]), ([], "left alone"))
                    self.assertEqual(len(self.lines), 2, "one line each, whatever the text holds")

    def test_odd_names_that_iam_allows(self):
        fake = Fake([user(arn=f"arn:aws:iam::{ACCOUNT}:user/-rf=+,.@", key=None)])
        [line] = self.run_it(fake)["principals"]
        self.assertEqual(fake.changes, [("put_user_policy", "-rf=+,.@")])
        self.assertIn("--user-name=-rf=+,.@ ", line["undo"][0])

    def test_unreadable_records_are_counted(self):
        junk = ["", "not JSON", "[]", "7", "null", '{"userIdentity":', "[" * 100_000]
        fake = Fake([*junk, user()])
        report = self.run_it(fake)
        self.assertEqual((report["unreadable"], report["events"], len(fake.changes)), (len(junk), 1, 2))

    def test_fields_of_any_shape(self):
        for shape in (None, 7, "x", [], {}, [{}], True):
            with self.subTest(shape):
                record = {"eventID": shape, "eventTime": shape, "eventSource": shape, "eventName": shape, "responseElements": shape}
                identity = {"type": "AssumedRole", "arn": shape, "accessKeyId": shape, "sessionContext": shape}
                fake = Fake([{**record, "userIdentity": shape}, {**record, "userIdentity": identity}, {**user(), **record}])
                self.assertEqual(self.run_it(fake)["events"], 3)


class Failures(Case):
    def test_one_failure_does_not_stop_the_others_and_raises_at_the_end(self):
        fake = Fake([role(arn=f"arn:aws:iam::{ACCOUNT}:role/gone"), role(), user()])
        fake.fails["put_role_policy", "gone"] = "NoSuchEntity"
        error = self.run_it(fake, {**LIVE, "TOPIC_ARN": f"arn:aws:sns:eu-west-1:{ACCOUNT}:t"})
        self.assertIn("role/gone", str(error))
        self.assertEqual([line["outcome"] for line in self.lines], ["failed", "contained", "contained", "failed"])
        self.assertEqual(len(fake.changes), 3)
        self.assertEqual(len(fake.published), 1)

    def test_a_full_policy_leaves_the_key_to_do(self):
        fake = Fake([user()])
        fake.fails["put_user_policy"] = "LimitExceeded"
        self.assertIsInstance(self.run_it(fake), cp.ContainmentFailed)
        self.assertEqual(fake.changes, [("update_access_key", "alice", KEY, "Inactive")])
        self.assertIn("LimitExceeded", self.lines[0]["errors"][0])

    def test_a_log_group_that_cannot_be_read_is_told(self):
        fake = Fake([user()])
        fake.fails["filter_log_events"] = "AccessDenied"
        self.assertIn("AccessDenied", str(self.run_it(fake)))
        self.assertEqual(fake.changes, [])

    def test_a_topic_that_fails_does_not_hide_the_report(self):
        fake = Fake([user()])
        fake.fails["publish"] = "NotFound"
        self.assertIn("NotFound", str(self.run_it(fake, {**LIVE, "TOPIC_ARN": f"arn:aws:sns:eu-west-1:{ACCOUNT}:t"})))
        self.assertEqual((len(fake.changes), self.lines[0]["outcome"]), (2, "contained"))

    def test_the_topic_gets_the_report(self):
        fake, topic = Fake([user()]), f"arn:aws:sns:eu-west-1:{ACCOUNT}:t"
        self.run_it(fake, {"TOPIC_ARN": topic})
        [(arn, subject, message)] = fake.published
        self.assertEqual((arn, subject), (topic, "contain-principal: looked"))
        self.assertIn(ALICE, message)
        self.run_it(fake, {})
        self.assertEqual(len(fake.published), 1)


class Configuration(unittest.TestCase):
    def test_mistakes_are_told_at_once(self):
        for env, words in [
            ({"ROLE_MODE": "Deny"}, ["ROLE_MODE"]),
            ({"MAX_PRINCIPALS": "0", "LOOKBACK_MINUTES": "-1"}, ["MAX_PRINCIPALS", "LOOKBACK_MINUTES"]),
            ({"MAX_PRINCIPALS": "three"}, ["MAX_PRINCIPALS"]),
            ({"ALLOW": "deployer"}, ["ALLOW has 'deployer'"]),
            ({"ALLOW": f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/*"}, ["ALLOW"]),
            ({"TOPIC_ARN": "security"}, ["TOPIC_ARN"]),
        ]:
            with self.subTest(env), self.assertRaises(cp.Refused) as caught:
                cp.Settings.read(env)
            for word in words:
                self.assertIn(word, str(caught.exception))

    def test_defaults(self):
        settings = cp.Settings.read({})
        self.assertEqual((settings.dry_run, settings.role_mode, settings.max_principals, settings.lookback.seconds), (True, "revoke", 3, 900))

    def test_the_handler_makes_the_clients(self):
        fake, boto3 = Fake([user()]), mock.Mock()
        boto3.client.return_value = fake
        with mock.patch.dict(sys.modules, {"boto3": boto3}), mock.patch.dict("os.environ", {"DRY_RUN": "true"}, clear=True):
            with contextlib.redirect_stdout(io.StringIO()):
                report = cp.handler(alarm(), None)
        self.assertEqual((report["outcome"], {call.args[0] for call in boto3.client.call_args_list}), ("looked", {"iam", "logs", "sns", "sts"}))

    def test_the_handler_checks_the_settings_first(self):
        with mock.patch.dict(sys.modules, {"boto3": None}), mock.patch.dict("os.environ", {"ROLE_MODE": "x"}, clear=True):
            with self.assertRaises(cp.Refused):
                cp.handler(alarm(), None)


if __name__ == "__main__":
    unittest.main()
