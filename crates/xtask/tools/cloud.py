"""usage: cloud.py ENDPOINT FUNCTION_ZIP CONSUMER_ZIP UPSIGN ORIGIN FOLDER: deploys the system, once for each kind of API.

Creates a user pool with the user alice. For each kind of API, deploys the template of `upsign documents sam` (a bucket, the
function behind the API's authorizer, a queue of S3 events) and adds a consumer of the queue, which inspects and confirms uploads.

The emulator's CloudFormation ignores the gateway responses and answers to preflights of a REST API, and the CORS of an HTTP API.
They are added by API calls with the values of the template. Guards and alarms are left out, because the emulator has neither TLS
nor the metrics of the alarms, and the bucket policy is removed, because it does not know `aws:PrincipalArn`, by which the policy
recognizes the only reader of pending objects. Prints one JSON object."""
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
import zipfile

import boto3

endpoint, function_zip, consumer_zip, upsign, origin, folder = sys.argv[1:7]
secret = secrets.token_urlsafe(32)
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


def upload_code(packed, name, configuration):
    """Uploads the zip file of a function with its upsign.toml."""
    path = os.path.join(folder, name)
    shutil.copy(packed, path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.write(configuration, "upsign.toml")
    s3.upload_file(path, code, name)


def write_configuration(api):
    """Writes the upsign.toml from which the template is generated, and uploads the functions' zip files with it."""
    path = os.path.join(folder, f"{api}.toml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"""
[bucket]
name = "article-images-{api}"
region = "{region}"

[upload]
key = "articles/{{article_id}}/raw/{{id:sealed}}.{{ext}}"
pending_key = "pending/{{article_id}}/raw/{{id:sealed}}.{{ext}}"
confirm = true
inspect = "magic"
ids = ["article_id"]
types = ["image/jpeg", "image/png", "image/webp"]
max_size = "10 MiB"
bodyless = "allow"

[token]
keys = ["env:UPLOAD_TOKEN_SECRET"]

[auth]{AUTH[api]}
[cors]
origins = ["{origin}"]

[deployment]
api = "{api}"
# The emulator ignores the range of a request for a version, and the inspection reads ranges.
versioned = false
""")
    upload_code(function_zip, f"{api}.zip", path)
    upload_code(consumer_zip, f"consumer-{api}.zip", path)
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
    s3.delete_bucket_policy(Bucket=resources["UploadsBucket"])
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


def add_secret(resources):
    """Adds the secret of upload tokens to the variables of the API's function, and returns all. A template never contains it."""
    name = resources["GetUploadUrlFunction"]
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    variables["UPLOAD_TOKEN_SECRET"] = secret
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
    return variables


def add_consumer(api, resources, variables):
    """Creates the consumer function with the role and the variables of the API's function, and connects it to the queue."""
    queue, role = resources["UploadsQueue"], resources["UploadRole"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    iam.put_role_policy(RoleName=role, PolicyName="consumer", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], "Resource": arn}]}))
    name = f"consumer-{api}"
    create_function(name, f"arn:aws:iam::{account}:role/{role}", variables, S3Bucket=code, S3Key=f"{name}.zip")
    functions.create_event_source_mapping(EventSourceArn=arn, FunctionName=name, BatchSize=10,
                                          FunctionResponseTypes=["ReportBatchItemFailures"])


system = {"pool": pool, "client": client, "access_token": tokens["AccessToken"], "id_token": tokens["IdToken"]}
for api, stage in (("rest", "/prod"), ("http", "")):
    resources = deploy(api)
    add_consumer(api, resources, add_secret(resources))
    system[api] = f"http://{resources['UploadApi']}.execute-api.localhost:{port}{stage}"
    # The function with the role of the template, but with a wrong key prefix: S3 must refuse the URLs that it signs.
    create_function(f"WrongPrefix-{api}", f"arn:aws:iam::{account}:role/{resources['UploadRole']}", {
        "UPSIGN_ENDPOINT": endpoint, "UPSIGN_PENDING_KEY": "elsewhere/{article_id}/{id:sealed}.{ext}", "UPLOAD_TOKEN_SECRET": secret, "UPSIGN_UNKNOWN_EXPIRY": "assume",
        "UPSIGN_ASSUME_FOR": "1h"}, S3Bucket=code, S3Key=f"{api}.zip")
print(json.dumps(system))
