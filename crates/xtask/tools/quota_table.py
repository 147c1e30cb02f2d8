"""usage: quota_table.py ENDPOINT TABLE: creates the table in which upsign counts uploads, as the generated stacks do."""
import sys

import boto3

endpoint, table = sys.argv[1:3]
dynamodb = boto3.client("dynamodb", endpoint_url=endpoint)
keys = [("account", "HASH"), ("item", "RANGE")]
dynamodb.create_table(
    TableName=table,
    BillingMode="PAY_PER_REQUEST",
    KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
    AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
)
dynamodb.update_time_to_live(
    TableName=table, TimeToLiveSpecification={"AttributeName": "expires", "Enabled": True}
)
