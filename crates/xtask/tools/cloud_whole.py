"""usage: cloud_whole.py UPSIGN ORIGIN FOLDER PHOTO NODE SCRIPT < output of cloud.py, with ENDPOINT in the environment: the life of an
upload on Lambda, behind both APIs.

A page uploads an honest photo and a page of HTML that is called a photo, and does no more. The events of the bucket call the consumer,
which moves the photo to its key, and leaves the other. The deliverer sends a webhook about each. Then the page's user asks the API, which
confirms the photo again and signs a URL to read it. `upsign upload` confirms at once. At last another user uses up the uploads of a
day."""
import json
import os
import pathlib
import subprocess
import sys
import urllib.parse

import requests

from cloud_calls import PAGE, apis, call, check, endpoint, keys, wait_for
from whole_receiver import Receiver

upsign, origin, folder, photo, node, script = sys.argv[1:7]
folder, photo = pathlib.Path(folder), pathlib.Path(photo)
system = json.load(sys.stdin)
receiver = Receiver(system["webhook_secret"], urllib.parse.urlsplit(system["webhook"]).port)
page = folder / "page.jpg"
page.write_bytes(PAGE)


def pending(key):
    return key.replace("articles/", "pending/")


def read_url(name, api, token, confirmation):
    """Reads what a receipt proves."""
    answer = call(f"{api}/uploads/read-url", token, {"receipt": confirmation["receipt"]}).json()
    read = requests.get(answer["readUrl"], headers=answer.get("headers"), timeout=30)
    check(read.content == photo.read_bytes() and read.headers["content-type"] == "image/jpeg", f"{name}: the URL reads the photo")


def check_photo(name, api, bucket, token, upload):
    """Checks a photo that the page uploaded and nobody confirmed but the consumer."""
    key = upload["grant"]["key"]
    check(upload.get("put") == 200, f"{name}: the page uploaded the photo {pending(key)}")
    wait_for(lambda: key in keys(bucket), f"{name}: the consumer promoted it to {key}")
    wait_for(lambda: pending(key) not in keys(bucket), f"{name}: the pending object is gone")
    message = receiver.wait_for("upload.confirmed", key)["data"]
    check(message["size"] == photo.stat().st_size and message["receipt"], f"{name}: the webhook has size and receipt")
    for attempt in ("first", "second"):
        answer = call(f"{api}/uploads/confirm", token, {"uploadToken": upload["grant"]["uploadToken"]})
        confirmation = answer.json()
        check(confirmation.get("state") == "confirmed" and confirmation["receipt"],
              f"{name}: the API confirms it after the event, {attempt} time{'' if answer.ok else answer.text}")
    read_url(name, api, token, confirmation)
    bob = apis(system, "bob")[0 if name == "REST API" else 1][3]
    refused = call(f"{api}/uploads/read-url", bob, {"receipt": confirmation["receipt"]})
    check(refused.status_code == 403, f"{name}: another user gets no URL: {refused.json().get('code')}")


def check_page(name, api, bucket, token, upload):
    """Checks the page that is called a photo."""
    key = upload["grant"]["key"]
    check(upload.get("put") == 200, f"{name}: the page uploaded HTML as {pending(key)}")
    message = receiver.wait_for("upload.rejected", key)["data"]
    check(message["reason"] == "type-mismatch" and "receipt" not in message, f"{name}: the webhook says why it is rejected")
    check(key not in keys(bucket) and pending(key) in keys(bucket), f"{name}: it stays where it was")
    upload_token = upload["grant"]["uploadToken"]
    confirmation = call(f"{api}/uploads/confirm", token, {"uploadToken": upload_token}).json()
    check((confirmation.get("state"), confirmation.get("reason")) == ("rejected", "type-mismatch") and "receipt" not in confirmation,
          f"{name}: the API rejects it too")
    refused = call(f"{api}/uploads/read-url", token, {"receipt": upload_token})
    check(not refused.ok, f"{name}: no URL reads it: {refused.status_code} {refused.json().get('code')}")
    for path in (key, pending(key)):
        status = requests.get(f"{endpoint}/{bucket}/{path}", timeout=30).status_code
        check(status in (403, 404), f"{name}: {status} for {path} without a signature")


def check_command(name, api, bucket, token):
    """Uploads both files with `upsign upload`, which confirms them."""
    host, stage = urllib.parse.urlsplit(api).netloc.split(".")[0], urllib.parse.urlsplit(api).path or "/$default"
    environment = {**os.environ, "UPSIGN_API": f"{endpoint}/_aws/execute-api/{host}{stage}/upload-url", "UPSIGN_TOKEN": token.removeprefix("Bearer "),
                   "XDG_STATE_HOME": str(folder)}

    def upload(path, ends_with, *options):
        done = subprocess.run([upsign, "upload", "--json", *options, str(path)], cwd=folder, env=environment, capture_output=True, text=True)
        check(done.returncode == ends_with, f"{name}: upsign upload ends with {done.returncode} {done.stderr if done.returncode != ends_with else ''}")
        return json.loads(done.stdout.splitlines()[-1])["uploads"][0]

    uploaded = upload(photo, 0, "--read-url")
    check(uploaded["key"] in keys(bucket), f"{name}: upsign upload has confirmed {uploaded['key']}")
    read = requests.get(uploaded["readUrl"], headers=uploaded.get("readHeaders"), timeout=30)
    check(read.content == photo.read_bytes(), f"{name}: its URL reads the photo")
    receiver.wait_for("upload.confirmed", uploaded["key"])
    check(upload(page, 4)["error"]["code"] == "confirm-rejected", f"{name}: upsign upload reports the page as rejected")


def check_quota(name, api, token):
    """Uses up the uploads of a day, which are counted in DynamoDB."""
    body = {"contentType": "image/jpeg", "contentLength": 1}
    for number in range(system["per_day"]):
        answer = call(f"{api}/upload-url", token, body)
        if answer.status_code != 200:
            check(False, f"{name}: upload {number + 1} of {system['per_day']}: {answer.status_code} {answer.text}")
    refused = call(f"{api}/upload-url", token, body)
    check(refused.status_code == 429 and refused.json()["code"] == "quota-exceeded" and int(refused.headers["retry-after"]) > 0,
          f"{name}: after {system['per_day']} uploads of a day, {refused.status_code} {refused.json().get('code')}")


for (name, api, bucket, token), (_, _, _, of_bob) in zip(apis(system, "alice"), apis(system, "bob")):
    described = json.dumps({"api": api, "token": token.removeprefix("Bearer "), "confirms": False})
    done = subprocess.run([node, script, origin, photo, page], input=described, check=True, stdout=subprocess.PIPE, text=True)
    honest, false = json.loads(done.stdout)
    check_photo(name, api, bucket, token, honest)
    check_page(name, api, bucket, token, false)
    check_command(name, api, bucket, token)
    check_quota(name, api, of_bob)
check(not receiver.refused, f"every webhook has a valid signature {receiver.refused or ''}")
