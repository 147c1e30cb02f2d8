"""usage: bucket.py ENDPOINT BUCKET CORS_FILE: creates a bucket with this CORS configuration."""
import json
import sys

import boto3

endpoint, bucket, cors = sys.argv[1:4]
s3 = boto3.client("s3", endpoint_url=endpoint)
s3.create_bucket(Bucket=bucket)
with open(cors, encoding="utf-8") as document:
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=json.load(document))
