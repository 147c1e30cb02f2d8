"""Checks on the AWS emulator what follows an upload: events confirm it, webhooks tell of it, and it is counted."""
import json
import pathlib
import time
import uuid

import requests

from deployments_role import Role, session_client, status_of
from emulator import name_sessions

PHOTO = (pathlib.Path(__file__).parents[2] / "upsign-cli/assets/demo.jpg").read_bytes()
PAGE = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
# The uploads per day of the rows.
PER_DAY = 6
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
LEAST_VISIBILITY = 6


class AfterUpload:
    """The uploads of a `Deployment`, whose `check` counts the checks. `receiver` receives the webhooks."""

    def __init__(self, deployment, aws, endpoint, receiver):
        self.deployment, self.check, self.aws, self.endpoint, self.receiver = deployment, deployment.check, aws, endpoint, receiver
        self.bucket, self.ids, self.is_pending = deployment.bucket, deployment.ids, deployment.feature == "pending"

    def run(self):
        self.name_sessions()
        self.check_sources()
        self.check_gate(self.check_event())
        self.check_client()
        if self.is_pending:
            self.check_page()
            self.check_expiry()
        self.check_roles()
        self.check_quota()

    def name_sessions(self):
        policy, count = name_sessions(self.aws["s3"], self.bucket)
        self.check(count > 0 and "ArnNotLike" in policy, f"the policy names no role: {policy}")

    def check_gate(self, confirmed):
        """Checks that a role that may do everything with the bucket reads what is confirmed, and nothing else."""
        name = f"reader-{self.deployment.name}"
        trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
        may = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
        documents = [json.dumps({"Version": "2012-10-17", "Statement": [statement]}) for statement in (trust, may)]
        arn = self.aws["iam"].create_role(RoleName=name, AssumeRolePolicyDocument=documents[0])["Role"]["Arn"]
        self.aws["iam"].put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=documents[1])
        given = self.aws["sts"].assume_role(RoleArn=arn, RoleSessionName="reader")["Credentials"]
        reader = session_client("s3", self.endpoint, given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        here = {"Bucket": self.bucket}
        for key, tags, expected in [
                ("pending/1/raw/gate.jpg", "", 403 if self.is_pending else 200), ("articles/1/raw/gate.jpg", "", 200 if self.is_pending else 403),
                ("articles/1/raw/refused.jpg", "upsign=rejected", 200 if self.is_pending else 403)]:
            version = self.aws["s3"].put_object(**here, Key=key, Body=b"x", Tagging=tags).get("VersionId")
            version = {"VersionId": version} if version else {}
            for kind, of in (("newest", {}), ("named", version)):
                status = status_of(lambda key=key, of=of: reader.get_object(**here, Key=key, **of))
                self.check(status == expected, f"a reader gets {status} for the {kind} version of {key}")
            self.aws["s3"].delete_object(**here, Key=key, **version)
        status = status_of(lambda: reader.get_object(**here, Key=confirmed))
        self.check(status == 200, f"a reader gets {status} for a confirmed object")

    def check_sources(self):
        """Checks with which messages Lambda calls the functions, and how long they are hidden then."""
        for function, queue in [("ConfirmUploadsFunction", "UploadsQueue"), ("DeliverWebhooksFunction", "WebhookQueue")]:
            name = self.ids[function]
            sources = self.aws["lambda"].list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
            found = [(source["State"], source["FunctionResponseTypes"]) for source in sources]
            self.check(found == [("Enabled", ["ReportBatchItemFailures"])], f"{name} has the sources {found}")
            attributes = self.aws["sqs"].get_queue_attributes(QueueUrl=self.ids[queue], AttributeNames=["All"])["Attributes"]
            timeout = self.aws["lambda"].get_function_configuration(FunctionName=name)["Timeout"]
            hidden = int(attributes["VisibilityTimeout"])
            self.check(hidden >= LEAST_VISIBILITY * timeout, f"{queue} hides messages for {hidden} s, {name} takes {timeout} s")
            self.check("deadLetterTargetArn" in attributes["RedrivePolicy"], f"{queue} has no dead letters")
            self.check(attributes["QueueArn"] == sources[0]["EventSourceArn"], f"{name} takes the messages of another queue")

    def grant(self, content):
        described = {"contentType": "image/jpeg", "contentLength": len(content)}
        return self.deployment.send("POST", self.deployment.caller, described)

    def upload(self, content):
        """Uploads the content as a JPEG, and returns the grant."""
        answer = self.grant(content)
        if answer.status_code != 200:
            raise RuntimeError(f"no grant: {answer.status_code} {answer.text}")
        grant = answer.json()
        status = requests.put(grant["uploadUrl"], data=content, headers=grant["headers"], timeout=30).status_code
        self.check(status == 200, f"the upload is answered {status}")
        return grant

    def keys(self):
        found = self.aws["s3"].list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return [item["Key"] for item in found]

    def check_event(self):
        """An honest upload whose client goes away: the consumer confirms it, and the webhook tells of it. Returns its key."""
        key = self.upload(PHOTO)["key"]
        told = self.receiver.wait_for("upload.confirmed", key)
        self.check(told["data"]["size"] == len(PHOTO), f"the webhook is {told}")
        self.check_confirmed(key)
        return key

    def check_confirmed(self, key):
        stored = self.aws["s3"].get_object(Bucket=self.bucket, Key=key)
        self.check(stored["Body"].read() == PHOTO, "the confirmed object differs")
        if self.is_pending:
            self.check(f"pending/{key.removeprefix('articles/')}" not in self.keys(), f"the pending object of {key} remains")
        else:
            tags = self.aws["s3"].get_object_tagging(Bucket=self.bucket, Key=key, VersionId=stored["VersionId"])["TagSet"]
            self.check(tags == [{"Key": "upsign", "Value": "confirmed"}], f"the tags of {key} are {tags}")

    def call(self, name, **members):
        method = "DELETE" if name == "" else "POST"
        answer = self.deployment.send(method, self.deployment.caller, members, call=name)
        return answer.status_code, answer.json()

    def check_client(self):
        """Confirms by the API, while the consumer may do the same; then reads and deletes the object."""
        grant = self.upload(PHOTO)
        status, confirmed = self.call("confirm", uploadToken=grant["uploadToken"])
        for _ in range(50):
            if confirmed.get("state") != "pending":
                break
            time.sleep(0.1)
            status, confirmed = self.call("confirm", uploadToken=grant["uploadToken"])
        self.check((status, confirmed.get("state")) == (200, "confirmed"), f"confirming is answered {status} {confirmed}")
        self.check_confirmed(grant["key"])
        status, read = self.call("read-url", receipt=confirmed["receipt"])
        self.check(status == 200, f"a URL to read is answered {status} {read}")
        answer = requests.get(read["readUrl"], headers=read.get("headers", {}), timeout=30)
        self.check(answer.status_code == 200 and answer.content == PHOTO, f"reading is answered {answer.status_code}")
        status, deleted = self.call("", receipt=confirmed["receipt"])
        self.check(status == 200 and grant["key"] not in self.keys(), f"deleting is answered {status} {deleted}")

    def check_page(self):
        """A page with the type of an image: the consumer rejects it, and it is never at its final key."""
        key = self.upload(PAGE)["key"]
        told = self.receiver.wait_for("upload.rejected", key)
        self.check(told["data"]["reason"] == "type-mismatch", f"the webhook is {told}")
        self.check(key not in self.keys(), f"{key} is readable")

    def check_expiry(self):
        """The event with which S3 tells that a lifecycle rule has removed an object, which the emulator does not do."""
        key = f"{uuid.uuid4()}/raw/{uuid.uuid4()}.jpg"
        record = {"eventVersion": "2.3", "eventSource": "aws:s3", "awsRegion": "us-east-1", "eventTime": "2026-11-27T00:00:00.000Z",
                  "eventName": "LifecycleExpiration:Delete", "s3": {"s3SchemaVersion": "1.0", "bucket": {"name": self.bucket},
                                                                      "object": {"key": f"pending/{key}", "sequencer": "00"}}}
        self.aws["sqs"].send_message(QueueUrl=self.ids["UploadsQueue"], MessageBody=json.dumps({"Records": [record]}))
        self.receiver.wait_for("upload.expired", f"articles/{key}")

    def check_roles(self):
        """Checks that each function may do its part, and nothing else."""
        consumer = Role(self.deployment, self.aws, self.endpoint, "ConfirmUploadsFunction")
        final, pending = "articles/1/raw/role.jpg", "pending/1/raw/role.jpg"
        for key in (final, pending, "other/1.jpg"):
            self.aws["s3"].put_object(Bucket=self.bucket, Key=key, Body=b"x")
        here = {"Bucket": self.bucket}
        first = pending if self.is_pending else final
        tagging = {"TagSet": [{"Key": "upsign", "Value": "confirmed"}]}
        version = self.aws["s3"].head_object(**here, Key=final).get("VersionId")
        consumer.check_calls(
            (200, f"of the consumer reads {first}", lambda: consumer.signer.head_object(**here, Key=first)),
            (403, "of the consumer reads another object", lambda: consumer.signer.head_object(**here, Key="other/1.jpg")),
            (403, "of the consumer uploads as clients do", lambda: consumer.signer.put_object(**here, Key=first, Body=b"x")),
            (200 if self.is_pending else 403, f"of the consumer writes {final}",
             lambda: consumer.signer.put_object(**here, Key=final, Body=b"x")),
            (200 if self.is_pending else 403, f"of the consumer deletes {first}",
             lambda: consumer.signer.delete_object(**here, Key=first)),
            (403, "of the consumer deletes the policy", lambda: consumer.signer.delete_bucket_policy(**here)),
        )
        if not self.is_pending:
            consumer.check_calls((200, "of the consumer tags a version", lambda: consumer.signer.put_object_tagging(
                **here, Key=final, VersionId=version, Tagging=tagging)))
        deliverer = Role(self.deployment, self.aws, self.endpoint, "DeliverWebhooksFunction")
        secrets, system = deliverer.client("secretsmanager"), self.deployment.system
        for arn, expected in [(system["webhook secret"], True), (system["secret"], False)]:
            status = status_of(lambda arn=arn: secrets.get_secret_value(SecretId=arn))
            self.check((status == 200) == expected, f"the role of the deliverer reads the secret {arn}: {status}")
        deliverer.check_calls(
            (403, "of the deliverer reads an object", lambda: deliverer.signer.head_object(**here, Key=final)),
            (403, "of the deliverer uploads", lambda: deliverer.signer.put_object(**here, Key=final, Body=b"x")),
        )

    def check_quota(self):
        """Checks that uploads are counted in the table of the stack, and refused above the limit."""
        table = self.ids["UploadsQuota"]
        ttl = self.aws["dynamodb"].describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        self.check(ttl["TimeToLiveStatus"] == "ENABLED" and ttl["AttributeName"] == "expires", f"the time to live is {ttl}")
        self.check(self.aws["dynamodb"].scan(TableName=table)["Count"] > 0, "nothing is counted")
        answers = [self.grant(PHOTO) for _ in range(PER_DAY + 1)]
        last = answers[-1]
        self.check(answers[0].status_code == 200, f"the first of the last uploads is answered {answers[0].text}")
        self.check(last.status_code == 429 and last.json()["code"] == "quota-exceeded",
                   f"an upload above the limit is answered {last.status_code} {last.text}")
