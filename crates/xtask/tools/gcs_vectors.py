"""Writes the test vectors of upsign-gcs: URLs and forms that google-cloud-storage signed.

    pip install google-cloud-storage==3.17.1 cryptography
    python3 crates/xtask/tools/gcs_vectors.py crates/upsign-testing/vectors

The key in gcs_service_account.json was made for these vectors and belongs to no account. It is created if the file is absent;
PKCS #1 v1.5 is deterministic, so the rows are always the same for the same key.

The library signs with RSA keys only: the name of the algorithm is a constant of two functions, and the signature comes from
the credentials. For the rows with HMAC keys, the constant is replaced, and the credentials compute the HMAC that
https://cloud.google.com/storage/docs/authentication/signatures documents. All other bytes are the library's.
"""

import datetime
import hashlib
import hmac
import json
import pathlib
import random
import sys

import google.auth.credentials
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from google.cloud import storage
from google.cloud.storage import _signing, client as client_module

EMAIL = "uploads@upsign-test.iam.gserviceaccount.com"
HMAC_KEYS = [
    ("GOOGTS7C7FUP3AIRVJTE2BCD", "bGoa+V7g/yqDXvKRqq+JTFn4uQZbPiQJo4pf9RzJ"),
    ("GOOG1EGBZ5WHQAZ3EXAMPLEACCESSIDOFSERVICEACCOUNTS0000000000001", "a-Secret/With+Signs=and~more0123456789ABC"),
]
ALGORITHMS = ("GOOG4-RSA-SHA256", "GOOG4-HMAC-SHA256")
ENDPOINT = "https://storage.googleapis.com"

KEYS = [
    "photo.jpg", "uploads/2026/01/photo.jpg", "a b.txt", "a  b/c  d.txt", "café/naïve.txt", "写真/猫.png", "emoji 📷.jpg",
    "tilde~key~", "plus+plus.txt", "100%.txt", "percent%20literal", "a/b/c/d/e/f/g", "dots...txt", ".hidden", "a.b.c/..d",
    "query?like=1&x=2", "hash#fragment", "semi;colon", "quote'single", 'quote"double', "paren(s)[b]{c}", "back\\slash",
    "at@sign:colon", "comma,dollar$", "bang!star*", "less<greater>", "pipe|caret^`", "equals=amp&", "trailing/", "-dash_",
    "ünïcode/ß/Ω", "combining-e\u0301", "nbsp\u00a0here", "\U0001f469\u200d\U0001f4bb.bin", "UPPER/lower/123", "x" * 200,
]
TYPES = ["image/jpeg", "image/png", "text/plain; charset=utf-8", "application/octet-stream", 'video/webm;codecs="vp8,opus"']
HEADERS = [
    {},
    {"Content-Type": "image/jpeg"},
    {"content-type": "text/plain; charset=utf-8", "x-goog-meta-owner": "alice"},
    {"x-goog-if-generation-match": "0", "Content-Type": "image/png", "Content-Length": "48213"},
    {"x-goog-content-length-range": "0,1048576", "content-type": "application/octet-stream"},
    {"X-Goog-Meta-Name": "two  words\t and  tab", "Content-MD5": "CY9rzUYh03PK3k6DJie09g=="},
    {"x-goog-acl": "private", "x-goog-storage-class": "NEARLINE", "cache-control": "public, max-age=3600"},
    {"x-goog-encryption-kms-key-name": "projects/p/locations/eu/keyRings/r/cryptoKeys/k", "content-encoding": "gzip"},
    {"Content-Disposition": "attachment; filename=\"a b.txt\"; filename*=UTF-8''caf%C3%A9.txt"},
    {"a-first": "1", "zz-last": "2", "host-like": "3", "Content-Language": "de, en"},
    {"x-goog-content-sha256": hashlib.sha256(b"hello").hexdigest()},
    {"x-goog-hash": "crc32c=n03x6A==,md5=Ojk9c3dhfxgoKVVHYwFbHQ=="},
]
QUERIES = [
    {},
    {"userProject": "my-project"},
    {"response-content-type": "text/html; charset=utf-8", "response-content-disposition": 'attachment; filename="ü.txt"'},
    {"generation": "1556835845511018"},
    {"Key With Space": "v&v=1", "a/b": "~tilde+plus%", "empty": ""},
    {"x-goog-custom-audit-job": "job 7", "Zeta": "1", "alpha": "2"},
]
EXPIRIES = [1, 60, 900, 3600, 86400, 604800]
TIMES = ["2026-01-01T00:00:00Z", "2020-02-29T23:59:59Z", "2030-06-15T12:34:56Z", "2026-12-31T23:59:59Z", "2019-02-01T09:00:00Z"]
ADDRESSES = [("path", ENDPOINT), ("virtual", ENDPOINT), ("bucket-is-host", "https://media.example.com"),
             ("path", "http://127.0.0.1:4443"), ("bucket-is-host", "http://cdn.example.com:8080"), ("virtual", ENDPOINT)]
