"""usage: documents_stack.py ENDPOINT TEMPLATE BUCKET GUARDED_POLICY: the template on an emulator of AWS, and what its role can do.

The template is put up as it is. Then a function is run under the role that it makes, hands out its credentials, and with
these every call that the features need has to go through, and every other one be refused.
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


def check(what, holds):
    global checks
    checks += 1
    if not holds:
        failures.append(what)


def package(name, text):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        entry = zipfile.ZipInfo(name)
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, text)
    return content.getvalue()


def finished(stacks, name, body):
    stacks.create_stack(StackName=name, TemplateBody=json.dumps(body),
                        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"])
    for _ in range(120):
        stack = stacks.describe_stacks(StackName=name)["Stacks"][0]
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            break
        time.sleep(0.25)
    return stack


def put_up():
    s3, stacks = client("s3"), client("cloudformation")
    s3.create_bucket(Bucket="code")
    s3.put_object(Bucket="code", Key="bootstrap.zip", Body=package("bootstrap", "#!/bin/sh\nexit 1\n"))
    with open(template, encoding="utf-8") as file:
        whole = json.load(file)
    # The emulator knows no alarm over several metrics. The day it does, this stack is made and the check fails.
    unknown = {name: whole["Resources"].pop(name) for name in ("RefusedUploadsAlarm",)}
    bucket_only = {"UploadsBucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "watched"}}}
    alone = {**whole, "Resources": {**unknown, **bucket_only}, "Outputs": {}}
    alone.pop("Transform")
    check("an alarm over several metrics is refused", finished(stacks, "unknown", alone)["StackStatus"] != "CREATE_COMPLETE")
    stack = finished(stacks, "uploads", whole)
    check(f"the stack is {stack['StackStatus']}: {stack.get('StackStatusReason', '')}", stack["StackStatus"] == "CREATE_COMPLETE")
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    check(f"the stack's outputs are {outputs}", {"UploadUrl", "FunctionArn", "QueueUrl"} <= set(outputs))
    resources = stacks.describe_stack_resources(StackName="uploads")["StackResources"]
    return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}


def read_back():
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
    # The emulator's CloudFormation passes these over. The day it does not, the check fails.
    check("lifecycle passed over", answer(lambda: s3.get_bucket_lifecycle_configuration(Bucket=bucket)) == 404)
    tells = s3.get_bucket_notification_configuration(Bucket=bucket).get("QueueConfigurations", [])
    check(f"notification reads back {tells}", any("s3:ObjectCreated:Put" in queue["Events"] for queue in tells))


def credentials_of(role):
    """What a function sees in its environment when it runs under that role."""
    functions, iam = client("lambda"), client("iam")
    arn = iam.get_role(RoleName=role)["Role"]["Arn"]
    code = "import os\ndef handler(event, context):\n    return {k: v for k, v in os.environ.items() if k.startswith('AWS_')}\n"
    functions.create_function(FunctionName="hands-out", Runtime="python3.11", Handler="h.handler", Role=arn,
                              Code={"ZipFile": package("h.py", code)})
    time.sleep(1)
    said = json.loads(functions.invoke(FunctionName="hands-out", Payload=b"{}")["Payload"].read())
    return {"aws_access_key_id": said["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": said["AWS_SECRET_ACCESS_KEY"],
            "aws_session_token": said["AWS_SESSION_TOKEN"]}


def answer(call):
    try:
        call()
        return 200
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"]


def put(signer, key, **more):
    url = signer.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": key, **more}, ExpiresIn=60)
    try:
        return urllib.request.urlopen(urllib.request.Request(url, b"x", method="PUT")).status
    except urllib.error.HTTPError as error:
        return error.code


def what_the_role_can(signer):
    inside, outside = "articles/1/raw/1.jpg", "other/1.jpg"
    check("a presigned PUT inside", put(signer, inside) == 200)
    check("a presigned PUT outside", put(signer, outside) == 403)
    check("a presigned PUT beside", put(signer, "articles/1.jpg") == 403)
    check("HEAD inside", answer(lambda: signer.head_object(Bucket=bucket, Key=inside)) == 200)
    absent = answer(lambda: signer.head_object(Bucket=bucket, Key="articles/1/raw/absent.jpg"))
    check(f"HEAD of what is absent is {absent}", absent == 404)
    check("HEAD outside", answer(lambda: signer.head_object(Bucket=bucket, Key=outside)) == 403)
    check("DELETE inside", answer(lambda: signer.delete_object(Bucket=bucket, Key=inside)) == 403)
    for what, call in [
        ("tags", lambda: signer.put_object_tagging(Bucket=bucket, Key=inside, Tagging={"TagSet": []})),
        ("the bucket's CORS", lambda: signer.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": []})),
        ("the bucket's policy", lambda: signer.delete_bucket_policy(Bucket=bucket)),
        ("another bucket", lambda: signer.put_object(Bucket="code", Key=inside, Body=b"x")),
        ("another bucket's list", lambda: signer.list_objects_v2(Bucket="code")),
    ]:
        check(what, answer(call) == 403)
    parts(signer, inside, outside)


def parts(signer, inside, outside):
    begun = signer.create_multipart_upload(Bucket=bucket, Key=inside)["UploadId"]
    part = signer.upload_part(Bucket=bucket, Key=inside, UploadId=begun, PartNumber=1, Body=b"x")
    check("parts listed", answer(lambda: signer.list_parts(Bucket=bucket, Key=inside, UploadId=begun)) == 200)
    whole = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    check("parts joined", answer(lambda: signer.complete_multipart_upload(
        Bucket=bucket, Key=inside, UploadId=begun, MultipartUpload=whole)) == 200)
    given_up = signer.create_multipart_upload(Bucket=bucket, Key=inside)["UploadId"]
    check("parts given up", answer(lambda: signer.abort_multipart_upload(Bucket=bucket, Key=inside, UploadId=given_up)) == 200)
    check("parts begun outside", answer(lambda: signer.create_multipart_upload(Bucket=bucket, Key=outside)) == 403)


def what_the_guard_stops(signer):
    """This is plain HTTP, so the guard for TLS stops it."""
    with open(guarded, encoding="utf-8") as file:
        client("s3").put_bucket_policy(Bucket=bucket, Policy=file.read())
    check("plain HTTP past the guard", put(signer, "articles/1/raw/2.jpg") == 403)
    client("s3").delete_bucket_policy(Bucket=bucket)
    check("plain HTTP without the guard", put(signer, "articles/1/raw/2.jpg") == 200)


made = put_up()
if not failures:
    read_back()
    keys = credentials_of(made["UploadRole"])
    what_the_role_can(client("s3", **keys))
    what_the_guard_stops(client("s3", **keys))
print(f"the stack has {len(made)} resources; {checks - len(failures)} of {checks} checks hold")
for failure in failures:
    print(f"not so: {failure}", file=sys.stderr)
sys.exit(1 if failures else 0)
