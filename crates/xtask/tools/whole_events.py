"""usage: whole_events.py ENDPOINT UPSIGN ORIGIN FOLDER PHOTO NODE SCRIPT < output of pool.py: the life of uploads that no client confirms.

A page uploads an honest photo and a page of HTML that is called a photo, and does nothing more. The bucket notifies a queue, which
`upsign serve` reads: it inspects both, moves the photo to its key, and leaves the other. The webhooks go through a second queue, which
the server delivers too. A third object expires. The server has the permissions of the generated policy and no others. Everything is
checked at the store, at the receiver, with the URL to read, and at the queues."""
import base64
import json
import os
import pathlib
import secrets
import signal
import subprocess
import sys
import time
import urllib.parse

import boto3
import requests

from upsign_toml import render
from whole_receiver import Receiver

endpoint, upsign, origin, folder, photo, node, script = sys.argv[1:8]
folder, photo = pathlib.Path(folder), pathlib.Path(photo)
pool = json.load(sys.stdin)
BUCKET, PAGE = "event-images-bucket", b"<!DOCTYPE html><html><body><script>alert(document.domain)</script></body></html>"
ACCOUNT, REGION = "000000000000", "us-east-1"
s3, sqs, iam = (boto3.client(name, endpoint_url=endpoint, region_name=REGION) for name in ("s3", "sqs", "iam"))
secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
receiver = Receiver(secret)
environment = {**os.environ, "UPSIGN_TOKEN_SECRET": secrets.token_hex(32), "UPSIGN_WEBHOOK_SECRET": secret}


def check(holds, description):
    if not holds:
        sys.exit(f"failed: {description}")
    print(f"   {description}")


def wait_for(holds, description):
    for _ in range(200):
        if holds():
            break
        time.sleep(0.1)
    check(holds(), description)


def stored(prefix):
    return {item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])}


def create_queue(name):
    """Returns the URL of a new queue at the emulator."""
    stated = sqs.create_queue(QueueName=name)["QueueUrl"]
    return endpoint + urllib.parse.urlsplit(stated).path


def messages_in(url):
    """Returns the numbers of visible messages, and of those that were received and are hidden."""
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return int(found["ApproximateNumberOfMessages"]), int(found["ApproximateNumberOfMessagesNotVisible"])


EVENTS, WEBHOOKS = create_queue("uploads"), create_queue("webhooks")
CONFIG = {
    "bucket.endpoint": endpoint, "bucket.name": BUCKET,
    "bucket.can": {"copy_if_none_match": True, "copy_source_if_match": True},
    "upload.key": "articles/{sub}/{id}.{ext}", "upload.pending_key": "pending/{sub}/{id}.{ext}", "upload.ids": None,
    "upload.types": ["image/jpeg"], "upload.confirm": True, "upload.inspect": "magic", "upload.claim": True,
    "token.keys": ["env:UPSIGN_TOKEN_SECRET"],
    "auth.user_pool": None, "auth.issuer": pool["issuer"], "auth.danger_http_keys": True, "auth.token_use": "access",
    "auth.jwks_uri": f"{endpoint}/{pool['pool']}/.well-known/jwks.json", "auth.client_ids": [pool["client"]],
    "cors.origins": [origin], "deployment.reads": "presigned",
    "webhook.url": receiver.url, "webhook.secrets": ["env:UPSIGN_WEBHOOK_SECRET"], "webhook.outbox": "sqs",
    "webhook.queue_url": WEBHOOKS, "webhook.deliver": True, "events.queue_url": EVENTS,
}
# The same system with the URLs that it has in AWS, from which the documents follow.
IN_AWS = {
    "bucket.endpoint": None, "bucket.can": None, "deployment.notify": "queue", "deployment.versioned": False,
    "deployment.account": ACCOUNT, "deployment.queue_arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:uploads",
    "webhook.queue_url": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/webhooks",
    "events.queue_url": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/uploads",
}
(folder / "upsign.toml").write_text(render(CONFIG))
(folder / "aws.toml").write_text(render(CONFIG, IN_AWS))
page = folder / "page.jpg"
page.write_bytes(PAGE)


def document(*arguments):
    done = subprocess.run([upsign, "documents", *arguments, "--config", "aws.toml"], cwd=folder, capture_output=True, text=True)
    check(done.returncode == 0, f"documents {' '.join(arguments)} {done.stderr if done.returncode else ''}")
    return json.loads(done.stdout)


s3.create_bucket(Bucket=BUCKET)
s3.put_bucket_cors(Bucket=BUCKET, CORSConfiguration=document("cors"))
sqs.set_queue_attributes(QueueUrl=EVENTS, Attributes={
    "Policy": json.dumps(document("notification", "--format", "queue-policy"))})
notification = document("notification")
s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration=notification)
kinds = [kind for queue in notification["QueueConfigurations"] for kind in queue["Events"]]
check("s3:LifecycleExpiration:*" in kinds, "the bucket notifies of pending objects that expire")

policy = document("iam", "--role", "runtime")
(polls,) = [it for it in policy["Statement"] if "sqs:ReceiveMessage" in it["Action"]]
check(sorted(polls["Resource"]) == [f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}" for name in ("uploads", "webhooks")],
      "the role may read the two queues and no other")
