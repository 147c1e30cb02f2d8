"""usage: deployments_run.py ENDPOINT ZIPS UPSIGN FOLDER: deploys each row of `deployments.py` on an AWS emulator.

ZIPS is the folder with the zip files of the functions: bootstrap.zip, consumer.zip and deliverer.zip.

For each: generates the SAM template from an upsign.toml and deploys it, signs a caller in, requests an upload through the deployed API,
sends the file with exactly the headers of the grant, and reads it back. Another key, another header, another origin and another token
must be refused. Exits with 1 if anything differs.
"""
import base64
import collections
import hashlib
import json
import os
import pathlib
import re
import secrets
import shutil
import subprocess
import sys
import time
import traceback
import urllib.parse
import zipfile
from concurrent.futures import ThreadPoolExecutor

import boto3
import requests

import deployments
from deployments_callers import Nobody, identities
from deployments_confirmed import AfterUpload
from deployments_multipart import Uploads, check_secrets
from deployments_role import Role
from emulator import Stacks
from upsign_toml import render
from whole_receiver import Receiver

THREADS = 3
# What the table has to contain, so that it cannot lose its rows unnoticed.
LEAST_ROWS, APIS = 50, {"rest", "http", "url", "alb"}
IDENTITIES = {"header", "lambda", "iam"}
ORIGIN, OTHER_ORIGIN = "https://app.example.com", "https://evil.example.com"
FILE = b"\xff\xd8\xff" + b"x" * 4093
# Header of a grant: the member of the answer of GetObject with which the value is read back.
STORED = {"content-type": "ContentType", "cache-control": "CacheControl", "content-disposition": "ContentDisposition",
          "x-amz-server-side-encryption": "ServerSideEncryption", "x-amz-storage-class": "StorageClass",
          "x-amz-server-side-encryption-aws-kms-key-id": "SSEKMSKeyId"}

endpoint, zips, upsign, folder = sys.argv[1:5]
zips, folder = pathlib.Path(zips), pathlib.Path(folder)
port = endpoint.rsplit(":", 1)[1]
os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
stacks = Stacks(endpoint)
aws = stacks.aws


def listener(name):
    """Creates a load balancer, and returns its host and the ARN of its listener. Each stack has its own, because they all have the
    same path and the same priority of the rule."""
    subnets = [subnet["SubnetId"] for subnet in aws["ec2"].describe_subnets()["Subnets"]][:2]
    balancer = aws["elbv2"].create_load_balancer(Name=name, Subnets=subnets)["LoadBalancers"][0]
    created = aws["elbv2"].create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[
        {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}])["Listeners"][0]
    return balancer["DNSName"], created["ListenerArn"]


