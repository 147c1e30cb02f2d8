"""The deployments that `deployments_run.py` tries on an AWS emulator."""

TAGS = {"kind": "raw", "team": "editors"}
AVATARS = {"route.avatars.key": "avatars/{sub}/{id}.{ext}", "route.avatars.types": ["image/webp"],
           "route.avatars.max_size": "1 MiB", "route.avatars.bodyless": "refuse"}
MULTIPART = {"route.videos.key": "videos/{sub}/{id}", "route.videos.types": ["video/mp4"], "route.videos.max_size": "1 GiB",
             "route.videos.bodyless": "refuse", "route.videos.multipart": "always", "route.videos.part_size": "5 MiB",
             "token.keys": ["secretsmanager:SECRET"]}
# What follows an upload: its table, its queue of webhooks and its functions are those of the stack.
AFTER_UPLOAD = {
    "upload.confirm": True, "upload.delete": True, "token.keys": ["secretsmanager:SECRET"], "limit.per_day": 6,
    "quota.store": "dynamodb", "quota.table": "quota-NAME", "quota.fail": "closed",
    "webhook.url": "RECEIVER", "webhook.secrets": ["secretsmanager:WEBHOOK_KEY"], "webhook.outbox": "sqs",
    "webhook.queue_url": "https://sqs.us-east-1.amazonaws.com/000000000000/webhooks-NAME", "deployment.reads": "presigned",
    "deployment.consumer_code": "s3://code/NAME-consumer.zip", "deployment.deliverer_code": "s3://code/NAME-deliverer.zip"}
# ministack 1.5.33 ignores the range of a request for a version, and the inspection reads ranges.
PENDING = {**AFTER_UPLOAD, "upload.pending_key": "pending/{article_id}/raw/{id}.{ext}", "upload.claim": True,
           "upload.inspect": "magic", "deployment.versioned": False}
TAG = {**AFTER_UPLOAD, "upload.key": "articles/{article_id}/raw/{id:sealed}.{ext}", "upload.gate": "tag"}

# Each kind of API with each way in which it can know the caller.
REST_ID, REST_SCOPES, REST_TOKEN = ("rest", "id"), ("rest", "scopes"), ("rest", "token")
HTTP_ACCESS, HTTP_SCOPES, HTTP_TOKEN = ("http", "access"), ("http", "scopes"), ("http", "token")
URL, URL_SCOPES = ("url", "token"), ("url", "token with scopes")
ALB = ("alb", "token")
# A token in another header than Authorization, a Lambda authorizer, and credentials of an identity pool.
OTHER_HEADER = [(api, "header") for api in ("rest", "http", "url", "alb")]
LAMBDA_AUTHORIZER = [(api, "lambda") for api in ("rest", "http")]
IAM = [(api, "iam") for api in ("rest", "http", "url")]

# What ministack 1.5.33 does not tell the function, so that no caller is granted an upload there.
NOT_PASSED_ON = {("url", "iam"): "the event of a function URL does not say who has signed the request"}

