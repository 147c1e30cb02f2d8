"""usage: cloud.py ENDPOINT FUNCTION_ZIP WORKER_ZIP UPSIGN ORIGIN FOLDER: deploys the system, once for each kind of API.

Creates a user pool with the user alice. For each kind of API, deploys the template of `upsign documents sam` (a bucket, the
function behind the API's authorizer, a queue of S3 events) and adds a worker of the queue.

The emulator's CloudFormation ignores the gateway responses and answers to preflights of a REST API, and the CORS of an HTTP API.
They are added by API calls with the values of the template. Bucket policy and alarms are left out, because the emulator has
neither TLS nor the metrics of the alarms. Prints one JSON object."""
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile

import boto3

endpoint, function_zip, worker_zip, upsign, origin, folder = sys.argv[1:7]
region, account, code = "us-east-1", "000000000000", "code"
port = endpoint.rsplit(":", 1)[1]
cognito, s3, iam, functions, cloudformation, sqs, http, rest = (
    boto3.client(name, endpoint_url=endpoint, region_name=region)
    for name in ("cognito-idp", "s3", "iam", "lambda", "cloudformation", "sqs", "apigatewayv2", "apigateway"))


def create_function(name, role, variables, **code):
    """Creates a Lambda function and waits until it is active."""
    functions.create_function(
        FunctionName=name, Runtime="provided.al2023", Handler="bootstrap", Architectures=["x86_64"], MemorySize=128,
        Timeout=10, Role=role, Code=code, Environment={"Variables": variables})
    while functions.get_function(FunctionName=name)["Configuration"]["State"] != "Active":
        time.sleep(0.1)


# The user pool and a user.
pool = cognito.create_user_pool(PoolName="readers")["UserPool"]["Id"]
client = cognito.create_user_pool_client(
    UserPoolId=pool, ClientName="web", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])["UserPoolClient"]["ClientId"]
cognito.admin_create_user(UserPoolId=pool, Username="alice", MessageAction="SUPPRESS")
cognito.admin_set_user_password(UserPoolId=pool, Username="alice", Password="Passw0rd!", Permanent=True)
tokens = cognito.initiate_auth(ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={
    "USERNAME": "alice", "PASSWORD": "Passw0rd!"})["AuthenticationResult"]
s3.create_bucket(Bucket=code)


# The tokens that the authorizer of each kind of API lets through. An authorizer of an HTTP API accepts one issuer only, and a user
# pool has two names.
AUTH = {
    "rest": f"""
user_pool = "{pool}"
client_ids = ["{client}"]
token_use = "id"
""",
    "http": f"""
issuer = "https://cognito-idp.{region}.amazonaws.com/{pool}"
jwks_uri = "https://cognito-idp.{region}.amazonaws.com/{pool}/.well-known/jwks.json"
client_ids = ["{client}"]
token_use = "access"
""",
}


