"""usage: whole.py ENDPOINT UPSIGN ORIGIN FOLDER PHOTO NODE SCRIPT < output of pool.py: the life of an upload with `upsign serve`.

A page uploads an honest photo and a page of HTML that is called a photo. Both land below `pending/`. The service looks into them when
they are confirmed: it moves the photo to its key, and leaves the other. A receiver of webhooks receives both results. The same happens
with `upsign upload`. Everything is checked at the store, at the receiver, and with the URL to read."""
import base64
import json
import os
import pathlib
import secrets
import subprocess
import sys

import boto3
import requests

from upsign_toml import render
from whole_receiver import Receiver

endpoint, upsign, origin, folder, photo, node, script = sys.argv[1:8]
folder, photo = pathlib.Path(folder), pathlib.Path(photo)
pool = json.load(sys.stdin)
BUCKET, PAGE = "article-images-bucket", b"<!DOCTYPE html><html><body><script>alert(document.domain)</script></body></html>"
s3 = boto3.client("s3", endpoint_url=endpoint)
secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
receiver = Receiver(secret)


def check(holds, description):
    if not holds:
        sys.exit(f"failed: {description}")
    print(f"   {description}")


def stored(prefix):
    found = s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    return {item["Key"] for item in found}


CONFIG = {
    "bucket.endpoint": endpoint, "bucket.name": BUCKET,
    "bucket.can": {"copy_if_none_match": True, "copy_source_if_match": True},
    "upload.key": "articles/{sub}/{id}.{ext}", "upload.pending_key": "pending/{sub}/{id}.{ext}", "upload.ids": None,
    "upload.types": ["image/jpeg"], "upload.confirm": True, "upload.inspect": "magic",
    "token.keys": ["env:UPSIGN_TOKEN_SECRET"],
    "auth.user_pool": None, "auth.issuer": pool["issuer"], "auth.danger_http_keys": True, "auth.token_use": "access",
    "auth.jwks_uri": f"{endpoint}/{pool['pool']}/.well-known/jwks.json", "auth.client_ids": [pool["client"]],
    "cors.origins": [origin], "deployment.reads": "presigned",
    "server.single_process": True,
    "webhook.url": receiver.url, "webhook.secrets": ["env:UPSIGN_WEBHOOK_SECRET"], "webhook.outbox": "process",
}
(folder / "upsign.toml").write_text(render(CONFIG))
page = folder / "page.jpg"
page.write_bytes(PAGE)
environment = {**os.environ, "UPSIGN_TOKEN_SECRET": secrets.token_hex(32), "UPSIGN_WEBHOOK_SECRET": secret}


def run(*command, ends_with=0, **options):
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, **options)
    check(done.returncode == ends_with, f"{pathlib.Path(command[0]).name} {command[1]} ends with {done.returncode} {done.stderr.strip() if done.returncode != ends_with else ''}")
    return done.stdout


cors = json.loads(run(upsign, "documents", "cors"))
s3.create_bucket(Bucket=BUCKET)
s3.put_bucket_cors(Bucket=BUCKET, CORSConfiguration=cors)
lifecycle = json.loads(run(upsign, "documents", "lifecycle"))
check(any(rule["Filter"].get("Prefix") == "pending/" for rule in lifecycle["Rules"]), "a lifecycle rule removes pending objects")


def check_confirmed(key, url, headers, how):
    check(key in stored("articles/"), f"{how}: the photo is at its key {key}")
    check(not stored(key.replace("articles/", "pending/")), f"{how}: the pending object is gone")
    message = receiver.wait_for("upload.confirmed", key)
    check(message["data"]["size"] == photo.stat().st_size and message["data"]["receipt"], f"{how}: the webhook has size and receipt")
    read = requests.get(url, headers=headers, timeout=30)
    check(read.content == photo.read_bytes() and read.headers["content-type"] == "image/jpeg", f"{how}: the URL reads the photo")


def check_rejected(key, how):
    check(key not in stored("articles/"), f"{how}: the page is not at its key")
    pending = key.replace("articles/", "pending/")
    check(pending in stored("pending/"), f"{how}: it stays at {pending}")
    message = receiver.wait_for("upload.rejected", key)
    check(message["data"]["reason"] == "type-mismatch", f"{how}: the webhook says why")


serve = subprocess.Popen([upsign, "serve", "--listen", "127.0.0.1:0", "--json"], cwd=folder, env=environment,
                         stdout=subprocess.PIPE, stderr=(folder / "serve.log").open("w"), text=True)
try:
    line = serve.stdout.readline()
    check(line, "upsign serve is ready " + ("" if line else (folder / "serve.log").read_text()))
    api = json.loads(line)["listening"]
    described = json.dumps({"api": api, "token": pool["access_token"], "confirms": True})
    honest, false = json.loads(run(node, script, origin, str(photo), str(page), input=described))
    check(honest.get("put") == 200 and honest["grant"]["key"].startswith("articles/"), f"page: the photo is uploaded: {honest}"[:200])
    check(honest["confirmation"].get("state") == "confirmed", f"page: the photo is {honest['confirmation'].get('state')}")
    check_confirmed(honest["grant"]["key"], honest["read"].get("readUrl"), honest["read"].get("headers"), "page")
    fetched = honest.get("fetched")
    check(fetched == {"status": 200, "type": "image/jpeg", "isWhole": True}, f"page: a script of the page reads the photo {fetched}")
    check(bool(honest["read"].get("headers")), "page: the URL signs a header, so the browser asks before it reads")
    answer = (false["confirmation"].get("state"), false["confirmation"].get("reason"))
    check(answer == ("rejected", "type-mismatch"), f"page: the page is {answer}")
    check_rejected(false["grant"]["key"], "page")

    environment.update(UPSIGN_API=api, UPSIGN_TOKEN=pool["access_token"], XDG_STATE_HOME=str(folder))
    lines = run(upsign, "upload", "--json", "--read-url", str(photo)).splitlines()
    uploaded = json.loads(lines[-1])["uploads"][0]
    check_confirmed(uploaded["key"], uploaded["readUrl"], uploaded.get("readHeaders"), "upsign upload")
    before = stored("pending/")
    lines = run(upsign, "upload", "--json", str(page), ends_with=4).splitlines()
    check(json.loads(lines[-1])["uploads"][0]["error"]["code"] == "confirm-rejected", "upsign upload: the page is rejected")
    (pending,) = stored("pending/") - before
    check_rejected(pending.replace("pending/", "articles/"), "upsign upload")
    check(not receiver.refused, f"every webhook has a valid signature {receiver.refused or ''}")
finally:
    serve.terminate()
    serve.wait(timeout=30)
