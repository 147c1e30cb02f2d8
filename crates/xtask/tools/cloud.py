"""usage: cloud.py ENDPOINT FUNCTION_ZIP CONSUMER_ZIP DELIVERER_ZIP UPSIGN ORIGIN WEBHOOK FOLDER: deploys the system, once for each
kind of API.

Creates a user pool with the users alice and bob. For each kind of API, deploys the template of `upsign documents sam`: a bucket, the
function behind the API's authorizer, the queue of its events with the consumer that inspects and confirms uploads, the queue of
webhooks with the function that delivers them to WEBHOOK, and the table in which uploads are counted.

What the emulator's CloudFormation ignores is set by API calls; see `emulator.Stacks`. Guards and alarms are left out, because the
emulator has neither TLS nor the metrics of the alarms. The bucket policy names the sessions of the functions, as which the emulator
knows them, in place of their roles. Prints one JSON object."""
import base64
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
import zipfile

import boto3

from emulator import Stacks, name_sessions

endpoint, function_zip, consumer_zip, deliverer_zip, upsign, origin, webhook, folder = sys.argv[1:9]
region, account, code, password = "us-east-1", "000000000000", "code", "Passw0rd!"
port = endpoint.rsplit(":", 1)[1]
stacks = Stacks(endpoint)
cognito, s3, functions, manager = (stacks.aws[name] for name in ("cognito-idp", "s3", "lambda", "secretsmanager"))


def secret(name, value):
    """Stores a secret in AWS Secrets Manager and returns its ARN."""
    return manager.create_secret(Name=name, SecretString=value)["ARN"]


def tokens_of(name):
    """Creates a user and signs them in."""
    cognito.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=password, Permanent=True)
    tokens = cognito.initiate_auth(ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={
        "USERNAME": name, "PASSWORD": password})["AuthenticationResult"]
    return {"access_token": tokens["AccessToken"], "id_token": tokens["IdToken"]}


pool = cognito.create_user_pool(PoolName="readers")["UserPool"]["Id"]
client = cognito.create_user_pool_client(
    UserPoolId=pool, ClientName="web", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])["UserPoolClient"]["ClientId"]
s3.create_bucket(Bucket=code)
token_secret = secret("uploads", secrets.token_urlsafe(32))
webhook_secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
webhook_arn = secret("webhooks", webhook_secret)

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
# The services that the functions call at the emulator.
SERVICES = ("S3", "SECRETS_MANAGER", "DYNAMODB")
PER_DAY = 20


def upload_code(packed, name, configuration):
    """Uploads the zip file of a function with its upsign.toml, and returns where it is."""
    path = os.path.join(folder, name)
    shutil.copy(packed, path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.write(configuration, "upsign.toml")
    s3.upload_file(path, code, name)
    return f"s3://{code}/{name}"


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
keys = ["secretsmanager:{token_secret}"]

[webhook]
url = "{webhook}"
secrets = ["secretsmanager:{webhook_arn}"]
outbox = "sqs"
queue_url = "https://sqs.{region}.amazonaws.com/{account}/webhooks-{api}"

[limit]
per_day = {PER_DAY}

[quota]
store = "dynamodb"
table = "uploads-{api}"
fail = "closed"

[auth]{AUTH[api]}
[cors]
origins = ["{origin}"]

[deployment]
api = "{api}"
reads = "presigned"
# The emulator ignores the range of a request for a version, and the inspection reads ranges.
versioned = false
code = "s3://{code}/{api}.zip"
consumer_code = "s3://{code}/consumer-{api}.zip"
deliverer_code = "s3://{code}/deliverer-{api}.zip"
""")
    for packed, name in ((function_zip, f"{api}.zip"), (consumer_zip, f"consumer-{api}.zip"), (deliverer_zip, f"deliverer-{api}.zip")):
        upload_code(packed, name, path)
    return path


def deploy(api):
    """Deploys the generated template and returns the physical ids of its resources."""
    sam = [upsign, "documents", "sam", "--config", write_configuration(api), "--guard", "none", "--unwatched", "--format", "json"]
    for service in SERVICES:
        sam += ["--variable", f"AWS_ENDPOINT_URL_{service}={endpoint}"]
    template = subprocess.run(sam, check=True, capture_output=True, text=True).stdout
    # CreateStack accepts at most 51,200 bytes; `sam deploy` uploads the template to a bucket instead.
    template = json.dumps(json.loads(template), separators=(",", ":"))
    _, resources = stacks.deploy(f"uploads-{api}", template, {"Architecture": "x86_64"})
    name_sessions(s3, resources["UploadsBucket"])
    return resources


def create_with_wrong_prefix(api, resources):
    """Creates a function with the role and the variables of the template, but with a wrong key prefix: S3 must refuse the URLs that it
    signs."""
    name, deployed = f"WrongPrefix-{api}", functions.get_function_configuration(FunctionName=resources["GetUploadUrlFunction"])
    variables = deployed["Environment"]["Variables"] | {"UPSIGN_PENDING_KEY": "elsewhere/{article_id}/{id:sealed}.{ext}"}
    functions.create_function(
        FunctionName=name, Runtime="provided.al2023", Handler="bootstrap", Architectures=["x86_64"], MemorySize=128, Timeout=10,
        Role=deployed["Role"], Code={"S3Bucket": code, "S3Key": f"{api}.zip"}, Environment={"Variables": variables})
    while functions.get_function(FunctionName=name)["Configuration"]["State"] != "Active":
        time.sleep(0.1)


system = {"pool": pool, "client": client, "webhook": webhook, "webhook_secret": webhook_secret, "per_day": PER_DAY,
          **tokens_of("alice"), "bob": tokens_of("bob")}
for api, stage in (("rest", "/prod"), ("http", "")):
    resources = deploy(api)
    create_with_wrong_prefix(api, resources)
    system[api] = f"http://{resources['UploadApi']}.execute-api.localhost:{port}{stage}"
print(json.dumps(system))
