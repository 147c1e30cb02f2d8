"""Calls of the system that cloud.py deploys, for the scripts that check it."""
import json
import os
import sys
import time
import urllib.parse

import boto3
import requests

endpoint = os.environ["ENDPOINT"]
s3 = boto3.client("s3", endpoint_url=endpoint)
PAGE = b"<!DOCTYPE html><html><body><script>alert(document.domain)</script></body></html>"


def check(holds, description):
    if not holds:
        sys.exit(f"failed: {description}")
    print(f"   {description}", flush=True)


def wait_for(holds, description):
    for _ in range(300):
        if holds():
            break
        time.sleep(0.1)
    check(holds(), description)


def call(url, token, body=None):
    """Sends a request to the emulator's address: not every resolver resolves the API's host name under localhost."""
    parts = urllib.parse.urlsplit(url)
    headers = {"Host": parts.netloc, "Content-Type": "application/json"}
    if token:
        headers["Authorization"] = token
    return requests.post(f"{endpoint}{parts.path}", headers=headers, data=json.dumps(body) if body else None, timeout=60)


def put(grant, content):
    return requests.put(grant["uploadUrl"], data=content, headers=grant["headers"], timeout=30).status_code


def uploaded_key(grant):
    """Returns the key of the request, which is not that of the promoted object."""
    return urllib.parse.unquote(urllib.parse.urlsplit(grant["uploadUrl"]).path).split("/", 2)[2]


def keys(bucket):
    return {item["Key"] for item in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}


def apis(system, user):
    """Returns the name, the URL, the bucket and a user's token of each API."""
    tokens = system if user == "alice" else system[user]
    return [("REST API", system["rest"], "article-images-rest", tokens["id_token"]),
            ("HTTP API", system["http"], "article-images-http", f"Bearer {tokens['access_token']}")]
