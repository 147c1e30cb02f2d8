#!/usr/bin/env python3
"""Computes upload_tokens.json: python3 upload_tokens.py > upload_tokens.json

Implements the format of upload tokens that the module `upsign::session` documents, with Python's standard library only and
without any code of the crate.
"""

import base64
import hashlib
import hmac
import json
import struct

ALGORITHMS = [
    None,
    "sha256",
    "sha1",
    "crc32",
    "crc32c",
    "crc64nvme",
    "md5",
    "sha512",
    "amz-md5",
    "xxhash64",
    "xxhash3",
    "xxhash128",
]
CHECKSUM_KINDS = [None, "full-object", "composite", "parts"]
SIZE_IS_MAXIMUM, SINGLE_REQUEST = 1 << 6, 1 << 7
HAS_MIN_SIZE, HAS_CHECKSUM_VALUE, IS_PENDING, IS_FORM, IS_TAGGED, HAS_ACCOUNT = (1 << bit for bit in range(6))
DAY = 86_400
MIB = 1 << 20
AT = 1_767_225_600  # 2026-01-01T00:00:00Z


def hmac_sha256(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def hkdf(salt, secret, info, length):
    """RFC 5869: extract, then expand."""
    key = hmac_sha256(salt, secret)
    block, out = b"", b""
    for counter in range(1, -(-length // 32) + 1):
        block = hmac_sha256(key, block + info + bytes([counter]))
        out += block
    return out[:length]


# RFC 5869, test case 1.
assert hkdf(bytes(range(13)), b"\x0b" * 22, bytes(range(0xF0, 0xFA)), 42).hex() == (
    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
)


def derive(secret, deployment, purpose="upload-token/v2"):
    def expand(use, length):
        return hkdf(b"upsign", secret, f"{purpose}/{use}\0{deployment}".encode(), length)

    return expand("key-id", 8), expand("mac", 32)


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return struct.pack(">H", len(data)) + data


def flags(session):
    if "flags" in session:  # a combination that no session has
        return session["flags"]
    value = ALGORITHMS.index(session["checksum"]) | CHECKSUM_KINDS.index(session["checksumKind"]) << 4
    value |= SIZE_IS_MAXIMUM if session["sizeIsMaximum"] else 0
    return value | (SINGLE_REQUEST if session["uploadId"] is None else 0)


def more_flags(session):
    if "moreFlags" in session:  # a combination that no session has
        return session["moreFlags"]
    bits = [
        (session["minSize"] > 0, HAS_MIN_SIZE),
        (session["checksumValue"] is not None, HAS_CHECKSUM_VALUE),
        (session["finalKey"] is not None, IS_PENDING),
        (session["isForm"], IS_FORM),
        (session["isTagged"], IS_TAGGED),
        (session["account"] is not None, HAS_ACCOUNT),
    ]
    return sum(bit for is_set, bit in bits if is_set)


def payload(session):
    more = more_flags(session)
    head = struct.pack(
        ">QQQQBB",
        session["issuedAt"],
        session["expiresAt"],
        session["size"],
        session["partSize"],
        flags(session),
        more,
    )
    if more & HAS_MIN_SIZE:
        head += struct.pack(">Q", session["minSize"])
    if more & HAS_CHECKSUM_VALUE:
        value = base64.b64decode(session["checksumValue"])
        head += bytes([len(value)]) + value
    if more & HAS_ACCOUNT:
        head += bytes.fromhex(session["account"])
    names = ["issuer", "subject", "route", "bucket", "endpoint", "key", "uploadId", "contentType"]
    names += ["finalKey"] if more & IS_PENDING else []
    return head + b"".join(text(session[name] or "") for name in names)


def sign(body, secret, deployment, version=2, purpose="upload-token/v2"):
    key_id, key = derive(secret, deployment, purpose)
    message = bytes([version]) + key_id + body
    return message + hmac_sha256(key, message)


def encode(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


SESSION = {
    "issuer": "https://cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_AbCdEf123",
    "subject": "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "route": "videos",
    "bucket": "article-images-bucket",
    "endpoint": "https://s3.ap-southeast-1.amazonaws.com",
    "key": "videos/3f2504e0/1.mp4",
    "uploadId": "VXBsb2FkSWQ",
    "contentType": "video/mp4",
    "size": 5 * (1 << 30) + 1,
    "partSize": 8 * MIB,
    "sizeIsMaximum": False,
    "checksum": "crc64nvme",
    "checksumKind": "full-object",
    "minSize": 0,
    "checksumValue": None,
    "finalKey": None,
    "isForm": False,
    "isTagged": False,
    "account": None,
    "issuedAt": AT,
    "expiresAt": AT + DAY,
}
CRC64 = {"checksumValue": base64.b64encode(bytes(range(8))).decode()}
NO_CHECKSUM = {"checksum": None, "checksumKind": None}
PUT = {"uploadId": None, "size": 1_000, "partSize": 1_000}
SECRET = bytes(range(32))
DEPLOYMENT = "production"


def accepted():
    cases = [
        ("typical", {}, SECRET, DEPLOYMENT),
        ("unnamed route and no checksum", {"route": None} | NO_CHECKSUM, SECRET, DEPLOYMENT),
        (
            "access point",
            {
                "bucket": "arn:aws:s3:us-west-2:123456789012:accesspoint/uploads",
                "endpoint": "https://s3-accesspoint.us-west-2.amazonaws.com",
            },
            SECRET,
            DEPLOYMENT,
        ),
        ("another store", {"endpoint": "http://127.0.0.1:9000"}, SECRET, DEPLOYMENT),
        ("maximum size", {"sizeIsMaximum": True}, SECRET, DEPLOYMENT),
        ("single PUT", PUT, SECRET, DEPLOYMENT),
        ("single PUT of nothing", PUT | NO_CHECKSUM | {"size": 0, "partSize": 1}, SECRET, DEPLOYMENT),
        ("single PUT of a maximum size", PUT | {"sizeIsMaximum": True}, SECRET, DEPLOYMENT),
        ("form", PUT | {"isForm": True}, SECRET, DEPLOYMENT),
        ("form with a range of sizes", PUT | {"isForm": True, "sizeIsMaximum": True, "minSize": 10}, SECRET, DEPLOYMENT),
        ("pending object", PUT | {"key": "pending/1.mp4", "finalKey": "videos/1.mp4"}, SECRET, DEPLOYMENT),
        ("pending parts", {"key": "pending/1.mp4", "finalKey": "videos/\u65e5.mp4"}, SECRET, DEPLOYMENT),
        ("object that gets a tag", PUT | {"isTagged": True}, SECRET, DEPLOYMENT),
        ("value of the checksum", PUT | CRC64, SECRET, DEPLOYMENT),
        ("account of a quota", {"account": "00112233445566778899aabbccddeeff"}, SECRET, DEPLOYMENT),
        (
            "everything",
            PUT | CRC64 | {"isForm": True, "sizeIsMaximum": True, "minSize": 1, "finalKey": "a", "account": "ff" * 16},
            SECRET,
            DEPLOYMENT,
        ),
        ("empty object", {"size": 0}, SECRET, DEPLOYMENT),
        ("largest object", {"size": 53_687_091_200_000, "partSize": 5 << 30}, SECRET, DEPLOYMENT),
        ("longest window", {"expiresAt": AT + 7 * DAY}, SECRET, DEPLOYMENT),
        ("text beyond ASCII", {"key": "\u65e5\u672c/\u00e9.mp4", "subject": "J\u00fcrgen"}, SECRET, DEPLOYMENT),
        ("parameters of the type", {"contentType": 'video/webm;codecs="vp8,opus"'}, SECRET, DEPLOYMENT),
        ("long secret", {}, b"s" * 200, DEPLOYMENT),
        ("deployment beyond ASCII", {}, SECRET, "staging/M\u00fcnchen"),
    ]
    checksums = [("full-object", name) for name in ALGORITHMS[1:]]
    for kind, name in [*checksums, ("composite", "sha256"), ("parts", "md5")]:
        change = {"checksum": name, "checksumKind": kind}
        cases.append((f"{kind} checksum {name}", change, SECRET, DEPLOYMENT))
    for name, change, secret, deployment in cases:
        session = SESSION | change
        yield {
            "name": name,
            "deployment": deployment,
            "secret": secret.hex(),
            "keyId": derive(secret, deployment)[0].hex(),
            "session": session,
            "token": encode(sign(payload(session), secret, deployment)),
        }


def rejected():
    """Tokens for the secret and the deployment above. All signatures match, except where the reason says otherwise."""
    body = payload(SESSION)
    good = sign(body, SECRET, DEPLOYMENT)

    def signed(body):
        return encode(sign(body, SECRET, DEPLOYMENT))

    changes = [
        ("type not in canonical form", {"contentType": "Video/MP4"}),
        ("type with a space", {"contentType": "video/mp4; a=b"}),
        ("type missing", {"contentType": ""}),
        ("issuer missing", {"issuer": ""}),
        ("subject missing", {"subject": ""}),
        ("upload id missing", {"uploadId": ""}),
        ("upload id of a single PUT", PUT | {"uploadId": "VXBsb2FkSWQ", "flags": SINGLE_REQUEST}),
        ("single PUT of two parts", PUT | {"size": 1_001}),
        ("endpoint missing", {"endpoint": ""}),
        ("bucket not valid", {"bucket": "Not_A_Bucket"}),
        ("key with a dot segment", {"key": "a/../b"}),
        ("key missing", {"key": ""}),
        ("route not valid", {"route": "Videos"}),
        ("route with the reserved name", {"route": "upload"}),
        ("text not UTF-8", {"subject": b"\xff\xfe"}),
        ("part size 0", {"partSize": 0}),
        ("more than 10000 parts", {"size": 10_001, "partSize": 1}),
        ("unknown checksum algorithm", {"flags": 12 | 1 << 4}),
        ("last code of a checksum algorithm", {"flags": 15 | 1 << 4}),
        ("algorithm without a kind of checksum", {"flags": 5}),
        ("kind of checksum without an algorithm", {"flags": 2 << 4}),
        ("further flag that has no meaning", {"moreFlags": 1 << 6}),
        ("last further flag", {"moreFlags": 1 << 7}),
        ("smallest size of 0", {"moreFlags": HAS_MIN_SIZE}),
        ("form in parts", {"moreFlags": IS_FORM}),
        ("pending object that gets a tag", {"finalKey": "a", "moreFlags": IS_PENDING | IS_TAGGED}),
        ("final key missing", {"finalKey": "", "moreFlags": IS_PENDING}),
        ("final key with a dot segment", {"finalKey": "a/../b"}),
        ("checksum value too short", {"checksumValue": "AAAA"}),
        ("checksum value without a checksum", NO_CHECKSUM | CRC64),
        ("expiry before issue", {"expiresAt": AT - 1}),
        ("window of 7 days and 1 second", {"expiresAt": AT + 7 * DAY + 1}),
        ("time after the year 9999", {"issuedAt": 253_402_300_800, "expiresAt": 253_402_300_800}),
    ]
    for name, change in changes:
        yield name, "Payload", signed(payload(SESSION | change))
    yield "further byte in the payload", "Payload", signed(body + b"\0")
    yield "last byte of the payload missing", "Payload", signed(body[:-1])
    yield "empty payload", "Payload", signed(b"")
    yield "length beyond the payload", "Payload", signed(body[:34] + b"\xff\xff" + body[36:])
    yield "version 0", "Version(0)", encode(sign(body, SECRET, DEPLOYMENT, version=0))
    yield "version 1", "Version(1)", encode(sign(body, SECRET, DEPLOYMENT, version=1))
    yield "version 3", "Version(3)", encode(sign(body, SECRET, DEPLOYMENT, version=3))
    first = "upload-token/v1"
    yield "purpose of version 1", "UnknownKey", encode(sign(body, SECRET, DEPLOYMENT, purpose=first))
    yield "another deployment", "UnknownKey", encode(sign(body, SECRET, "staging"))
    yield "another purpose", "UnknownKey", encode(sign(body, SECRET, DEPLOYMENT, purpose="receipt/v1"))
    yield "another secret", "UnknownKey", encode(sign(body, SECRET[::-1], DEPLOYMENT))
    key_id, _ = derive(SECRET, DEPLOYMENT)
    other = sign(body, SECRET[::-1], DEPLOYMENT)
    yield "key id of another key", "Signature", encode(other[:1] + key_id + other[9:])
    yield "signature of zeros", "Signature", encode(good[:-32] + bytes(32))
    yield "signature without the version", "Signature", encode(
        good[:-32] + hmac_sha256(derive(SECRET, DEPLOYMENT)[1], good[1:-32])
    )
    yield "signature missing", "Signature", encode(good[:-32])
    yield "signature twice", "Signature", encode(good + good[-32:])
    yield "empty", "TooShort", ""
    yield "40 bytes", "TooShort", encode(good[:40])
    yield "padding", "Encoding", base64.urlsafe_b64encode(good + good[-1:]).decode().rstrip("=") + "="
    yield "unused bits", "Encoding", unused_bits(not_a_multiple_of_3())
    yield "space", "Encoding", encode(good) + " "
    yield "line break", "Encoding", encode(good)[:20] + "\n" + encode(good)[20:]
    yield "standard alphabet", "Encoding", "+/" + encode(good)[2:]
    yield "beyond ASCII", "Encoding", "\u00e9" + encode(good)[2:]
    yield "huge", "TooLong", "A" * 12_289
    yield "a megabyte", "TooLong", "A" * (1 << 20)


def not_a_multiple_of_3():
    """Returns a token that is valid except for the text around it, and whose last character has unused bits."""
    longer = (SESSION | {"uploadId": SESSION["uploadId"] + "A" * count} for count in range(3))
    tokens = (sign(payload(session), SECRET, DEPLOYMENT) for session in longer)
    return next(token for token in tokens if len(token) % 3 != 0)


def unused_bits(data):
    """Returns a text that a lenient decoder maps to `data`, but that is not what an encoder writes."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    assert len(data) % 3 != 0, "the last character has no unused bits"
    encoded = encode(data)
    last = alphabet[alphabet.index(encoded[-1]) + 1]
    return encoded[:-1] + last


def shortened(token):
    return token if len(token) < 10_000 else {"repeat": token[0], "count": len(token)}


print(
    json.dumps(
        {
            "secret": SECRET.hex(),
            "deployment": DEPLOYMENT,
            "cases": list(accepted()),
            "rejected": [
                {"name": name, "reason": reason, "token": shortened(token)} for name, reason, token in rejected()
            ],
        },
        indent=1,
        ensure_ascii=True,
    )
)