class Deployment:
    """One row. `problems` lists what differs."""

    def __init__(self, system, name, feature, api, identity):
        self.system, self.name, self.feature, self.api, self.problems, self.checks = system, name, feature, api, [], 0
        self.changes, self.told, _ = deployments.FEATURES[feature]
        self.identity = system["identities"].get((identity, api)) or system["identities"][identity]
        self.caller, self.is_anonymous = self.identity.caller, (api, identity) in deployments.NOT_PASSED_ON
        self.is_confirmed = "upload.confirm" in self.changes
        self.bucket, self.folder = f"uploads-{name}", folder / name

    def check(self, holds, description):
        self.checks += 1
        if not holds:
            self.problems.append(f"{self.name}: {description}")

    def run(self):
        try:
            self.deploy()
            if self.is_anonymous:
                self.check_signature()
                return self
            self.check_api()
            if self.is_confirmed:
                AfterUpload(self, aws, endpoint, self.system["receiver"]).run()
                self.check_settings()
                return self
            self.check_upload(f"articles/{self.identity.folder}")
            if "route.avatars.key" in self.changes:
                bucket = self.changes.get("route.avatars.bucket", "BUCKET").replace("BUCKET", self.bucket)
                self.check_upload("avatars/", route="avatars", contentType="image/webp", bucket=bucket)
            self.check_notification()
            if self.feature == "multipart":
                Uploads(self, aws, (ORIGIN, OTHER_ORIGIN)).run()
            self.check_settings()
            self.check_role()
        except Exception:
            self.problems.append(f"{self.name}: {traceback.format_exc(limit=-3)}")
        return self

    def configuration(self):
        known = {"BUCKET": self.bucket, "KMS_KEY": self.system["key"], "SECRET": self.system["secret"], "NAME": self.name,
                 "WEBHOOK_KEY": self.system["webhook secret"], "RECEIVER": self.system["receiver"].url}
        changed = {}
        for key, value in self.changes.items():
            text = json.dumps(value)
            for name, replacement in known.items():
                text = text.replace(name, replacement)
            changed[key] = json.loads(text)
        listener_arn = {}
        if self.api == "alb":
            # The name of a load balancer has at most 32 characters.
            self.host, listener_arn["deployment.listener_arn"] = listener(self.name[:32].rstrip("-"))
        return render({
            "bucket.name": self.bucket, "deployment.api": self.api, "deployment.monitoring": False, "deployment.guards": [],
            "deployment.account": "000000000000",
            "deployment.code": f"s3://code/{self.name}.zip", **listener_arn, **changed,
            "deployment.variables": {f"AWS_ENDPOINT_URL_{name}": endpoint for name in ("S3", "SECRETS_MANAGER", "DYNAMODB")},
        }, self.identity.changes)

    def generate(self, *arguments):
        """Returns the output of `upsign documents`."""
        generated = subprocess.run([upsign, "documents", *arguments], cwd=self.folder, capture_output=True, text=True, check=False)
        if generated.returncode:
            raise RuntimeError(generated.stderr)
        return generated.stdout

    def deploy(self):
        self.folder.mkdir(parents=True)
        config = self.folder / "upsign.toml"
        config.write_text(self.configuration(), encoding="utf-8")
        self.template = json.loads(self.generate("sam", "--format", "json"))
        for name in deployments.REFUSED_RESOURCES:
            self.template["Resources"].pop(name, None)
        template = json.dumps(self.template)
        (self.folder / "template.json").write_text(template, encoding="utf-8")
        self.upload_code("bootstrap", "")
        if self.is_confirmed:
            self.upload_code("consumer", "-consumer")
            self.upload_code("deliverer", "-deliverer")
        self.outputs, self.ids = stacks.deploy(self.name, template, {"Architecture": "x86_64", **self.identity.parameters})

    def upload_code(self, program, suffix):
        """Uploads the zip file of a function with its upsign.toml."""
        name = f"{self.name}{suffix}.zip"
        packed = shutil.copy(zips / f"{program}.zip", self.folder / name)
        with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.write(self.folder / "upsign.toml", "upsign.toml")
        aws["s3"].upload_file(str(packed), "code", name)

    def send(self, method, caller=Nobody(), body=None, call=None, **headers):
        """Sends a request to the deployed API, at the address of the stack's output, to the emulator. `call` is one of those that
        continue a multipart upload."""
        url = self.url(call)
        parts = urllib.parse.urlsplit(url)
        host = re.sub(r"\.execute-api\..*", f".execute-api.localhost:{port}", parts.netloc)
        headers = {"Host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
        data = None if body is None else json.dumps(body)
        headers.update(caller.headers(method, f"http://{host}{parts.path}", data))
        if body is not None:
            headers["Content-Type"] = "application/json"
        return requests.request(method, f"{endpoint}{parts.path}", headers=headers, timeout=30, data=data)

    def url(self, call):
        """Returns the URL of the API. The host of a load balancer is not known to the stack."""
        if call is None:
            return self.outputs.get("UploadUrl") or f"http://{self.host}{self.outputs['UploadPath']}"
        base = self.outputs.get("UploadsUrl") or f"http://{self.host}{self.outputs['UploadPath'].replace('/upload-url', '/uploads')}"
        return f"{base}/{call}" if call else base

    def description(self, **changed):
        """Returns the description of the file that a client sends, or None for a client that sends none."""
        if self.changes.get("upload.bodyless") == "allow":
            return None
        described = {"contentType": "image/jpeg", "contentLength": len(FILE)}
        if "upload.checksums" in self.changes:
            described["checksum"] = {"sha256": base64.b64encode(hashlib.sha256(FILE).digest()).decode()}
        return {**described, **changed}

    def check_signature(self):
        """Checks that requests without a signature do not reach the function, preflights included, and others do."""
        described = {"contentType": "image/jpeg", "contentLength": len(FILE)}
        refused = [self.send("POST", caller, described) for caller in [Nobody(), *self.caller.altered()]]
        refused.append(self.send("OPTIONS", Origin=ORIGIN, Access_Control_Request_Method="POST"))
        for number, answer in enumerate(refused):
            self.check(answer.status_code == 403 and "problem" not in answer.headers["Content-Type"],
                       f"request {number} without a signature: {answer.status_code} {answer.text}")
        answer = self.send("POST", self.caller, described)
        self.check(answer.status_code == 401 and answer.json()["code"] == "unauthorized",
                   f"a signed request: {answer.status_code} {answer.text}")

    def check_api(self):
        described = {"contentType": "image/jpeg", "contentLength": len(FILE)}
        for number, caller in enumerate([Nobody(), *self.caller.altered(), *self.identity.refused]):
            status = self.send("POST", caller, described).status_code
            self.check(status in (401, 403), f"refused caller {number}: {status}")
        for changed in ({"contentType": "text/html"}, {"contentLength": 11 << 20}, {"route": "other"}):
            answer = self.send("POST", self.caller, {**described, **changed})
            self.check(answer.status_code in (400, 403, 404, 413, 415), f"refused description {changed}: {answer.status_code}")
        header = self.caller.header.lower()
        for origin in (ORIGIN, OTHER_ORIGIN):
            answer = self.send("OPTIONS", Origin=origin, Access_Control_Request_Method="POST",
                               Access_Control_Request_Headers=f"{header},content-type")
            allowed = answer.headers.get("Access-Control-Allow-Origin")
            if allowed in (origin, "*"):
                names = answer.headers["Access-Control-Allow-Headers"].lower()
                self.check(header in names, f"the preflight of the API allows {names}")
            # A browser ignores an answer that allows another origin than its page's.
            self.check((allowed in (origin, "*")) == (origin == ORIGIN),
                       f"preflight of the API from {origin}: {answer.status_code} {allowed}")

    def check_upload(self, prefix, bucket=None, **changed):
        """Uploads the file as the grant says, reads it back, and checks what S3 refuses."""
        described = self.description(**changed)
        answer = self.send("POST", self.caller, described)
        if answer.status_code != 200:
            raise RuntimeError(f"no grant: {answer.status_code} {answer.text} {answer.headers}")
        grant, bucket = answer.json(), bucket or self.bucket
        self.check(grant["key"].startswith(prefix), f"the key is {grant['key']}")
        self.bad_uploads(grant)
        status = self.upload(grant)
        self.check(status in (200, 201, 204), f"the upload is answered {status}")
        if "if-none-match" in grant.get("headers", {}):
            self.check(self.upload(grant) == 412, "the same grant cannot be used twice")
        told = {name.lower(): value for name, value in (grant.get("headers") or dict(grant.get("fields", {}))).items()}
        for name in self.told if prefix == "articles/" else []:
            self.check(name in told, f"the grant states {name}: {told}")
        self.read_back(bucket, grant["key"], told)
        self.preflights(grant)
        self.last = (bucket, grant["key"])

    def upload(self, grant, key=None, dropped=None, **replaced):
        """Sends the file and returns the status. The address is the emulator's in every grant."""
        if grant["method"] == "POST":
            fields = {name: value for name, value in grant["fields"].items() if name.lower() != dropped}
            fields.update({name: value for name, value in replaced.items() if name in fields})
            if key:
                fields["key"] = key
            return requests.post(grant["uploadUrl"], data=fields, files={"file": ("file", FILE)}, timeout=30).status_code
        url = grant["uploadUrl"].replace(grant["key"], key) if key else grant["uploadUrl"]
        headers = {name: value for name, value in grant["headers"].items() if name.lower() != dropped}
        return requests.put(url, data=FILE, headers={**headers, **replaced}, timeout=30).status_code

    def bad_uploads(self, grant):
        folder_of_key, name = grant["key"].rsplit("/", 1)
        header = "Content-Type" if grant["method"] == "POST" else "content-type"
        uploads = {"another key": {"key": f"{folder_of_key}/other-{name}"}, "another type": {header: "text/html"},
                   "a key outside of the prefix": {"key": f"elsewhere/{name}"}}
        for told in grant.get("headers") or {}:
            if told.lower() != "content-type":
                uploads[f"no {told}"] = {"dropped": told.lower()}
        for description, changed in uploads.items():
            status = self.upload(grant, **changed)
            self.check(status in (400, 403), f"{description}: {status}")

    def read_back(self, bucket, key, told):
        s3 = aws["s3"]
        stored = s3.get_object(Bucket=bucket, Key=key)
        self.check(stored["Body"].read() == FILE, "the stored bytes differ")
        for name, value in told.items():
            if name in STORED:
                self.check(stored.get(STORED[name]) == value, f"{name}: {value} reads back {stored.get(STORED[name])}")
            elif name.startswith("x-amz-meta-"):
                self.check(stored["Metadata"].get(name.removeprefix("x-amz-meta-")) == value, f"{name} is not stored")
        if "x-amz-tagging" in told:
            tags = {tag["Key"]: tag["Value"] for tag in s3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]}
            self.check(tags == dict(urllib.parse.parse_qsl(told["x-amz-tagging"])), f"the tags are {tags}")
        anonymous = requests.get(f"{endpoint}/{bucket}/{key}", timeout=30).status_code
        public = told.get("x-amz-acl") == "public-read"
        self.check((anonymous == 200) == public, f"an anonymous reader gets {anonymous}")

    def preflights(self, grant):
        headers = ",".join(grant.get("headers") or {})
        for origin, asked, allowed in [(ORIGIN, headers, True), (OTHER_ORIGIN, headers, False), (ORIGIN, "x-amz-meta-evil", False)]:
            answer = requests.options(grant["uploadUrl"], timeout=30, headers={
                "Origin": origin, "Access-Control-Request-Method": grant["method"], "Access-Control-Request-Headers": asked})
            passes = answer.status_code < 300 and answer.headers.get("Access-Control-Allow-Origin") in (origin, "*")
            self.check(passes == allowed, f"preflight of the upload from {origin} with {asked}: {answer.status_code} {passes}")

    def check_notification(self):
        """Checks that the queue has received the event of the upload, if there is a queue."""
        queue = self.outputs.get("QueueUrl")
        expected = self.changes.get("deployment.notify", "queue") == "queue"
        self.check(bool(queue) == expected, f"the queue is {queue}")
        for _ in range(50 if queue else 0):
            messages = aws["sqs"].receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
            if any(self.last[1].rsplit("/", 1)[1] in message["Body"] for message in messages):
                return
            time.sleep(0.1)
        self.check(not queue, "the queue did not receive the event")

    def check_role(self):
        """Checks what the function's role may do with objects, as far as the feature is about it."""
        reads = self.changes.get("deployment.reads")
        if self.feature == "multipart":
            check_secrets(self, Role(self, aws, endpoint), {self.system["secret"]: True, self.system["other secret"]: False})
        elif reads is not None or self.feature == "role":
            role = Role(self, aws, endpoint)
            role.check_reads(*self.last, reads)
            if self.feature == "role":
                role.check_writes()
                role.check_multipart()
                role.check_guard()

    def check_settings(self):
        """Compares the versioning and the public access of the bucket with the template."""
        wanted = self.template["Resources"]["UploadsBucket"]["Properties"]
        versioning = aws["s3"].get_bucket_versioning(Bucket=self.bucket).get("Status")
        self.check(versioning == wanted.get("VersioningConfiguration", {}).get("Status"), f"versioning is {versioning}")
        access = aws["s3"].get_public_access_block(Bucket=self.bucket)["PublicAccessBlockConfiguration"]
        self.check(access == wanted["PublicAccessBlockConfiguration"], f"the public access block is {access}")


