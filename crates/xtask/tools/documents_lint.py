"""usage: documents_lint.py FOLDER: checks the committed documents with third-party linters; exits with 1 if there is a finding.

Some findings are false positives. They are listed in EXPECTED with the reason. A listed finding that no longer occurs is a
failure too, so that the list stays short.
"""
import collections
import glob
import json
import os
import subprocess
import sys

import boto3
import hcl2
import parliament
from botocore.validate import validate_parameters

folder = sys.argv[1]
failures = []
counts = collections.Counter()

# Issue of parliament and part of its detail: the reason why it is accepted.
EXPECTED = {
    ("MISMATCHED_TYPE", "s3:TlsVersion"): "parliament expects whole numbers; an example in the AWS documentation compares with 1.2",
    ("UNKNOWN_CONDITION_FOR_ACTION", "s3:InitiateReplication"): "s3:* includes two actions that no client request uses",
    ("UNKNOWN_CONDITION_FOR_ACTION", "s3:PutAccessPointPublicAccessBlock"): "s3:* includes two actions that no client request uses",
    ("RESOURCE_STAR", "kms:Decrypt"): "in a key policy, the resource * is the key itself",
}
seen = set()


def paths(pattern):
    """Returns the files that match. A pattern that matches none is a failure: the linter would check nothing."""
    found = sorted(glob.glob(os.path.join(folder, pattern), recursive=True))
    if not found:
        failures.append(f"no file matches {pattern}")
    return found


def read(pattern):
    for path in paths(pattern):
        with open(path, encoding="utf-8") as file:
            yield os.path.basename(path), file.read()


def parliament_findings():
    for name, text in read("policy-*.json"):
        counts["policies by parliament"] += 1
        for finding in map(parliament.enhance_finding, parliament.analyze_policy_string(text).findings):
            known = [key for key in EXPECTED if key[0] == finding.issue and key[1] in str(finding.detail)]
            seen.update(known)
            if not known:
                failures.append(f"parliament: {name}: {finding.issue}: {str(finding.detail)[:200]}")


def botocore_parameters():
    model = boto3.client("s3", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x").meta.service_model
    for pattern, operation, member in [
        ("cors-two-step.json", "PutBucketCors", "CORSConfiguration"),
        ("cors-several.json", "PutBucketCors", "CORSConfiguration"),
        ("lifecycle-two-step.json", "PutBucketLifecycleConfiguration", "LifecycleConfiguration"),
        ("lifecycle-several.json", "PutBucketLifecycleConfiguration", "LifecycleConfiguration"),
        ("notification-two-step.json", "PutBucketNotificationConfiguration", "NotificationConfiguration"),
        ("notification-several.json", "PutBucketNotificationConfiguration", "NotificationConfiguration"),
        ("notification-eventbridge.json", "PutBucketNotificationConfiguration", "NotificationConfiguration"),
    ]:
        for name, text in read(pattern):
            counts["documents by botocore"] += 1
            try:
                validate_parameters({"Bucket": "b", member: json.loads(text)}, model.operation_model(operation).input_shape)
            except Exception as error:
                failures.append(f"botocore: {name}: {error}")


def cfn_lint():
    """Checks templates in YAML. The step `schemas` checks those in JSON, for every option."""
    linter = os.path.join(os.path.dirname(sys.executable), "cfn-lint")
    for path in paths("stacks/sam-*.yaml"):
        counts["templates by cfn-lint"] += 1
        result = subprocess.run([linter, "-t", path], capture_output=True, text=True, check=False,
                             env={**os.environ, "AWS_DEFAULT_REGION": "ap-southeast-1"})
        if result.returncode != 0:
            failures.append(f"cfn-lint: {os.path.basename(path)}: {result.stdout}{result.stderr}")


def hcl():
    for name, text in read("**/*.tf"):
        counts["HCL files by python-hcl2"] += 1
        try:
            hcl2.loads(text)
        except Exception as error:
            failures.append(f"hcl2: {name}: {str(error)[:300]}")


parliament_findings()
botocore_parameters()
cfn_lint()
hcl()
for key in set(EXPECTED) - seen:
    failures.append(f"expected and not found: {key}: {EXPECTED[key]}")
print("; ".join(f"{count} {name}" for name, count in counts.items()))
for failure in failures:
    print(failure, file=sys.stderr)
sys.exit(1 if failures else 0)
