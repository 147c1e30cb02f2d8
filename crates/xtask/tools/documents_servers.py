"""usage: documents_servers.py SERVER ENDPOINT FOLDER DEVIATIONS: tests the documents in FOLDER on a real server.

Uploads each document, reads it back, and sends preflights. DEVIATIONS lists the known differences of each server (server,
option, deviation, reason). A row that no longer holds is a failure too, so that a repaired server is noticed.
"""
import json
import os
import sys
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

server, endpoint, folder, table = sys.argv[1:5]
with open(table, encoding="utf-8") as file:
    deviations = {row["option"]: row["deviation"] for row in json.load(file) if row["server"] == server}
seen, failures, held = set(), [], 0
s3 = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1",
                  config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}))


def document(name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return json.load(file)


def record(option, outcome):
    """Counts an outcome: it must be "equal", or the deviation in the table for this server."""
    global held
    if outcome == "equal":
        held += 1
        if option in deviations:
            failures.append(f"{option}: repaired; remove its row from the table")
    elif deviations.get(option) == outcome:
        seen.add(option)
    else:
        failures.append(f"{option}: {outcome}")


def outcome(put, get, wanted, same):
    """Uploads and reads back a document. Returns "equal", an error code, or what was read."""
    try:
        put()
        found = get()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "equal" if same(found, wanted) else f"reads back {json.dumps(found, sort_keys=True, default=str)}"


def exact(found, wanted):
    return found == wanted


def rules(found, wanted):
    """Compares rules by their content: a server may add defaults."""
    def plain(rule):
        rule = {key: value for key, value in rule.items() if value not in ([], "", None)}
        if rule.get("Filter") in ({}, {"Prefix": ""}):
            rule.pop("Filter")
        if rule.get("Prefix") == "":
            rule.pop("Prefix")
        for key in ("AllowedOrigins", "AllowedMethods", "AllowedHeaders", "ExposeHeaders", "Events"):
            if key in rule:
                rule[key] = sorted(rule[key])
        return rule
    return [plain(rule) for rule in found] == [plain(rule) for rule in wanted]


def check_documents():
    # The documents contain this name: the queue policy allows only this bucket.
    bucket = "article-images-bucket"
    s3.create_bucket(Bucket=bucket)
    for name in ("cors", "cors-several"):
        wanted = document(f"{name}.json")
        record(name, outcome(lambda: s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=wanted),
                           lambda: s3.get_bucket_cors(Bucket=bucket)["CORSRules"], wanted["CORSRules"], rules))
    for name in ("lifecycle", "lifecycle-several", "lifecycle-gated"):
        wanted = document(f"{name}.json")
        record(name, outcome(
            lambda: s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=wanted),
            lambda: s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"], wanted["Rules"], rules))
    closed = {name: True for name in ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")}
    record("public access block", outcome(
        lambda: s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=closed),
        lambda: s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"], closed, exact))
    owner = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    record("ownership", outcome(
        lambda: s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=owner),
        lambda: s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"], owner, exact))
    record("versioning", outcome(
        lambda: s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}),
        lambda: s3.get_bucket_versioning(Bucket=bucket).get("Status"), "Enabled", exact))
    encrypted = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}

    def encryption():
        found = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        return [rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] for rule in found]
    record("encryption", outcome(
        lambda: s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=encrypted),
        encryption, ["AES256"], exact))
    for number, name in enumerate(("bucket-policy", "bucket-policy-guarded", "policy-bucket-gated")):
        # A separate bucket for each policy: the endpoints use plain HTTP, so the policy makes the bucket unusable.
        policies = f"policies-{number}"
        s3.create_bucket(Bucket=policies)
        wanted = json.loads(json.dumps(document(f"{name}.json")).replace(bucket, policies))
        record(name, outcome(lambda: s3.put_bucket_policy(Bucket=policies, Policy=json.dumps(wanted)),
                           lambda: policy_of(policies), wanted, exact))
    notification("notification", bucket)
    notification("notification-gated", bucket)


def policy_of(bucket):
    """Returns the policy of a bucket, or the error code if the policy also denies the administrator."""
    try:
        return json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    except ClientError as error:
        return error.response["Error"]["Code"]


def notification(name, bucket):
    wanted = document(f"{name}.json")
    if server == "ministack":
        sqs = boto3.client("sqs", endpoint_url=endpoint, region_name="us-east-1")
        url = sqs.create_queue(QueueName="uploads")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = json.dumps(document("queue-policy.json"))
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        back = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
        if name == "notification":
            record("queue policy", "equal" if json.loads(back) == json.loads(policy) else f"reads back {back}")
        for queue in wanted["QueueConfigurations"]:
            queue["QueueArn"] = arn

    def get():
        found = s3.get_bucket_notification_configuration(Bucket=bucket).get("QueueConfigurations", [])
        for queue in found:
            for rule in queue.get("Filter", {}).get("Key", {}).get("FilterRules", []):
                rule["Name"] = rule["Name"].lower()
        return found
    record(name, outcome(
        lambda: s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=wanted),
        get, wanted["QueueConfigurations"], rules))


class NoRedirect(urllib.request.HTTPErrorProcessor):
    def http_response(self, request, response):
        return response
    https_response = http_response


def check_preflights():
    opener = urllib.request.build_opener(NoRedirect)
    rows, bucket_of = document("preflights.json"), {}
    for number, row in enumerate(rows):
        if row["name"] not in bucket_of:
            bucket_of[row["name"]] = f"preflights-{server}-{len(bucket_of)}"
            s3.create_bucket(Bucket=bucket_of[row["name"]])
            s3.put_bucket_cors(Bucket=bucket_of[row["name"]], CORSConfiguration=row["document"])
        request = urllib.request.Request(f"{endpoint}/{bucket_of[row['name']]}/a/1", method="OPTIONS")
        request.add_header("Origin", row["origin"])
        request.add_header("Access-Control-Request-Method", row["method"])
        if row["headers"]:
            request.add_header("Access-Control-Request-Headers", row["headers"])
        with opener.open(request) as response:
            passes = preflight_passes(row, response.status, response.headers)
        option = f"preflight {row['name']}: {row['method']} from {row['origin']} with {row['headers'] or 'nothing'}"
        record(option, "equal" if passes == row["allowed"] else ("passes" if passes else "is refused"))
    print(f"{server}: {len(rows)} preflights")


def preflight_passes(row, status, headers):
    """Returns whether a browser would send the request after this answer (Fetch standard, CORS-preflight fetch)."""
    def words(name):
        return [word.strip().lower() for value in headers.get_all(name, []) for word in value.split(",")]
    origin = headers.get("Access-Control-Allow-Origin")
    methods, allowed = words("Access-Control-Allow-Methods"), words("Access-Control-Allow-Headers")
    requested = [name.strip().lower() for name in row["headers"].split(",") if name.strip()]
    safe = row["method"] in ("GET", "HEAD", "POST")
    return (200 <= status < 300 and origin in ("*", row["origin"])
            and (safe or row["method"].lower() in methods or "*" in methods)
            and all(name in allowed or "*" in allowed for name in requested))


check_documents()
check_preflights()
for option in set(deviations) - seen:
    if not any(failure.startswith(option) for failure in failures):
        failures.append(f"{option}: is in the table but was not tested")
print(f"{server}: {held} as expected, {len(seen)} known deviations")
for failure in failures:
    print(f"{server}: {failure}", file=sys.stderr)
sys.exit(1 if failures else 0)
