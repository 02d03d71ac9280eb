# What a person does at the AWS command line: one call, arguments and answer as JSON.
import json, sys
import botocore.session

url, account, region, service, operation, arguments = sys.argv[1:]
session = botocore.session.get_session()
client = session.create_client(service, region_name=region, endpoint_url=url, aws_access_key_id=account, aws_secret_access_key="x")
answers = [getattr(client, operation)(**call) for call in json.loads(arguments)]
print(json.dumps(answers, default=str))
