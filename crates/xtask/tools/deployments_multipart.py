"""Uploads a file in parts through a deployment on the AWS emulator, and checks what the deployment refuses."""
import requests

from deployments_role import status_of

PART = 5 << 20
# Two parts: the second has one byte.
FILE = bytes(range(256)) * (PART // 256) + b"x"
CALLS = ("parts", "status", "complete", "abort")


class Uploads:
    """Multipart uploads to the route `videos` of a `Deployment`, whose `check` counts the checks."""

    def __init__(self, deployment, aws, origins):
        self.deployment, self.check, self.s3 = deployment, deployment.check, aws["s3"]
        (self.origin, self.other_origin), self.bucket = origins, deployment.bucket

    def run(self):
        self.check_upload()
        self.check_aborted()
        self.check_preflights()
        left = self.s3.list_multipart_uploads(Bucket=self.bucket).get("Uploads", [])
        self.check(not left, f"multipart uploads remain: {left}")

    def begin(self):
        described = {"route": "videos", "contentType": "video/mp4", "contentLength": len(FILE)}
        answer = self.deployment.send("POST", self.deployment.caller, described)
        if answer.status_code != 200:
            raise RuntimeError(f"no multipart upload: {answer.status_code} {answer.text}")
        grant = answer.json()
        plan = (grant["method"], grant["partSize"], grant["partCount"], grant["contentLength"])
        self.check(plan == ("MULTIPART", PART, 2, len(FILE)), f"the plan is {plan}")
        return grant

    def call(self, name, token, caller=None, **members):
        """Calls the API and returns the status, the body, and the code of a problem."""
        caller = caller or self.deployment.caller
        answer = self.deployment.send("POST", caller, {"uploadToken": token, **members}, call=name)
        is_json = "json" in answer.headers.get("Content-Type", "")
        body = answer.json() if is_json else {"text": answer.text}
        return answer.status_code, body, body.get("code")

    def expect(self, status, code, answer, description):
        self.check((answer[0], answer[2]) == (status, code), f"{description}: {answer[:2]}, expected {status} {code}")
        return answer[1]

    def put(self, url, number):
        """Sends a part with the headers that its URL needs, and returns what completes the upload."""
        part = FILE[(number - 1) * PART:number * PART]
        self.check(url["contentLength"] == len(part), f"part {number} has {url['contentLength']} bytes")
        short = requests.put(url["uploadUrl"], data=part[:-1], headers=url["headers"], timeout=30).status_code
        self.check(short in (400, 403), f"a part of another length is answered {short}")
        answer = requests.put(url["uploadUrl"], data=part, headers=url["headers"], timeout=30)
        self.check(answer.status_code == 200, f"part {number} is answered {answer.status_code} {answer.text}")
        return {"partNumber": number, "etag": answer.headers["ETag"]}

    def check_upload(self):
        grant = self.begin()
        token, key = grant["uploadToken"], grant["key"]
        urls = self.expect(200, None, self.call("parts", token, partNumbers=[1, 2]), "URLs of parts")["parts"]
        self.check([url["partNumber"] for url in urls] == [1, 2], f"URLs of the parts {urls}")
        first = self.put(urls[0], 1)
        self.check_strangers(token, first)
        status = self.expect(200, None, self.call("status", token), "the status")
        found = (status["state"], status["bytes"], status["missing"], status["key"])
        self.check(found == ("open", PART, "2", key), f"the status is {found}")
        missing = self.call("complete", token, parts=[first])
        self.expect(409, "parts-missing", missing, "completing without a part")
        parts = [first, self.put(urls[1], 2)]
        wrong = [first, {**parts[1], "etag": first["etag"]}]
        self.expect(409, "part-mismatch", self.call("complete", token, parts=wrong), "completing with another ETag")
        self.expect(400, "part-numbers-invalid", self.call("complete", token, parts=parts[::-1]), "completing in another order")
        completed = self.expect(200, None, self.call("complete", token, parts=parts), "completing")
        self.check((completed["state"], completed["size"]) == ("completed", len(FILE)), f"the object is {completed}")
        again = self.expect(200, None, self.call("complete", token, parts=parts), "completing again")
        self.check(again == completed, f"completing again is answered {again}")
        status = self.expect(200, None, self.call("status", token), "the status afterwards")
        self.check(status["state"] == "completed", f"the status afterwards is {status}")
        self.expect(409, "upload-completed", self.call("abort", token), "aborting a complete upload")
        stored = self.s3.get_object(Bucket=self.bucket, Key=key)
        self.check(stored["Body"].read() == FILE and stored["ContentType"] == "video/mp4", "the stored object differs")

    def check_strangers(self, token, part):
        """Checks that the token is good for its caller only, and as it is only."""
        altered = token[:-9] + ("B" if token[-9] == "A" else "A") + token[-8:]
        members = {"parts": {"partNumbers": [2]}, "complete": {"parts": [part]}}
        for name in CALLS:
            of_call = members.get(name, {})
            stranger = self.call(name, token, self.deployment.identity.other, **of_call)
            self.expect(403, "upload-token-invalid", stranger, f"{name} by another caller")
            self.expect(403, "upload-token-invalid", self.call(name, altered, **of_call), f"{name} with an altered token")
            for caller in self.deployment.caller.altered()[:1]:
                self.check(self.call(name, token, caller, **of_call)[0] in (401, 403), f"{name} by a refused caller")

    def check_aborted(self):
        token = self.begin()["uploadToken"]
        urls = self.call("parts", token, partNumbers=[1])[1]["parts"]
        part = self.put(urls[0], 1)
        for attempt in ("aborting", "aborting again"):
            body = self.expect(200, None, self.call("abort", token), attempt)
            self.check(body["state"] == "aborted", f"{attempt} is answered {body}")
        gone = self.call("complete", token, parts=[part, {**part, "partNumber": 2}])
        self.expect(410, "upload-gone", gone, "completing an aborted upload")

    def check_preflights(self):
        """Checks that pages may make the calls and send the parts, as far as their origin is listed."""
        grant = self.begin()
        url = self.call("parts", grant["uploadToken"], partNumbers=[1])[1]["parts"][0]
        for origin in (self.origin, self.other_origin):
            asked = {"Origin": origin, "Access-Control-Request-Method": "PUT",
                     "Access-Control-Request-Headers": ",".join(url["headers"])}
            part = requests.options(url["uploadUrl"], headers=asked, timeout=30)
            answers = {"a part": part}
            for name in CALLS:
                answers[name] = self.deployment.send("OPTIONS", call=name, Origin=origin, Access_Control_Request_Method="POST",
                                                     Access_Control_Request_Headers="authorization,content-type")
            for name, answer in answers.items():
                allowed = answer.status_code < 300 and answer.headers.get("Access-Control-Allow-Origin") in (origin, "*")
                self.check(allowed == (origin == self.origin),
                           f"preflight of {name} from {origin}: {answer.status_code} {answer.headers}")
        self.expect(200, None, self.call("abort", grant["uploadToken"]), "aborting")


def check_secrets(deployment, role, secrets):
    """Checks that the role of the function reads the secret of its tokens, and no other."""
    for arn, expected in secrets.items():
        status = status_of(lambda arn=arn: role.client("secretsmanager").get_secret_value(SecretId=arn))
        deployment.check((status == 200) == expected, f"the role reads the secret {arn}: {status}")
