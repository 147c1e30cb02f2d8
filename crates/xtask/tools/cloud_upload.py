"""usage: cloud_upload.py ENDPOINT PHOTO < output of cloud.py: uploads through both APIs and waits for the worker's output."""
import hashlib
import json
import sys
import time
import urllib.parse

import boto3
import requests

endpoint, path = sys.argv[1:3]
system = json.load(sys.stdin)
s3 = boto3.client("s3", endpoint_url=endpoint)
with open(path, "rb") as file:
    photo = file.read()


def check(holds, description):
    if not holds:
        sys.exit(f"failed: {description}")
    print(f"   {description}")


def request_upload_url(url, token, body=None):
    """Sends the request to the emulator's address: not every resolver resolves the API's host name under localhost."""
    parts = urllib.parse.urlsplit(url)
    headers = {"Host": parts.netloc, "Content-Type": "application/json"}
    if token:
        headers["Authorization"] = token
    return requests.post(f"{endpoint}{parts.path}", headers=headers, data=json.dumps(body) if body else None, timeout=30)


def put(grant):
    return requests.put(grant["uploadUrl"], data=photo, headers=grant["headers"], timeout=30).status_code


def wait_for_index(bucket, key):
    """Waits until the worker has processed an object, and returns what it wrote."""
    for _ in range(200):
        try:
            return json.load(s3.get_object(Bucket=bucket, Key=f"index/{key}.json")["Body"])
        except s3.exceptions.NoSuchKey:
            time.sleep(0.1)
    sys.exit(f"the worker did not process {key}")


access, identity = system["access_token"], system["id_token"]
described = {"contentType": "image/jpeg", "contentLength": len(photo)}
for name, api, bucket, token in (("REST API", system["rest"], "article-images-rest", identity),
                                 ("HTTP API", system["http"], "article-images-http", f"Bearer {access}")):
    url = f"{api}/upload-url"
    anonymous = request_upload_url(url, None)
    check(anonymous.status_code == 401, f"{name}: 401 without a token, got {anonymous}")
    check(request_upload_url(url, token[:-8] + "AAAAAAAA").status_code == 401, f"{name}: 401 with an altered token")
    refused = request_upload_url(url, token, {"contentType": "text/html", "contentLength": 1}).json()
    check(refused["code"] == "content-type-not-allowed",
          f"{name}: the policy refuses text/html")
    for description, body in (("a request without a body", None), ("a request with a body", described)):
        answer = request_upload_url(url, token, body)
        check(answer.status_code == 200, f"{name}: {description} is granted{'' if answer.ok else answer.text}")
        grant = answer.json()
        check("X-Amz-Security-Token=" in grant["uploadUrl"], f"{name}: signed with the role's temporary credentials")
        check(grant["expiresAtIs"] == "upper-bound", f"{name}: the expiry is an upper bound")
        check(put(grant) == 200, f"{name}: the PUT is accepted: {grant['key']}")
        index = wait_for_index(bucket, grant["key"])
        check(index["sha256"] == hashlib.sha256(photo).hexdigest() and index["contentType"] == "image/jpeg",
              f"{name}: the queue received the event, and the worker read the same bytes")

# A function with the same role and a wrong key prefix.
claims = {"sub": "alice", "iss": f"https://cognito-idp.us-east-1.amazonaws.com/{system['pool']}",
          "exp": str(int(time.time()) + 600), "iat": str(int(time.time()) - 10)}
claims_of = {"rest": {**claims, "token_use": "id", "aud": system["client"]},
             "http": {**claims, "token_use": "access", "client_id": system["client"]}}
event = {"version": "2.0", "routeKey": "POST /upload-url", "rawPath": "/upload-url", "rawQueryString": "", "headers": {},
         "requestContext": {"accountId": "0", "apiId": "a", "domainName": "a.example", "domainPrefix": "a", "requestId": "r",
                            "routeKey": "POST /upload-url", "stage": "$default", "time": "01/Jan/2026:00:00:00 +0000",
                            "timeEpoch": 0,
                            "http": {"method": "POST", "path": "/upload-url", "protocol": "HTTP/1.1",
                                     "sourceIp": "203.0.113.9", "userAgent": "x"}}, "isBase64Encoded": False}
functions = boto3.client("lambda", endpoint_url=endpoint)
for api, claims in claims_of.items():
    event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
    answer = json.load(functions.invoke(FunctionName=f"WrongPrefix-{api}", Payload=json.dumps(event))["Payload"])
    signed = answer.get("statusCode") == 200
    check(signed, f"{api}: a grant outside the prefix can be signed {'' if signed else answer}")
    grant = json.loads(answer["body"])
    check(grant["key"].startswith("elsewhere/") and put(grant) == 403,
          f"{api}: S3 refuses it with 403, because of the role's policy")
