"""usage: documents_stack.py ENDPOINT TEMPLATE BUCKET GUARDED_POLICY: deploys the template on an AWS emulator and tests its role.

A function with the role of the template returns its credentials. With these, every call that the features need must succeed,
and every other call must be refused.
"""
import io
import json
import sys
import time
import urllib.error
import urllib.request
import zipfile

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint, template, bucket, guarded = sys.argv[1:5]
CONFIG = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}, signature_version="s3v4")
failures, checks = [], 0


def client(service, **credentials):
    config = CONFIG if service == "s3" else None
    return boto3.client(service, endpoint_url=endpoint, region_name="us-east-1", config=config, **credentials)


def check(description, holds):
    global checks
    checks += 1
    if not holds:
        failures.append(description)


def package(name, text):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        entry = zipfile.ZipInfo(name)
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, text)
    return content.getvalue()


def create_stack(stacks, name, body):
    """Creates a stack and waits until it is complete or has failed."""
    stacks.create_stack(StackName=name, TemplateBody=json.dumps(body),
                        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"])
    for _ in range(120):
        stack = stacks.describe_stacks(StackName=name)["Stacks"][0]
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            break
        time.sleep(0.25)
    return stack


def deploy():
    """Deploys the template and returns the physical ids of its resources."""
    s3, stacks = client("s3"), client("cloudformation")
    s3.create_bucket(Bucket="code")
    s3.put_object(Bucket="code", Key="bootstrap.zip", Body=package("bootstrap", "#!/bin/sh\nexit 1\n"))
    with open(template, encoding="utf-8") as file:
        whole = json.load(file)
    # The emulator does not support alarms over several metrics. Once it does, this check fails and can be removed.
    unknown = {name: whole["Resources"].pop(name) for name in ("RejectedUploadsAlarm",)}
    bucket_only = {"UploadsBucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "watched"}}}
    alone = {**whole, "Resources": {**unknown, **bucket_only}, "Outputs": {}}
    alone.pop("Transform")
    check("an alarm over several metrics is refused", create_stack(stacks, "unknown", alone)["StackStatus"] != "CREATE_COMPLETE")
    stack = create_stack(stacks, "uploads", whole)
    check(f"the stack is {stack['StackStatus']}: {stack.get('StackStatusReason', '')}", stack["StackStatus"] == "CREATE_COMPLETE")
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    check(f"the stack's outputs are {outputs}", {"UploadUrl", "FunctionArn", "QueueUrl"} <= set(outputs))
    resources = stacks.describe_stack_resources(StackName="uploads")["StackResources"]
    return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}


def check_bucket():
    """Compares the configuration of the bucket with the template."""
    s3 = client("s3")
    with open(template, encoding="utf-8") as file:
        wanted = json.load(file)["Resources"]["UploadsBucket"]["Properties"]
    cors = s3.get_bucket_cors(Bucket=bucket)["CORSRules"][0]
    rule = wanted["CorsConfiguration"]["CorsRules"][0]
    for theirs, ours in [("AllowedOrigins", "AllowedOrigins"), ("AllowedMethods", "AllowedMethods"),
                         ("AllowedHeaders", "AllowedHeaders"), ("ExposeHeaders", "ExposedHeaders"),
                         ("MaxAgeSeconds", "MaxAge")]:
        check(f"CORS {theirs} reads back {cors.get(theirs)}", cors.get(theirs) == rule[ours])
    check("versioning is on", s3.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled")
    access = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    check(f"public access reads back {access}", access == wanted["PublicAccessBlockConfiguration"])
    # The emulator's CloudFormation ignores lifecycle rules. Once it does not, this check fails and can be removed.
    check("the emulator ignores lifecycle rules", status_of(lambda: s3.get_bucket_lifecycle_configuration(Bucket=bucket)) == 404)
    queues = s3.get_bucket_notification_configuration(Bucket=bucket).get("QueueConfigurations", [])
    check(f"notification reads back {queues}", any("s3:ObjectCreated:Put" in queue["Events"] for queue in queues))


def credentials_of(role):
    """Returns the credentials in the environment of a function that runs with this role."""
    functions, iam = client("lambda"), client("iam")
    arn = iam.get_role(RoleName=role)["Role"]["Arn"]
    code = "import os\ndef handler(event, context):\n    return {k: v for k, v in os.environ.items() if k.startswith('AWS_')}\n"
    functions.create_function(FunctionName="credentials", Runtime="python3.11", Handler="h.handler", Role=arn,
                              Code={"ZipFile": package("h.py", code)})
    time.sleep(1)
    environment = json.loads(functions.invoke(FunctionName="credentials", Payload=b"{}")["Payload"].read())
    return {"aws_access_key_id": environment["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": environment["AWS_SECRET_ACCESS_KEY"],
            "aws_session_token": environment["AWS_SESSION_TOKEN"]}


def status_of(call):
    """Returns the HTTP status of a call: 200, or that of its error."""
    try:
        call()
        return 200
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"]


def put(signer, key, **more):
    """Uploads with a presigned URL and returns the HTTP status."""
    url = signer.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": key, **more}, ExpiresIn=60)
    try:
        return urllib.request.urlopen(urllib.request.Request(url, b"x", method="PUT")).status
    except urllib.error.HTTPError as error:
        return error.code


def check_role(signer):
    """Checks which calls the role allows, inside and outside of the key prefix."""
    inside, outside = "articles/1/raw/1.jpg", "other/1.jpg"
    check("presigned PUT inside the prefix: 200", put(signer, inside) == 200)
    check("presigned PUT outside of the prefix: 403", put(signer, outside) == 403)
    check("presigned PUT with a key that misses a part of the template: 403", put(signer, "articles/1.jpg") == 403)
    # The configuration has no reads.
    for key in (inside, "articles/1/raw/absent.jpg", outside):
        check(f"HEAD of {key}: 403", status_of(lambda: signer.head_object(Bucket=bucket, Key=key)) == 403)
    check("DELETE inside the prefix: 403", status_of(lambda: signer.delete_object(Bucket=bucket, Key=inside)) == 403)
    for description, call in [
        ("setting tags", lambda: signer.put_object_tagging(Bucket=bucket, Key=inside, Tagging={"TagSet": []})),
        ("setting the bucket's CORS", lambda: signer.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": []})),
        ("deleting the bucket's policy", lambda: signer.delete_bucket_policy(Bucket=bucket)),
        ("PUT into another bucket", lambda: signer.put_object(Bucket="code", Key=inside, Body=b"x")),
        ("listing another bucket", lambda: signer.list_objects_v2(Bucket="code")),
    ]:
        check(f"{description}: 403", status_of(call) == 403)
    check_multipart(signer, inside, outside)


def check_multipart(signer, inside, outside):
    """Checks which multipart operations the permission to put an object includes."""
    upload_id = signer.create_multipart_upload(Bucket=bucket, Key=inside)["UploadId"]
    part = signer.upload_part(Bucket=bucket, Key=inside, UploadId=upload_id, PartNumber=1, Body=b"x")
    check("ListParts: 403", status_of(lambda: signer.list_parts(Bucket=bucket, Key=inside, UploadId=upload_id)) == 403)
    whole = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    check("CompleteMultipartUpload: 200", status_of(lambda: signer.complete_multipart_upload(
        Bucket=bucket, Key=inside, UploadId=upload_id, MultipartUpload=whole)) == 200)
    aborted = signer.create_multipart_upload(Bucket=bucket, Key=inside)["UploadId"]
    check("AbortMultipartUpload: 403", status_of(
        lambda: signer.abort_multipart_upload(Bucket=bucket, Key=inside, UploadId=aborted)) == 403)
    check("CreateMultipartUpload outside of the prefix: 403", status_of(
        lambda: signer.create_multipart_upload(Bucket=bucket, Key=outside)) == 403)


def check_guard(signer):
    """Checks the TLS guard: the emulator uses plain HTTP, so the guard denies every upload."""
    with open(guarded, encoding="utf-8") as file:
        client("s3").put_bucket_policy(Bucket=bucket, Policy=file.read())
    check("PUT over plain HTTP with the TLS guard: 403", put(signer, "articles/1/raw/2.jpg") == 403)
    client("s3").delete_bucket_policy(Bucket=bucket)
    check("PUT over plain HTTP without the guard: 200", put(signer, "articles/1/raw/2.jpg") == 200)


resources = deploy()
if not failures:
    check_bucket()
    keys = credentials_of(resources["UploadRole"])
    check_role(client("s3", **keys))
    check_guard(client("s3", **keys))
print(f"the stack has {len(resources)} resources; {checks - len(failures)} of {checks} checks hold")
for failure in failures:
    print(f"does not hold: {failure}", file=sys.stderr)
sys.exit(1 if failures else 0)
