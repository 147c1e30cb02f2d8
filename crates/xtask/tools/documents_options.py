"""The options of a deployment, and configurations in which every two of their choices meet, apart from those that upsign refuses
together."""
import itertools
import random

from upsign_toml import READ_KEY

KMS = "arn:aws:kms:us-east-1:000000000000:key/0b1c2d3e-4f56-7890-abcd-ef0123456789"
LISTENER = "arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/uploads/0123456789abcdef/0123456789abcdef"
ROLE = "arn:aws:iam::000000000000:role/{}"
SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:upsign/uploads-AbCdEf"

# Keys of [auth] about tokens.
NO_TOKENS = {"auth.user_pool": None, "auth.client_ids": None, "auth.token_use": None}

CONFIRMED = {"route.papers.types": ["application/pdf"], "route.papers.max_size": "1 MiB", "route.papers.bodyless": "refuse",
             "route.papers.confirm": True, "route.papers.delete": True, "token.keys": [f"secretsmanager:{SECRET}"]}
COUNTED = {"limit.per_day": 20, "quota.store": "dynamodb", "quota.table": "upsign-quota", "quota.fail": "closed"}
ANNOUNCED = {"webhook.url": "https://app.example.com/webhooks", "webhook.secrets": [f"secretsmanager:{SECRET}"], "webhook.outbox": "sqs",
             "webhook.queue_url": "https://sqs.us-east-1.amazonaws.com/000000000000/webhooks"}

CHECKED = {"upload.checksums": ["sha256"], "upload.require_checksum": True}
NEWER_CHECKSUMS = ["sha512", "md5", "xxhash3", "xxhash64", "xxhash128", "crc64nvme"]

