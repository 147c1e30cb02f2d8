"""usage: stored.py ENDPOINT BUCKET: prints the objects of a bucket and its multipart uploads that are not complete, as JSON."""
import hashlib
import json
import sys

import boto3

endpoint, bucket = sys.argv[1:3]
s3 = boto3.client("s3", endpoint_url=endpoint)


def described(key):
    """Returns the type, the metadata, the size, the caching and the SHA-256 of an object."""
    answer = s3.get_object(Bucket=bucket, Key=key)
    body = answer["Body"].read()
    return {"type": answer["ContentType"], "metadata": answer["Metadata"], "size": len(body),
            "cacheControl": answer.get("CacheControl"), "sha256": hashlib.sha256(body).hexdigest()}


pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
uploads = [entry["Key"] for entry in s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])]
print(json.dumps({"objects": {key: described(key) for key in keys}, "uploads": uploads}))
