"""usage: read_back.py ENDPOINT BUCKET KEY FILE: exits 0 if the object holds the file's bytes as image/jpeg."""
import sys

import boto3

endpoint, bucket, key, path = sys.argv[1:5]
stored = boto3.client("s3", endpoint_url=endpoint).get_object(Bucket=bucket, Key=key)
with open(path, "rb") as file:
    same = stored["Body"].read() == file.read()
sys.exit(0 if same and stored["ContentType"] == "image/jpeg" else f"{key} differs: {stored['ContentType']}")