# Option: choice: what it changes in upsign.toml.
OPTIONS = {
    "api": {**{kind: {"deployment.api": kind} for kind in ("rest", "http", "url")},
            "alb": {"deployment.api": "alb", "deployment.listener_arn": LISTENER}},
    "tokens": {
        "id": {},
        "access with scopes": {"auth.token_use": "access", "auth.scopes": ["uploads/write"]},
        "access": {"auth.token_use": "access"},
        "any": {"auth.token_use": "any"},
        "issuer": {"auth.user_pool": None, "auth.issuer": "https://login.example.com", "auth.token_use": "access",
                   "auth.jwks_uri": "https://login.example.com/keys", "auth.scopes": ["uploads/write", "admin"]},
        "verified by the function": {"auth.source": "token"},
        "in another header": {"auth.token_header": "x-upload-token"},
        "access in another header": {"auth.token_use": "access", "auth.scopes": ["uploads/write"], "auth.token_header": "x-upload-token"},
        "lambda authorizer": {**NO_TOKENS, "auth.source": "lambda-authorizer", "auth.issuer": "https://login.example.com",
                              "auth.subject_claim": "userId", "auth.token_header": "x-upload-token"},
        "iam": {**NO_TOKENS, "auth.source": "iam", "auth.user_pool": "us-east-1_AbCdEf123"},
    },
    "reads": {
        "none": {"deployment.reads": "none"},
        "presigned": {"deployment.reads": "presigned"},
        "cloudfront": {"deployment.reads": "cloudfront", "cloudfront.public_keys": [READ_KEY]},
    },
    "notify": {kind: {"deployment.notify": kind} for kind in ("none", "queue", "event-bridge")},
    "guards": {
        "default": {},
        "none": {"deployment.guards": []},
        "signature-age": {"deployment.guards": ["tls", "tls12", "sigv4", "signature-age"]},
        "auth-type": {"deployment.guards": ["auth-type"]},
        "no-overwrite": {"deployment.guards": ["tls", "no-overwrite"]},
        "of headers": {"deployment.guards": ["tls", "encryption", "acl", "storage-class"]},
        "scanned": {"deployment.guards": ["tls", "scanned"], "deployment.scanner_role": ROLE.format("scanner")},
        "account": {"deployment.guards": ["tls", "account"], "deployment.account": "000000000000"},
    },
    "encryption": {
        "default": {},
        "s3": {"upload.encryption": "s3"},
        "kms": {"upload.encryption": "kms"},
        "kms key": {"upload.encryption": "kms", "upload.kms_key": KMS},
        "kms-dsse key": {"upload.encryption": "kms-dsse", "upload.kms_key": KMS},
        "kms key with a context": {"upload.encryption": "kms", "upload.kms_key": KMS, "upload.kms_context": {"tenant": "acme"},
                                   "upload.bucket_key": True},
    },
    "acl": {
        "default": {},
        "private": {"upload.acl": "private"},
        "public-read": {"upload.acl": "public-read"},
        "bucket-owner-full-control": {"upload.acl": "bucket-owner-full-control"},
    },
    "upload": {
        "put": {},
        "form": {"upload.method": "post"},
        "tags": {"upload.tags": {"kind": "raw"}, "upload.client_tags": True},
        "checksums, metadata and storage class": {
            "upload.checksums": ["sha256"], "upload.metadata": {"source": "web"}, "upload.storage_class": "STANDARD_IA"},
        "two routes": {"route.avatars.key": "avatars/{sub}/{id}.{ext}", "route.avatars.types": ["image/webp"],
                       "route.avatars.max_size": "1 MiB", "route.avatars.method": "post", "route.avatars.bodyless": "refuse",
                       "route.avatars.infrequent_after": 90},
        "form with an answer": {"upload.method": "post", "upload.success_action_status": 201},
        "newer checksums": {"upload.checksums": NEWER_CHECKSUMS},
        "any file": {"upload.types": "any"},
        "fixed headers": {"upload.content_encoding": "gzip", "upload.content_language": "en", "upload.expected_bucket_owner": "000000000000",
                          "upload.headers": {"x-amz-request-payer": "requester"}},
        "of any type": {"upload.types": ["image/*", "application/pdf"], "upload.disposition": "attachment"},
    },
    "parts": {
        "no": {},
        "of videos": {"route.videos.key": "videos/{sub}/{id}", "route.videos.types": ["video/*"], "route.videos.max_size": "1 TiB",
                      "route.videos.bodyless": "refuse", "route.videos.multipart": "auto",
                      "token.keys": [f"secretsmanager:{SECRET}"]},
        "always": {"route.files.key": "files/{sub}/{id}", "route.files.types": "any", "route.files.max_size": "50 GiB",
                   "route.files.bodyless": "refuse", "route.files.multipart": "always", "route.files.checksums": ["crc32"],
                   "token.keys": ["env:UPSIGN_TOKEN_SECRET", f"secretsmanager:{SECRET}"]},
    },
    "after upload": {
        "nothing": {},
        "moved, counted and announced": {
            **CONFIRMED, **COUNTED, **ANNOUNCED, "route.papers.key": "papers/{sub}/{id}.{ext}", "route.papers.claim": True,
            "route.papers.pending_key": "unread/papers/{sub}/{id}.{ext}", "route.papers.inspect": "magic"},
        "tagged": {**CONFIRMED, "route.papers.key": "papers/{sub}/{id:sealed}.{ext}", "route.papers.gate": "tag"},
        "announced in order": {
            **CONFIRMED, **ANNOUNCED, "route.papers.key": "papers/{sub}/{id:sealed}.{ext}",
            "webhook.queue_url": "https://sqs.us-east-1.amazonaws.com/000000000000/webhooks.fifo",
            "deployment.deliverer_code": "s3://code/deliverer.zip", "deployment.consumer_code": "s3://code/consumer.zip"},
    },
    "bucket": {
        "default": {},
        "unversioned": {"deployment.versioned": False},
        "expiring": {"deployment.expire": {"pending/": 1}, "upload.infrequent_after": 30},
        "account-regional": {"bucket.name": "article-images-000000000000-us-east-1-an",
                             "deployment.account_regional_buckets": True, "deployment.account": "000000000000"},
    },
    "lock": {
        "none": {},
        "governance": {**CHECKED, "upload.object_lock": {"mode": "governance", "days": 30}},
        "compliance": {**CHECKED, "upload.object_lock": {"mode": "compliance", "days": 1}},
        "legal hold": {**CHECKED, "upload.legal_hold": True},
    },
    "replace": {
        "never": {},
        "allow": {"upload.replace": "allow"},
        "if-match": {"upload.replace": "if-match"},
    },
    "origins": {
        "exact": {},
        "of every subdomain": {"cors.origins": ["https://*.example.com", "https://app.example.com"]},
        "of every port": {"cors.origins": ["http://localhost:*"]},
    },
    "operation": {
        "default": {},
        "bare": {"deployment.monitoring": False, "deployment.access_logs": False},
        "traced": {"deployment.tracing": True, "deployment.log_retention": 90},
        "throttled": {"deployment.throttle_rate": 5, "deployment.throttle_burst": 10, "deployment.reserved_concurrency": 20},
        "variables": {"deployment.variables": {"RUST_LOG": "info"}, "deployment.code": "s3://code/bootstrap.zip"},
    },
    "role": {
        "own": {},
        "table": {"deployment.table": "uploads"},
        "signing role": {"deployment.signing_role": ROLE.format("signer")},
    },
    "dialects": {
        "none": {},
        "uppy": {"dialects": ["uppy"]},
        "every": {"dialects": ["uppy", "companion", "better-upload", "active-storage", "git-lfs"], "server.base_path": "/api"},
    },
}