# What is uploaded: its changes of upsign.toml, the headers that the grant must state, and where it is deployed.
FEATURES = {
    "put": ({}, ["content-type", "if-none-match"],
            [REST_ID, REST_SCOPES, REST_TOKEN, HTTP_ACCESS, HTTP_SCOPES, HTTP_TOKEN, URL, URL_SCOPES, ALB,
             *OTHER_HEADER, *LAMBDA_AUTHORIZER, *IAM]),
    "form": ({"upload.method": "post"}, [], [HTTP_SCOPES, REST_ID, URL, ALB, ("http", "lambda"), ("rest", "iam")]),
    "bodyless": ({"upload.bodyless": "allow", "upload.no_overwrite": False}, ["content-type"], [REST_ID, HTTP_ACCESS, URL]),
    "tags": ({"upload.tags": TAGS}, ["x-amz-tagging"], [URL, REST_SCOPES, HTTP_ACCESS]),
    "acl-public": ({"upload.acl": "public-read"}, ["x-amz-acl"], [REST_ID, HTTP_TOKEN]),
    "acl-owner": ({"upload.acl": "bucket-owner-full-control"}, ["x-amz-acl"], [HTTP_ACCESS, URL]),
    "kms": ({"upload.encryption": "kms", "upload.kms_key": "KMS_KEY"},
            ["x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id"], [REST_SCOPES, HTTP_ACCESS, URL]),
    "encrypted": ({"upload.encryption": "s3"}, ["x-amz-server-side-encryption"], [HTTP_TOKEN, REST_ID]),
    "headers": ({"upload.checksums": ["sha256"], "upload.metadata": {"source": "web"}, "upload.cache_control": "no-store",
                 "upload.disposition": "attachment"},
                ["x-amz-meta-source", "cache-control", "content-disposition"], [URL, REST_ID]),
    "fixed-headers": ({"upload.content_encoding": "gzip", "upload.content_language": "en",
                       "upload.website_redirect": "/a"},
                      ["content-encoding", "content-language", "x-amz-website-redirect-location"], [URL, HTTP_ACCESS]),
    "replacing": ({"upload.replace": "allow"}, ["content-type"], [REST_ID, URL]),
    # ministack 1.5.33 refuses every preflight of an HTTP API without CorsConfiguration, also if the API has a route for it.
    "origin-pattern": ({"cors.origins": ["https://ap*.example.com"]}, [], [REST_ID, URL, ALB]),
    "two-routes": (AVATARS, [], [REST_SCOPES, HTTP_ACCESS, URL]),
    "multipart": (MULTIPART, [], [REST_ID, REST_TOKEN, HTTP_ACCESS, HTTP_TOKEN, URL, ALB]),
    "pending": (PENDING, [], [REST_ID, HTTP_ACCESS, URL, ALB]),
    "tag": (TAG, [], [URL]),
    "two-buckets": ({**AVATARS, "route.avatars.bucket": "BUCKET-avatars"}, [], [HTTP_ACCESS, REST_ID, URL]),
    "presigned-reads": ({"deployment.reads": "presigned"}, [], [REST_ID, HTTP_SCOPES]),
    # ministack 1.5.33 has no keys of CloudFront, so its stack is one whose reads need no signature.
    "cloudfront-reads": ({"deployment.reads": "cloudfront", "cloudfront.public_reads": True}, [], [URL]),
    "event-bridge": ({"deployment.notify": "event-bridge"}, [], [REST_ID, HTTP_ACCESS]),
    "bare": ({"deployment.notify": "none", "deployment.versioned": False, "deployment.access_logs": False}, [], [URL, REST_SCOPES]),
    "traced": ({"deployment.tracing": True, "deployment.throttle_rate": 20, "deployment.throttle_burst": 40,
                "deployment.reserved_concurrency": 3, "deployment.log_retention": 90}, [], [REST_ID, HTTP_SCOPES]),
    # What the role may do is checked here.
    "role": ({"upload.bodyless": "allow", "deployment.monitoring": True}, [], [REST_ID, HTTP_ACCESS]),
    "expiring": ({"deployment.expire": {"pending/": 1}, "upload.infrequent_after": 30}, [], [HTTP_ACCESS]),
}

# Properties that the CloudFormation of ministack 1.5.33 ignores, and what `deployments_run.py` does instead. "applied": it calls the
# API of the service with the value of the template.
IGNORED = {
    ("AWS::S3::Bucket", "OwnershipControls"): "applied",
    ("AWS::S3::Bucket", "BucketEncryption"): "applied",
    ("AWS::S3::Bucket", "LifecycleConfiguration"): "not applied: the emulator removes nothing",
    ("AWS::DynamoDB::Table", "TimeToLiveSpecification"): "applied",
    ("AWS::ApiGatewayV2::Api", "CorsConfiguration"): "applied",
    ("AWS::ApiGatewayV2::Stage", "DefaultRouteSettings"): "not applied: the emulator limits no requests",
    ("AWS::ApiGateway::RestApi", "Body.x-amazon-apigateway-gateway-responses"): "applied",
    ("AWS::ApiGateway::RestApi", "Body.paths.options"): "applied, apart from templates, which the emulator does not evaluate",
    ("AWS::ApiGateway::Stage", "AccessLogSetting"): "not applied: the emulator writes no access log",
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "Targets"): "applied",
}

# The emulator supports no alarm over several metrics.
REFUSED_RESOURCES = ["RejectedUploadsAlarm"]


def rows():
    """Yields (name, feature, API, identity)."""
    for feature, (_, _, places) in FEATURES.items():
        for api, identity in places:
            yield f"{feature}-{api}-{identity.replace(' ', '-')}", feature, api, identity