iam.create_user(UserName="server")
iam.put_user_policy(UserName="server", PolicyName="server", PolicyDocument=json.dumps(policy))
key = iam.create_access_key(UserName="server")["AccessKey"]
server = {**environment, "AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def request(api, path, body):
    return requests.post(f"{api}{path}", json=body, headers={"Authorization": f"Bearer {pool['access_token']}"}, timeout=30).json()


def check_confirmed(api, key, how):
    message = receiver.wait_for("upload.confirmed", key)["data"]
    check(key in stored("articles/"), f"{how}: the photo is at its key {key}")
    check(not stored(key.replace("articles/", "pending/")), f"{how}: the pending object is gone")
    read = request(api, "/uploads/read-url", {"receipt": message["receipt"]})
    answer = requests.get(read["readUrl"], headers=read.get("headers"), timeout=30)
    check(answer.content == photo.read_bytes() and answer.headers["content-type"] == "image/jpeg",
          f"{how}: the URL for the receipt of the webhook reads the photo")


def check_rejected(key, how):
    message = receiver.wait_for("upload.rejected", key)["data"]
    check(message["reason"] == "type-mismatch", f"{how}: the webhook says why it is rejected")
    check(key not in stored("articles/"), f"{how}: the page is not at its key")
    check(key.replace("articles/", "pending/") in stored("pending/"), f"{how}: it stays where nobody may read it")


def expire(api):
    """Uploads an object of which no event tells, and then removes it as a lifecycle rule does."""
    s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration={})
    grant = request(api, "/upload-url", {"contentType": "image/jpeg", "contentLength": len(PAGE)})
    put = requests.put(grant["uploadUrl"], data=PAGE, headers=grant["headers"], timeout=30)
    check(put.status_code == 200, "an object is uploaded that nobody confirms")
    pending = grant["key"].replace("articles/", "pending/")
    s3.delete_object(Bucket=BUCKET, Key=pending)
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    sqs.send_message(QueueUrl=EVENTS, MessageBody=json.dumps({"Records": [{
        "eventVersion": "2.3", "eventSource": "aws:s3", "awsRegion": REGION, "eventTime": "2026-11-27T14:06:09.746Z",
        "eventName": "LifecycleExpiration:Delete", "userIdentity": {"principalId": "s3.amazonaws.com"},
        "requestParameters": {"sourceIPAddress": "s3.amazonaws.com"},
        "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810", "x-amz-id-2": "FMyUVURIY8"},
        "s3": {"s3SchemaVersion": "1.0", "configurationId": "uploads",
               "bucket": {"name": BUCKET, "ownerIdentity": {"principalId": "A3NL1KOZZKExample"}, "arn": f"arn:aws:s3:::{BUCKET}"},
               "object": {"key": urllib.parse.quote_plus(pending), "sequencer": "0055AED6DCD90281E5"}}}]}))
    receiver.wait_for("upload.expired", grant["key"])
    check(True, "the application hears that it has expired")


serve = subprocess.Popen([upsign, "serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--json"], cwd=folder,
                         env=server, stdout=subprocess.PIPE, stderr=(folder / "serve-events.log").open("w"), text=True)
try:
    line = serve.stdout.readline()
    check(line, "upsign serve is ready " + ("" if line else (folder / "serve-events.log").read_text()))
    ready = json.loads(line)
    api, admin = ready["listening"], ready["admin"]
    described = json.dumps({"api": api, "token": pool["access_token"], "confirms": False})
    browser = subprocess.run([node, script, origin, str(photo), str(page)], input=described, capture_output=True, text=True, cwd=folder)
    honest, false = json.loads(browser.stdout or sys.exit(browser.stderr))
    check(honest.get("put") == 200 and false.get("put") == 200, f"page: both files are uploaded {honest, false}"[:200])
    check_confirmed(api, honest["grant"]["key"], "event")
    check_rejected(false["grant"]["key"], "event")
    sqs.send_message(QueueUrl=EVENTS, MessageBody="not JSON")
    expire(api)

    wait_for(lambda: messages_in(WEBHOOKS) == (0, 0), "the queue of webhooks is empty")
    wait_for(lambda: messages_in(EVENTS) == (0, 1), "the queue of events has the unreadable message only")
    metrics = requests.get(f"{admin}/metrics", timeout=30).text
    for count in ('upsign_events_total{outcome="confirmed"} 1', 'upsign_events_total{outcome="rejected"} 1',
                  'upsign_events_total{outcome="expired"} 1', 'upsign_events_total{outcome="unreadable"} 1',
                  'upsign_webhook_attempts_total{result="delivered"} 3', 'upsign_queue_failures_total{queue="events"} 0'):
        check(count in metrics, f"metrics: {count} {'' if count in metrics else metrics}")
    check(requests.get(f"{admin}/readyz", timeout=30).text == "ready\n", "it is ready, and reads both queues")
    check(not receiver.refused, f"every webhook has a valid signature {receiver.refused or ''}")
    iam.delete_user_policy(UserName="server", PolicyName="server")
    wait_for(lambda: "events: the queue has not been read for" in requests.get(f"{admin}/readyz", timeout=30).text,
             "without its policy, /readyz says that the queue cannot be read")
finally:
    serve.send_signal(signal.SIGTERM)
    ended = serve.wait(timeout=60)
check(ended == 0, f"it ends with {ended} after SIGTERM")