DIRECTORY = {"bucket.name": "uploads--use1-az4--x-s3"}

# Directory buckets, and stores other than AWS: their stacks have a function and an API, and no bucket.
STORES = {
    "api": OPTIONS["api"],
    "tokens": OPTIONS["tokens"],
    "operation": OPTIONS["operation"],
    "origins": OPTIONS["origins"],
    "provider": {
        "directory": DIRECTORY,
        "directory and general purpose": {
            **DIRECTORY, "route.public.bucket": "public-images", "route.public.key": "{id}.{ext}", "route.public.types": ["image/webp"],
            "route.public.max_size": "1 MiB", "route.public.bodyless": "refuse"},
        "gcs": {"bucket.provider": "gcs", "bucket.region": "auto", "bucket.signature": "goog4-hmac"},
        "gcs with an RSA key": {"bucket.provider": "gcs", "bucket.region": "auto", "bucket.signature": "goog4-rsa"},
        "rustfs": {"bucket.provider": "rustfs", "bucket.endpoint": "https://rustfs.example.com:9000", "upload.size_bound": "max"},
        "ceph": {"bucket.provider": "ceph", "bucket.endpoint": "https://ceph.example.com", "bucket.name": "acme:images",
                 "upload.no_overwrite": False},
        "r2": {"bucket.provider": "r2", "bucket.region": "auto",
               "bucket.endpoint": "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com"},
        "minio": {"bucket.provider": "minio", "bucket.endpoint": "https://minio.example.com:9000"},
        "wasabi": {"bucket.provider": "wasabi", "bucket.endpoint": "https://s3.wasabisys.com",
                   "upload.no_overwrite": False},
        "two": {"bucket.provider": "minio", "bucket.endpoint": "https://minio.example.com:9000", "route.public.bucket": "public-images",
                "route.public.provider": "aws", "route.public.region": "us-east-1", "route.public.key": "{id}.{ext}",
                "route.public.types": ["image/webp"], "route.public.max_size": "1 MiB", "route.public.bodyless": "refuse"},
    },
}

LOCKS = [lock for lock in OPTIONS["lock"] if lock != "none"]
AFTER_UPLOAD = [choice for choice in OPTIONS["after upload"] if choice != "nothing"]
PARTS = [choice for choice in OPTIONS["parts"] if choice != "no"]

