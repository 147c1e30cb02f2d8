"""usage: dev_bucket.py READY: uses the services of `upsign dev` with boto3 and the AWS CLI. READY is the JSON line that it printed.

Each user requests an upload URL and sends a file by PUT or by form. boto3 and the AWS CLI then find the objects with the printed keys.
"""
import io
import json
import os
import subprocess
import sys

import boto3
import requests
from botocore.exceptions import ClientError

ready = json.loads(sys.argv[1])
keys = ready["s3Credentials"]
s3 = boto3.client("s3", endpoint_url=ready["s3"], region_name=keys["region"],
                  aws_access_key_id=keys["accessKeyId"], aws_secret_access_key=keys["secretAccessKey"])


def check(holds, description):
    if not holds:
        sys.exit(f"does not hold: {description}")
    print(f"   {description}")


def ask(user, body, issuer=None):
    token = requests.get(ready["token"], params={"user": user, "issuer": issuer}, timeout=10)
    token.raise_for_status()
    return requests.post(f"{ready['api']}/upload-url", json=body, headers={"x-upload-token": f"Bearer {token.text}"}, timeout=10)


def denied(call, code):
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"] == code
    return False


buckets = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
check(buckets == ready["buckets"] == ["avatars-bucket", "documents-bucket"], f"boto3 lists the buckets of the configuration: {buckets}")
check(s3.head_bucket(Bucket="avatars-bucket")["BucketRegion"] == keys["region"], "and their region")
check(denied(lambda: s3.list_objects_v2(Bucket="other-bucket"), "NoSuchBucket"), "and no others")

document = {"contentType": "application/pdf", "contentLength": 5}
grant = ask("alice", document).json()
form = requests.post(grant["uploadUrl"], data=grant["fields"], files={"file": b"hello"}, timeout=10)
check(form.status_code == 204, f"alice uploads by form: {form.status_code}")
avatar = {"route": "avatars", "contentType": "image/png", "contentLength": 7}
for user, issuer in [("alice", "shop"), ("bob", "staff")]:
    put = ask(user, avatar, issuer).json()
    stored = requests.put(put["uploadUrl"], data=b"picture", headers=put["headers"], timeout=10)
    check(stored.status_code == 200, f"{user} uploads by PUT with a token of {issuer}: {stored.status_code}")
answer = ask("bob", document)
check(answer.status_code == 403, f"bob, who is in no group, is denied the documents: {answer.json()['code']}")

listed = s3.list_objects_v2(Bucket="documents-bucket", Prefix="documents/shop/acme/")["Contents"]
check([(one["Key"], one["Size"]) for one in listed] == [(grant["key"], 5)], f"boto3 lists the object: {grant['key']}")
body = s3.get_object(Bucket="documents-bucket", Key=grant["key"])
check((body["Body"].read(), body["ContentType"]) == (b"hello", "application/pdf"), "and reads it")
pages = s3.get_paginator("list_objects_v2").paginate(Bucket="avatars-bucket", PaginationConfig={"PageSize": 1})
found = [one["Key"].split("/")[1] for page in pages for one in page["Contents"]]
check(sorted(found) == ["shop", "staff"], f"pages of one object contain both avatars, below the names of their issuers: {found}")

large = os.urandom(9 << 20)
s3.upload_fileobj(io.BytesIO(large), "avatars-bucket", "large/9 MiB.bin")
read = io.BytesIO()
s3.download_fileobj("avatars-bucket", "large/9 MiB.bin", read)
check(read.getvalue() == large, "boto3 uploads 9 MiB in parts, and downloads them")
s3.delete_object(Bucket="avatars-bucket", Key="large/9 MiB.bin")
check(denied(lambda: s3.head_object(Bucket="avatars-bucket", Key="large/9 MiB.bin"), "404"), "and deletes the object")
other = boto3.client("s3", endpoint_url=ready["s3"], region_name=keys["region"], aws_access_key_id=keys["accessKeyId"], aws_secret_access_key="x")
check(denied(other.list_buckets, "SignatureDoesNotMatch"), "another secret is refused")

# The command as it is printed, in a terminal that has credentials of another account.
command = os.environ["PRINTED"]
environment = {**os.environ, "AWS_ACCESS_KEY_ID": "OTHER", "AWS_SECRET_ACCESS_KEY": "other", "AWS_SESSION_TOKEN": "other", "AWS_PAGER": ""}
output = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, check=False)
lines = [line.split()[2:] for line in output.stdout.splitlines()]
check(output.returncode == 0 and lines == [["5", grant["key"]]],
      f"the printed command of the AWS CLI lists the document, in the bucket of the first route {output.stderr}{output.stdout}")
copy = command.replace("s3 ls --recursive s3://documents-bucket", f"s3 cp --quiet s3://documents-bucket/{grant['key']} -")
output = subprocess.run(["sh", "-c", copy], env=environment, capture_output=True, text=True, check=False)
check(output.stdout == "hello", f"and copies a document {output.stderr}")
