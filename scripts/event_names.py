"""Writes src/cloudtrail/event-names.txt: which event names CloudTrail writes, by source.

    python3 scripts/event_names.py BOTOCORE/data OBSERVED.tsv > src/cloudtrail/event-names.txt

BOTOCORE/data is that folder of an unpacked botocore wheel (the operations of AWS's API models);
OBSERVED.tsv holds the names of Lambda and API Gateway, which differ from their operations
(columns: service, operation, event name, …). Only facts are taken: names of services and events.
"""

import collections
import csv
import gzip
import json
import pathlib
import sys

# Events that no operation has, and names that differ from the operation's (AWS user guides of the services).
ALSO = {
    "signin": "CheckMfa ConsoleLogin CredentialChallenge CredentialVerification EmailUpdated ExitRole GetSigninToken PasswordRecoveryCompleted "
    "PasswordRecoveryRequested PasswordUpdated RenewRole SwitchRole UserAuthentication",
    "s3": "DeleteAccountPublicAccessBlock GetAccelerateConfiguration GetAccountPublicAccessBlock GetBucketObjectLockConfiguration "
    "GetBucketPublicAccessBlock PutAccelerateConfiguration PutAccountPublicAccessBlock PutBucketPublicAccessBlock "
    "DeleteBucketPublicAccessBlock PutBucketObjectLockConfiguration",
    "s3express": "CreateBucket CreateSession DeleteBucket",
    "ssm": "ListInstanceAssociations OpenControlChannel OpenDataChannel PutConfigurePackageResult UpdateInstanceAssociationStatus UpdateInstanceInformation",
    "cloudshell": "CreateEnvironment CreateSession DeleteEnvironment GetFileDownloadUrls GetFileUploadUrls PutCredentials SendHeartBeat StartEnvironment",
    "ssmmessages": "CreateControlChannel CreateDataChannel OpenControlChannel OpenDataChannel",
    "secretsmanager": "CancelSecretVersionDelete EndSecretVersionDelete RotationFailed RotationStarted RotationSucceeded StartSecretVersionDelete",
    "kms": "DeleteKey RotateKey SynchronizeMultiRegionKey",
    "codecommit": "GitPull GitPush",
    "autoscaling": "DeleteScalingPolicy DeregisterScalableTarget PutScalingPolicy RegisterScalableTarget",
    # The data event; the operation list has it with a date.
    "lambda": "Invoke LambdaESMDisabled",
    "sso-directory": "AddMemberToGroup CreateGroup CreateUser DeleteGroup DeleteUser RemoveMemberFromGroup UpdateGroup UpdateUser",
    "sso": "Authenticate Federate GetRoleCredentials UpdateSsoConfiguration",
    "ec2": "BidEvictedEvent SharedSnapshotCopyInitiated SharedSnapshotVolumeCreated",
    "backup": "BackupDeleted BackupJobCompleted BackupJobStarted RecoveryPointCreated",
}
# Operations that are never written by their own name.
RENAMED = {"s3": "DeletePublicAccessBlock GetPublicAccessBlock ListObjectsV2 PutPublicAccessBlock"}
# Services whose events are under another name than endpoint and signature say.
SOURCES = {"mq": "amazonmq", "email": "ses", "s3-control": "s3"}
# What people write and no event has, and what is meant.
NEVER = {
    "api-gateway": "apigateway",
    "cloudwatch": "monitoring",
    "cloudwatchlogs": "logs",
    "cloudwatch-logs": "logs",
    "cognito": "cognito-idp",
    "console": "signin",
    "elb": "elasticloadbalancing",
    "eventbridge": "events",
    "stepfunctions": "states",
    "step-functions": "states",
}
# Operations that reach CloudTrail with the date of their API behind the name.
DATED = {"cloudfront": "2020_05_31"}


# How sure a name of Lambda and API Gateway is.
MARKS = {"seen": "+", "inferred": "?"}


def models(folder):
    for service in sorted(p for p in folder.iterdir() if p.is_dir()):
        for file in sorted(service.glob("*/service-2.json*")):
            text = gzip.open(file).read() if file.suffix == ".gz" else file.read_bytes()
            yield service.name, json.loads(text)


def main():
    names, aliases = collections.defaultdict(set), {}
    for service, model in models(pathlib.Path(sys.argv[1])):
        metadata = model["metadata"]
        sources = {metadata["endpointPrefix"], metadata.get("signingName", metadata["endpointPrefix"])}
        sources = {SOURCES.get(s, s) for s in sources if "." not in s}
        for source in sources:
            names[source] |= set(model["operations"])
            names[source] |= {o + DATED[source] for o in model["operations"]} if source in DATED else set()
        aliases[service] = min(sources, key=len, default=service)
    names["lambda"], names["apigateway"] = set(), set()
    evidence = {}
    for row in csv.DictReader(open(sys.argv[2]), delimiter="\t"):
        if not row["status"].startswith("contradicted"):
            names[row["service"]].add(row["cloudtrail_eventName"])
            evidence[row["service"], row["cloudtrail_eventName"]] = row["status"].split()[0]
            if row["api_version"] in ("v1", "v2"):
                names[f"{row['service']}/{row['api_version']}"].add(row["cloudtrail_eventName"])
    for source, more in ALSO.items():
        names[source] |= set(more.split())
    for source, gone in RENAMED.items():
        names[source] -= set(gone.split())
    for alias, source in NEVER.items():
        names.pop(alias, None)
        aliases[alias] = source
    print("# Event names by source, as CloudTrail writes them. Made by scripts/event_names.py from the operations of")
    print("# botocore's API models and from observed events of Lambda and API Gateway. `a -> b`: a is no source, b is meant.")
    print("# `apigateway/v1` and `/v2`: the names that only one of the two APIs writes.")
    print("# Of lambda and apigateway: `+` was seen in real events, `?` is inferred from the operation, the others are listed by others.")
    for source in sorted(names):
        print(source, *(name + MARKS.get(evidence.get((source, name)), "") for name in sorted(names[source])))
    for alias, source in sorted(aliases.items()):
        if alias not in names:
            print(alias, "->", source)


main()
