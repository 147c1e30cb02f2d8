"""Writes botocore.json: URLs that botocore's CloudFrontSigner signs with the key of the vectors of Google Cloud Storage.

    python3 vectors.py > botocore.json

botocore knows no Hash-Algorithm, so the parameter is added here, and the signature is made over SHA-256.
"""
import datetime
import json
import pathlib
from urllib.parse import quote

from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

FOLDER = pathlib.Path(__file__).parent
VECTORS = FOLDER / "../../../upsign-testing/vectors/gcs_service_account.json"
KEY = serialization.load_pem_private_key(json.loads(VECTORS.read_text())["private_key"].encode(), None)
SIGNER = CloudFrontSigner("K2JCJMDEHXQW5F", lambda text: KEY.sign(text, padding.PKCS1v15(), hashes.SHA256()))
CASES = [
    ("image.jpg", {}, 1767290400),
    ("articles/7/a b+c.jpg", {"versionId": "3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY"}, 1767290401),
    ("Grüße/*?&=.pdf", {"response-content-disposition": 'attachment; filename="a.pdf"', "response-content-type": "application/pdf"}, 4102444800),
    ("~tilde/'quote'(1).txt", {"versionId": "null"}, 1),
]


def case(key, query, expires):
    pairs = "&".join(f"{quote(name, safe='-._~')}={quote(value, safe='-._~')}" for name, value in query.items())
    url = f"https://d111111abcdef8.cloudfront.net/{quote(key, safe='/-._~')}" + (f"?{pairs}" if pairs else "")
    until = datetime.datetime.fromtimestamp(expires, datetime.timezone.utc)
    signed = SIGNER.generate_presigned_url(url, date_less_than=until) + "&Hash-Algorithm=SHA256"
    return {"key": key, "query": list(query.items()), "expires": expires, "url": signed}


print(json.dumps([case(*row) for row in CASES], indent=1, ensure_ascii=False))
