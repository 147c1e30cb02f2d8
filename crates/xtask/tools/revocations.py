"""usage: revocations.py ENDPOINT UPSIGN FOLDER: tests the statements of `upsign revoke` by their effect.

ENDPOINT is a server that evaluates bucket policies for the sessions of a role. A URL that was issued before is refused, one that was
issued after, or for something else, is accepted, and both are accepted when the statement is removed.

The server does not fill in `s3:authType` and `s3:signatureAge`, so these two conditions are taken out of the statement here. The
table `revoke-matrix.json` covers them with two evaluators.
"""
import datetime
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

import boto3
from botocore.config import Config

endpoint, upsign, folder = sys.argv[1:4]
BUCKET = "article-images-bucket"
REGION = "us-east-1"
UNKNOWN_KEYS = ("s3:authType", "s3:signatureAge")


def client(service):
    return boto3.client(service, endpoint_url=endpoint, region_name=REGION, config=Config(retries={"max_attempts": 1}))


def role():
    """Creates the role that signs, and returns its ARN and its unique id."""
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
    own = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    iam = client("iam")
    made = iam.create_role(RoleName="signer", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    iam.put_role_policy(RoleName="signer", PolicyName="objects", PolicyDocument=json.dumps(own))
    return made["Arn"], made["RoleId"]


def session(arn, name):
    """Returns the environment of a new session of the role."""
    given = client("sts").assume_role(RoleArn=arn, RoleSessionName=name)["Credentials"]
    names = {"AccessKeyId": "AWS_ACCESS_KEY_ID", "SecretAccessKey": "AWS_SECRET_ACCESS_KEY", "SessionToken": "AWS_SESSION_TOKEN"}
    return {variable: given[member] for member, variable in names.items()}


def run(arguments, environment=None):
    known = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run([upsign, *arguments, "--json"], cwd=folder, env={**known, **(environment or {})},
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"upsign {arguments} ended with {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def presign(key, environment, *place):
    arguments = ["presign", key, "--bucket", BUCKET, "--region", REGION, "--content-type", "image/jpeg", *place]
    return run(arguments, environment)["url"]


def put(url):
    request = urllib.request.Request(url, data=b"x", method="PUT", headers={"Content-Type": "image/jpeg"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def reduced(revocation):
    """Returns the policy without the conditions that the server does not know."""
    statement = dict(revocation["statement"])
    conditions = {operator: {key: value for key, value in keys.items() if key not in UNKNOWN_KEYS}
                  for operator, keys in statement.pop("Condition").items()}
    conditions = {operator: keys for operator, keys in conditions.items() if keys}
    if conditions:
        statement["Condition"] = conditions
    return {"Version": "2012-10-17", "Statement": [statement]}


def main():
    s3 = client("s3")
    s3.create_bucket(Bucket=BUCKET)
    arn, role_id = role()
    before = session(arn, "before")
    time.sleep(2)
    instant = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    time.sleep(1)
    after = session(arn, "after")
    here = ["--endpoint-url", endpoint]
    keys = {"alice": "articles/alice/1/1.jpg", "bob": "articles/bob/1/1.jpg"}
    urls = {(session_name, caller): presign(key, environment, *here)
            for session_name, environment in (("before", before), ("after", after)) for caller, key in keys.items()}
    # The command reads a URL of Amazon S3.
    leaked = presign(keys["alice"], before)
    every = set(urls)
    cases = {
        "one URL": (["revoke", leaked], {("before", "alice"), ("after", "alice")}),
        "one caller": (["revoke", "--caller", "alice", "--config", "upsign.toml"], {("before", "alice"), ("after", "alice")}),
        "one session": (["revoke", "--user-id", f"{role_id}:before", "--bucket", BUCKET], {("before", "alice"), ("before", "bob")}),
        "one role": (["revoke", "--user-id", role_id, "--bucket", BUCKET], every),
        "before an instant": (["revoke", "--issued-before", instant, "--bucket", BUCKET], {("before", "alice"), ("before", "bob")}),
    }
    failures = 0
    for name, (arguments, refused) in cases.items():
        s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(reduced(run(arguments))))
        found = {case: put(url) for case, url in urls.items()}
        s3.delete_bucket_policy(Bucket=BUCKET)
        found_after = {case: put(url) for case, url in urls.items()}
        wanted = {case: 403 if case in refused else 200 for case in urls}
        if found != wanted or set(found_after.values()) != {200}:
            failures += 1
            print(f"{name}: expected {wanted}, found {found}, and {found_after} after the removal", file=sys.stderr)
    print(f"{len(cases) - failures} of {len(cases)} revocations stop what they should, and nothing else")
    sys.exit(1 if failures else 0)


main()