FIELDS = [
    {},
    {"Content-Type": "image/png"},
    {"content-type": "text/plain", "x-goog-meta-name": "café 📷", "acl": "private"},
    {"success_action_status": "201", "Content-Disposition": 'attachment; filename="a b.txt"'},
    {"success_action_redirect": "https://app.example.com/done?x=1&y=2", "Cache-Control": "no-store"},
    {"x-goog-meta-quote": 'a "quoted" back\\slash', "x-goog-storage-class": "COLDLINE"},
    {"x-goog-meta-b": "2", "x-goog-meta-a": "1", "Zeta": "z", "alpha": "a"},
]
CONDITIONS = [[], [["starts-with", "$Content-Language", "d"]], [["starts-with", "$x-goog-meta-any", ""], {"x-goog-acl": "private"}]]
# Of each kind, every second row has an RSA key.
KINDS = ["PUT", "PUT", "RESUMABLE", "FORM", "PUT", "GET", "PUT", "FORM", "PUT", "RESUMABLE", "PUT", "HEAD", "FORM", "PUT", "DELETE"]
LENGTHS = [(0, 5 << 30), (1, 10 << 20), (0, 0), (7, 7)]


class Signer(google.auth.credentials.Credentials, google.auth.credentials.Signing):
    """Credentials that sign with a key in memory."""

    def __init__(self, email, sign):
        super().__init__()
        self.email, self.sign = email, sign

    def refresh(self, request):
        raise NotImplementedError

    def sign_bytes(self, message):
        return self.sign(message)

    signer_email = property(lambda self: self.email)
    signer = None


def service_account(path):
    if not path.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        members = {"type": "service_account", "project_id": "upsign-test", "private_key_id": "made-for-tests",
                   "private_key": pem.decode(), "client_email": EMAIL, "client_id": "0"}
        path.write_text(json.dumps(members, indent=2) + "\n")
    pem = json.loads(path.read_text())["private_key"].encode()
    key = serialization.load_pem_private_key(pem, None)
    return Signer(EMAIL, lambda message: key.sign(message, padding.PKCS1v15(), hashes.SHA256()))


def hmac_signer(access_id, secret, now):
    key = b"GOOG4" + secret.encode()
    for part in (now.strftime("%Y%m%d"), "auto", "storage", "goog4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return Signer(access_id, lambda message: hmac.digest(key, message, "sha256"))


def use_algorithm(name):
    for function in (_signing.generate_signed_url_v4, storage.Client.generate_signed_post_policy_v4):
        code = function.__code__
        constants = tuple(name if constant in ALGORITHMS else constant for constant in code.co_consts)
        function.__code__ = code.replace(co_consts=constants)


def main(folder):
    account = service_account(folder / "gcs_service_account.json")
    draw = random.Random(16)
    rows = []
    for index in range(260):
        is_rsa = index % 2 == 0
        now = datetime.datetime.fromisoformat(TIMES[index % len(TIMES)])
        _signing._NOW = client_module._NOW = lambda tz=None, now=now: now
        access_id, secret = HMAC_KEYS[draw.randrange(len(HMAC_KEYS))]
        signer = account if is_rsa else hmac_signer(access_id, secret, now)
        use_algorithm(ALGORITHMS[0] if is_rsa else ALGORITHMS[1])
        addressing, endpoint = ADDRESSES[draw.randrange(len(ADDRESSES))]
        row = {"id": f"gcs-{index:03}", "algorithm": "rsa" if is_rsa else "hmac"}
        if not is_rsa:
            row |= {"access_id": access_id, "secret": secret}
        bucket = "dotted.bucket.name" if addressing == "path" and index % 3 == 0 else "example-bucket"
        row |= {"now": TIMES[index % len(TIMES)], "expires": draw.choice(EXPIRIES), "endpoint": endpoint,
                "addressing": addressing, "bucket": bucket, "key": KEYS[draw.randrange(len(KEYS))]}
        # The client has the endpoint, except for hosts of the bucket's own.
        api = ENDPOINT if addressing == "bucket-is-host" else endpoint
        client = storage.Client(project="p", credentials=signer, client_options={"api_endpoint": api})
        style = {"virtual_hosted_style": addressing == "virtual"}
        if addressing == "bucket-is-host":
            style = {"bucket_bound_hostname": endpoint}
        kind = KINDS[index // 2 % len(KINDS)]
        rows.append(post(row, client, style, draw) if kind == "FORM" else url(row, client, style, draw, kind))
    text = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)
    (folder / "gcs_signed.jsonl").write_text(text)


def url(row, client, style, draw, method):
    headers, query = HEADERS[draw.randrange(len(HEADERS))], QUERIES[draw.randrange(len(QUERIES))]
    blob = client.bucket(row["bucket"]).blob(row["key"])
    style = style if style.get("bucket_bound_hostname") else style | {"api_access_endpoint": row["endpoint"]}
    signed = blob.generate_signed_url(version="v4", expiration=row["expires"], method=method, headers=dict(headers),
                                      query_parameters=dict(query), **style)
    return row | {"method": method, "headers": list(headers.items()), "query": list(query.items()), "url": signed}


def post(row, client, style, draw):
    fields, conditions = FIELDS[draw.randrange(len(FIELDS))], CONDITIONS[draw.randrange(len(CONDITIONS))]
    length = LENGTHS[draw.randrange(len(LENGTHS))]
    given = [["content-length-range", *length], *conditions]
    signed = client.generate_signed_post_policy_v4(row["bucket"], row["key"], row["expires"], conditions=given,
                                                   fields=dict(fields), **style)
    return row | {"method": "FORM", "length": length, "fields": list(fields.items()), "conditions": conditions,
                  "url": signed["url"], "signed_fields": signed["fields"]}


main(pathlib.Path(sys.argv[1]))