def create_secret(name, value=None):
    """Creates a secret with this value or a random one, and returns its ARN."""
    return aws["secretsmanager"].create_secret(Name=name, SecretString=value or secrets.token_urlsafe(32))["ARN"]


def main():
    aws["s3"].create_bucket(Bucket="code")
    webhook_key = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    system = {"identities": identities(aws, endpoint), "key": aws["kms"].create_key()["KeyMetadata"]["Arn"],
              "secret": create_secret("upsign/uploads"), "other secret": create_secret("other"), "receiver": Receiver(webhook_key),
              "webhook secret": create_secret("upsign/webhooks", webhook_key)}
    started, rows = time.monotonic(), list(deployments.rows())
    with ThreadPoolExecutor(THREADS) as threads:
        done = list(threads.map(lambda row: Deployment(system, *row).run(), rows))
    problems = [problem for deployment in done for problem in deployment.problems]
    kinds = collections.Counter(deployment.api for deployment in done if deployment.checks)
    if sum(kinds.values()) < LEAST_ROWS or kinds.keys() != APIS:
        problems.append(f"rows that were checked: {dict(kinds)}; expected at least {LEAST_ROWS}, of each of {sorted(APIS)}")
    in_parts = {deployment.api for deployment in done if deployment.feature == "multipart" and deployment.checks}
    if in_parts != APIS:
        problems.append(f"there are no rows of multipart uploads through {sorted(APIS - in_parts)}")
    confirmed = {deployment.api for deployment in done if deployment.is_confirmed and deployment.checks}
    if confirmed != APIS:
        problems.append(f"there are no rows of confirmed uploads through {sorted(APIS - confirmed)}")
    missing = IDENTITIES - {identity for _, _, _, identity in rows}
    if missing:
        problems.append(f"there are no rows of callers with {sorted(missing)}")
    print(f"{len(done)} deployments, {sum(deployment.checks for deployment in done)} checks, {time.monotonic() - started:.0f} s")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


sys.exit(main())
