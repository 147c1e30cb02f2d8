"""usage: cloud_upload.py PHOTO < output of cloud.py, with ENDPOINT in the environment: uploads through both APIs and waits until the
consumer has promoted the photo, and has left a page that is called a photo where it was."""
import json
import sys
import time

import boto3

from cloud_calls import PAGE, apis, call, check, endpoint, keys, put, s3, uploaded_key, wait_for

system = json.load(sys.stdin)
with open(sys.argv[1], "rb") as file:
    photo = file.read()

described = {"contentType": "image/jpeg", "contentLength": len(photo)}
for name, api, bucket, token in apis(system, "alice"):
    url = f"{api}/upload-url"
    anonymous = call(url, None)
    check(anonymous.status_code == 401, f"{name}: 401 without a token, got {anonymous}")
    check(call(url, token[:-8] + "AAAAAAAA").status_code == 401, f"{name}: 401 with an altered token")
    refused = call(url, token, {"contentType": "text/html", "contentLength": 1}).json()
    check(refused["code"] == "content-type-not-allowed",
          f"{name}: the policy refuses text/html")
    for description, body in (("a request without a body", None), ("a request with a body", described)):
        answer = call(url, token, body)
        check(answer.status_code == 200, f"{name}: {description} is granted{'' if answer.ok else answer.text}")
        grant = answer.json()
        check("X-Amz-Security-Token=" in grant["uploadUrl"], f"{name}: signed with the role's temporary credentials")
        check(grant["expiresAtIs"] == "upper-bound", f"{name}: the expiry is an upper bound")
        check(put(grant, photo) == 200, f"{name}: the PUT is accepted: {uploaded_key(grant)}")
        wait_for(lambda key=grant["key"]: key in keys(bucket), f"{name}: the consumer promoted it to {grant['key']}")
        stored = s3.get_object(Bucket=bucket, Key=grant["key"])
        check(stored["Body"].read() == photo and stored["ContentType"] == "image/jpeg", f"{name}: it has the same bytes")
        wait_for(lambda key=uploaded_key(grant): key not in keys(bucket), f"{name}: the pending object is gone")

    grant = call(url, token, {"contentType": "image/jpeg", "contentLength": len(PAGE)}).json()
    check(put(grant, PAGE) == 200, f"{name}: a page with the type of a photo is accepted: {uploaded_key(grant)}")
    # The photo after it is promoted, so the consumer has seen the page.
    last = call(url, token, described).json()
    check(put(last, photo) == 200, f"{name}: another photo is uploaded")
    wait_for(lambda: last["key"] in keys(bucket), f"{name}: the consumer promoted the other photo")
    check(uploaded_key(grant) in keys(bucket) and grant["key"] not in keys(bucket), f"{name}: the page is not promoted")

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
    check(uploaded_key(grant).startswith("elsewhere/") and put(grant, photo) == 403,
          f"{api}: S3 refuses it with 403, because of the role's policy")