def write_configuration(api):
    """Writes the upsign.toml from which the template is generated, and uploads the function's zip file with it."""
    path = os.path.join(folder, f"{api}.toml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"""
[bucket]
name = "article-images-{api}"
region = "{region}"

[upload]
key = "articles/{{article_id}}/raw/{{id}}.{{ext}}"
ids = ["article_id"]
types = ["image/jpeg", "image/png", "image/webp"]
max_size = "10 MiB"
bodyless = "allow"

[auth]{AUTH[api]}
[cors]
origins = ["{origin}"]

[deployment]
api = "{api}"
""")
    packed = os.path.join(folder, f"{api}.zip")
    shutil.copy(function_zip, packed)
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, "upsign.toml")
    s3.upload_file(packed, code, f"{api}.zip")
    return path


def deploy(api):
    """Deploys the generated template and returns the physical ids of its resources.

    Guards and alarms are left out: the emulator has no TLS and no alarms over several metrics."""
    sam = [upsign, "documents", "sam", "--config", write_configuration(api), "--code", f"s3://{code}/{api}.zip",
           "--guard", "none", "--unwatched", "--variable", f"AWS_ENDPOINT_URL_S3={endpoint}", "--format", "json"]
    template = subprocess.run(sam, check=True, capture_output=True, text=True).stdout
    stack = f"uploads-{api}"
    cloudformation.create_stack(
        StackName=stack, TemplateBody=template, Parameters=[{"ParameterKey": "Architecture", "ParameterValue": "x86_64"}],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"])
    for _ in range(300):
        found = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        if not found["StackStatus"].endswith("IN_PROGRESS"):
            break
        time.sleep(0.1)
    resources = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    if found["StackStatus"] != "CREATE_COMPLETE":
        sys.exit(f"{stack}: {found['StackStatus']} {found.get('StackStatusReason')} {resources}")
    resources = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}
    complete = {"rest": complete_rest, "http": complete_http}[api]
    complete(json.loads(template)["Resources"], resources)
    return resources


def complete_rest(template, resources):
    """Adds the template's gateway responses and answers to preflights to the REST API, which the emulator creates without them."""
    api = resources["UploadApi"]
    if any(not response.get("defaultResponse", True) for response in rest.get_gateway_responses(restApiId=api)["items"]):
        sys.exit("the emulator supports gateway responses now: remove complete_rest")
    body = template["UploadApi"]["Properties"]["DefinitionBody"]
    for kind, response in body["x-amazon-apigateway-gateway-responses"].items():
        rest.put_gateway_response(restApiId=api, responseType=kind, responseParameters=response["responseParameters"])
    answer = body["paths"]["/upload-url"]["options"]["x-amazon-apigateway-integration"]["responses"]["default"]
    resource = next(item["id"] for item in rest.get_resources(restApiId=api)["items"] if item["path"] == "/upload-url")
    rest.put_integration_response(restApiId=api, resourceId=resource, httpMethod="OPTIONS", statusCode=answer["statusCode"],
                                  responseParameters=answer["responseParameters"])
    rest.create_deployment(restApiId=api, stageName="prod")


def complete_http(template, resources):
    """Adds the template's CORS to the HTTP API, which the emulator creates without it."""
    api = resources["UploadApi"]
    if http.get_api(ApiId=api).get("CorsConfiguration"):
        sys.exit("the emulator supports the CORS configuration of an HTTP API now: remove complete_http")
    http.update_api(ApiId=api, CorsConfiguration=template["UploadApi"]["Properties"]["CorsConfiguration"])


def add_worker(api, resources):
    """Creates the worker function, and connects it to the queue."""
    bucket, queue = f"article-images-{api}", resources["UploadsQueue"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    name = f"worker-{api}"
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/articles/*"},
        {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/index/*"},
        {"Effect": "Allow", "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], "Resource": arn}]}))
    with open(worker_zip, "rb") as file:
        create_function(name, f"arn:aws:iam::{account}:role/{name}", {"AWS_ENDPOINT_URL_S3": endpoint}, ZipFile=file.read())
    functions.create_event_source_mapping(EventSourceArn=arn, FunctionName=name, BatchSize=10,
                                          FunctionResponseTypes=["ReportBatchItemFailures"])


system = {"pool": pool, "client": client, "access_token": tokens["AccessToken"], "id_token": tokens["IdToken"]}
for api, stage in (("rest", "/prod"), ("http", "")):
    resources = deploy(api)
    add_worker(api, resources)
    system[api] = f"http://{resources['UploadApi']}.execute-api.localhost:{port}{stage}"
    # The function with the role of the template, but with a wrong key prefix: S3 must refuse the URLs that it signs.
    create_function(f"WrongPrefix-{api}", f"arn:aws:iam::{account}:role/{resources['UploadRole']}", {
        "UPSIGN_ENDPOINT": endpoint, "UPSIGN_KEY": "elsewhere/{article_id}/{id}.{ext}", "UPSIGN_UNKNOWN_EXPIRY": "assume",
        "UPSIGN_ASSUME_FOR": "1h"}, S3Bucket=code, S3Key=f"{api}.zip")
print(json.dumps(system))
