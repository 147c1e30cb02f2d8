"""Checks on the AWS emulator what the role of a deployed function may do with objects."""
import io
import json
import zipfile

import boto3
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

# Keys that the role may write, and may not.
INSIDE, OUTSIDE = "articles/1/raw/1.jpg", "other/1.jpg"


def status_of(call):
    """Returns the HTTP status of a call of boto3: 200, or that of its error."""
    try:
        call()
        return 200
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"]


def session_client(service, endpoint, key, secret, token):
    """Returns a client of a service with the credentials of a session."""
    return boto3.client(service, endpoint_url=endpoint, aws_access_key_id=key, aws_secret_access_key=secret, aws_session_token=token,
                        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}))


class Role:
    """The role of a function of a `Deployment`, whose `check` counts the checks."""

    def __init__(self, deployment, aws, endpoint, function="GetUploadUrlFunction"):
        self.deployment, self.bucket, self.aws, self.endpoint = deployment, deployment.bucket, aws, endpoint
        self.function = function
        self.credentials = self.environment()
        self.signer = self.client("s3")

    def environment(self):
        """Returns the credentials of the role: a function that runs with it returns its variables."""
        functions = self.aws["lambda"]
        role = functions.get_function(FunctionName=self.deployment.ids[self.function])["Configuration"]["Role"]
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr("h.py", "import os\ndef handler(event, context):\n    return dict(os.environ)\n")
        name = f"{self.deployment.name}-{self.function}-credentials"
        functions.create_function(FunctionName=name, Runtime="python3.11", Handler="h.handler", Role=role,
                                  Code={"ZipFile": content.getvalue()})
        functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.2})
        return json.load(functions.invoke(FunctionName=name, Payload=b"{}")["Payload"])

    def client(self, service):
        """Returns a client of a service with the credentials of the role."""
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        return session_client(service, self.endpoint, *(self.credentials[name] for name in names))

    def check_reads(self, bucket, key, reads):
        """Checks that the role reads what is uploaded if reads are presigned, and nothing else."""
        self.aws["s3"].put_object(Bucket=bucket, Key="elsewhere/1.jpg", Body=b"x")
        for read, expected in [(key, 200 if reads == "presigned" else 403), ("elsewhere/1.jpg", 403)]:
            url = self.signer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": read}, ExpiresIn=60)
            status = requests.get(url, timeout=30).status_code
            self.deployment.check(status == expected, f"the role reads {read}: {status}")

    def put(self, key):
        """Uploads with a presigned URL and returns the status."""
        url = self.signer.generate_presigned_url("put_object", Params={"Bucket": self.bucket, "Key": key}, ExpiresIn=60)
        return requests.put(url, data=b"x", timeout=30).status_code

    def check_calls(self, *calls):
        """Checks the status of each call: (the status, what the role does, the call)."""
        for expected, description, call in calls:
            status = status_of(call)
            self.deployment.check(status == expected, f"the role {description}: {status}")

    def check_writes(self):
        """Checks that the role writes below the prefix of the route, reads nothing, and changes nothing else."""
        for key, expected in [(INSIDE, 200), (OUTSIDE, 403), ("articles/1.jpg", 403)]:
            status = self.put(key)
            self.deployment.check(status == expected, f"the role writes {key}: {status}")
        here = {"Bucket": self.bucket, "Key": INSIDE}
        self.check_calls(
            *[(403, f"reads the metadata of {key}", lambda key=key: self.signer.head_object(Bucket=self.bucket, Key=key))
              for key in (INSIDE, "articles/1/raw/absent.jpg", OUTSIDE)],
            (403, "deletes", lambda: self.signer.delete_object(**here)),
            (403, "sets tags", lambda: self.signer.put_object_tagging(**here, Tagging={"TagSet": []})),
            (403, "sets the CORS", lambda: self.signer.put_bucket_cors(Bucket=self.bucket, CORSConfiguration={"CORSRules": []})),
            (403, "deletes the policy", lambda: self.signer.delete_bucket_policy(Bucket=self.bucket)),
            (403, "writes into another bucket", lambda: self.signer.put_object(Bucket="code", Key=INSIDE, Body=b"x")),
            (403, "lists another bucket", lambda: self.signer.list_objects_v2(Bucket="code")),
        )

    def check_multipart(self):
        """Checks which multipart operations the permission to put an object includes."""
        here = {"Bucket": self.bucket, "Key": INSIDE}
        upload = {**here, "UploadId": self.signer.create_multipart_upload(**here)["UploadId"]}
        part = self.signer.upload_part(**upload, PartNumber=1, Body=b"x")
        whole = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        other = {**here, "UploadId": self.signer.create_multipart_upload(**here)["UploadId"]}
        self.check_calls(
            (403, "lists parts", lambda: self.signer.list_parts(**upload)),
            (200, "completes an upload", lambda: self.signer.complete_multipart_upload(**upload, MultipartUpload=whole)),
            (403, "aborts an upload", lambda: self.signer.abort_multipart_upload(**other)),
            (403, "begins one elsewhere", lambda: self.signer.create_multipart_upload(Bucket=self.bucket, Key=OUTSIDE)),
        )

    def check_guard(self):
        """Checks the TLS guard of the bucket policy: the emulator uses plain HTTP, so the guard denies every upload."""
        guarded = self.deployment.generate("bucket-policy", "--guard", "none", "--guard", "tls")
        self.aws["s3"].put_bucket_policy(Bucket=self.bucket, Policy=guarded)
        self.deployment.check(self.put(INSIDE) == 403, "the guard denies an upload without TLS")
        self.aws["s3"].delete_bucket_policy(Bucket=self.bucket)
        self.deployment.check(self.put(INSIDE) == 200, "without the guard, an upload needs no TLS")