# Choices that upsign refuses together: ((option, choice), (option, choice)): a part of the reason.
REFUSED = {
    (("api", "url"), ("tokens", "lambda authorizer")): "a function URL has no Lambda authorizer",
    (("api", "alb"), ("tokens", "lambda authorizer")): "a load balancer has no Lambda authorizer",
    (("api", "alb"), ("tokens", "iam")): "a load balancer does not verify signatures with AWS credentials",
    (("api", "url"), ("operation", "throttled")): "a function URL has no limit of requests per second",
    (("api", "alb"), ("operation", "throttled")): "a load balancer has no limit of requests per second",
    (("guards", "of headers"), ("encryption", "default")): "the default route requests no encryption",
    (("guards", "of headers"), ("upload", "two routes")): "the route avatars requests no encryption",
    **{(("guards", "of headers"), ("parts", parts)): "the parts of a multipart upload carry no encryption header" for parts in PARTS},
    **{(("guards", "scanned"), ("parts", parts)): "the service looks at objects that are uploaded in parts before they are scanned"
       for parts in PARTS},
    **{(("guards", "of headers"), ("after upload", kind)): "the route papers requests no encryption" for kind in AFTER_UPLOAD},
    **{(("guards", "scanned"), ("after upload", kind)): "the service looks at objects before they are scanned" for kind in AFTER_UPLOAD},
    (("after upload", "tagged"), ("bucket", "unversioned")): "needs a versioned bucket",
    (("guards", "account"), ("acl", "public-read")): "denies everybody outside of the account",
    (("reads", "cloudfront"), ("acl", "public-read")): "reads go through CloudFront",
    (("reads", "cloudfront"), ("encryption", "kms")): "encrypts uploads with the key aws/s3, whose policy nobody can change",
    (("guards", "no-overwrite"), ("upload", "form")): "no route signs if-none-match for every request",
    (("upload", "checksums, metadata and storage class"), ("bucket", "expiring")): "cannot move objects to STANDARD_IA",
    (("guards", "no-overwrite"), ("upload", "form with an answer")): "no route signs if-none-match for every request",
    **{(("guards", "no-overwrite"), ("replace", kind)): "no route signs if-none-match for every request" for kind in ("allow", "if-match")},
    **{(("upload", form), ("lock", lock)): "a form has no field for" for form in ("form", "form with an answer") for lock in LOCKS},
    **{(("upload", form), ("replace", "if-match")): "a form cannot prevent overwriting" for form in ("form", "form with an answer")},
    **{(("bucket", "unversioned"), ("lock", lock)): "Object Lock works only in versioned buckets" for lock in LOCKS},
    **{(("origins", pattern), ("provider", store)): "does not support `*`" for pattern in ("of every subdomain", "of every port")
       for store in ("gcs", "gcs with an RSA key", "rustfs", "r2", "wasabi")},
}


def changes(choices):
    """Returns the changes of some choices. Options without a choice have their default."""
    changed = [{**OPTIONS, **STORES}[option][choice] for option, choice in choices.items()]
    if choices.get("reads") == "cloudfront" and choices.get("after upload") in AFTER_UPLOAD:
        # Only confirmed uploads have URLs to read, which name a version.
        changed.append({"cloudfront.private_key": f"secretsmanager:{SECRET}", "deployment.versioned": True})
    return changed


def met(choices):
    """Returns the pairs of choices in a configuration."""
    return set(itertools.combinations(choices.items(), 2))


def configurations(options, seed=14):
    """Yields choices so that every two of different options meet, unless they are in REFUSED."""
    chance = random.Random(seed)
    open_pairs = {((a, one), (b, other)) for a, b in itertools.combinations(options, 2)
                  for one in options[a] for other in options[b]} - set(REFUSED)

    def complete(pair):
        """Returns a configuration with these two choices, or None if the random ones before leave none for an option."""
        choices = {}
        for option, possible in options.items():
            fixed = dict(pair).get(option)
            allowed = [choice for choice in ([fixed] if fixed else possible)
                       if not met({**choices, option: choice}) & set(REFUSED)]
            if not allowed:
                return None
            choices[option] = chance.choice(allowed)
        return choices

    while open_pairs:
        pair = min(open_pairs)
        candidates = [choices for choices in (complete(pair) for _ in range(300)) if choices]
        best = max(candidates, key=lambda choices: len(met(choices) & open_pairs))
        open_pairs -= met(best)
        yield best
