"""The same endpoint in Python: FastAPI, PyJWT, and boto3 as in the original two-step design. Prints its address."""
import json
import socket
import uuid

import boto3
import jwt
import uvicorn
from botocore.config import Config
from fastapi import FastAPI, Header, HTTPException

with open("pool.json", encoding="utf-8") as file:
    pool = json.load(file)
keys = {key["kid"]: jwt.PyJWK(key) for key in json.loads(pool["jwks"])["keys"]}
s3_client = boto3.client("s3", region_name="ap-southeast-1", config=Config(signature_version="s3v4"))
app = FastAPI()


@app.post("/upload-url")
def upload_url(authorization: str = Header("")):
    token = authorization.removeprefix("Bearer ")
    try:
        key = keys[jwt.get_unverified_header(token)["kid"]]
        claims = jwt.decode(token, key, algorithms=["RS256"], issuer=pool["issuer"], options={"verify_aud": False})
        if claims["client_id"] != pool["client"] or claims["token_use"] != "access":
            raise KeyError("client_id")
    except (jwt.PyJWTError, KeyError) as error:
        raise HTTPException(401, "unauthorized") from error
    article_id = str(uuid.uuid4())
    key = f"articles/{article_id}/raw/{uuid.uuid4()}.jpg"
    url = s3_client.generate_presigned_url(
        "put_object", Params={"Bucket": "article-images-bucket", "Key": key, "ContentType": "image/jpeg"}, ExpiresIn=900)
    return {"uploadUrl": url, "key": key, "articleId": article_id, "expiresIn": 900}


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
print(json.dumps({"listening": f"http://127.0.0.1:{listener.getsockname()[1]}"}), flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False)).run(sockets=[listener])
