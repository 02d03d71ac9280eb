# What a good script does today: read all filters and alarms of the prefix in pages, and compare nothing.
import sys
import boto3

url, *groups = sys.argv[1:]
options = {"endpoint_url": url, "region_name": "eu-west-1"}
boto3.client("sts", **options).get_caller_identity()
logs, cloudwatch, sns = (boto3.client(name, **options) for name in ("logs", "cloudwatch", "sns"))
count = 0
for group in ["trail", *groups]:
    for page in logs.get_paginator("describe_metric_filters").paginate(logGroupName=group):
        count += len(page["metricFilters"])
for page in cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix="big/", PaginationConfig={"PageSize": 100}):
    count += len(page["MetricAlarms"])
for page in sns.get_paginator("list_topics").paginate():
    for topic in page["Topics"]:
        sns.get_topic_attributes(TopicArn=topic["TopicArn"])
