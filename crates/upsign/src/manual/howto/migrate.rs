//! Replace the Lambda function of the original design.
//!
//! The original design is a Lambda function `GetUploadUrlFunction` behind `POST /upload-url` with a Cognito authorizer. It signs with
//! `generate_presigned_url`:
//!
//! ```python
//! article_id = str(uuid.uuid4())
//! file_key = f"articles/{article_id}/raw/{uuid.uuid4()}.jpg"
//! upload_url = s3_client.generate_presigned_url(
//!     "put_object",
//!     Params={"Bucket": BUCKET_NAME, "Key": file_key, "ContentType": "image/jpeg"},
//!     ExpiresIn=900,
//! )
//! ```
//!
//! Its clients send no body, and read `uploadUrl`, `key`, `articleId` and `expiresIn`.
//!
//! # 1. The same contract
//!
//! Start with a configuration that answers such clients, and grants what the original grants:
//!
//! ```toml
//! [bucket]
//! name = "article-images-bucket"     # or the variable ARTICLE_IMAGES_BUCKET, which the original reads too
//! region = "ap-southeast-1"
//!
//! [upload]
//! key = "articles/{article_id}/raw/{id}.{ext}"
//! ids = ["article_id"]
//! types = ["image/jpeg", "image/png", "image/webp"]
//! max_size = "10 MiB"
//! bodyless = "allow"                 # until every client describes its upload: see step 3
//!
//! [credentials]
//! unknown_expiry = "assume"          # a function's role does not say when its credentials end
//! assume_for = "1h"
//!
//! [auth]
//! user_pool = "ap-southeast-1_AbCdEf123"
//! client_ids = ["3n4b5urk1ft4fl3mg5e62d9ado"]
//! token_use = "access"
//!
//! [cors]
//! origins = ["https://app.example.com"]
//! ```
//!
//! `upsign check` warns that requests without a body bind neither size nor overwriting. Deploy it as [`howto::lambda`](super::lambda)
//! says, with the same path and the same authorizer. Existing clients notice nothing: a request without a body gets a `PUT` URL for
//! `image/jpeg`.
//!
//! One thing is stricter than in the original: a client must send `Content-Type: image/jpeg`. The original's page sends `file.type`, so
//! its uploads of PNG files already fail with 403 `SignatureDoesNotMatch`.
//!
//! # 2. The documents
//!
//! The original gives its role `s3:PutObject` and `s3:PutObjectAcl` on the whole bucket, and its bucket CORS rules with `*` everywhere.
//! Replace both by what the uploads need:
//!
//! ```sh
//! upsign documents iam > role-policy.json      # in place of the policy of the function's role
//! upsign documents cors > cors.json
//! aws s3api put-bucket-cors --bucket article-images-bucket --cors-configuration file://cors.json
//! ```
//!
//! Then compare what is deployed with the configuration. Before the replacement, the same two commands list what the original
//! permits beyond what the uploads need, and end with exit code 1:
//!
//! ```sh
//! aws s3api get-bucket-cors --bucket article-images-bucket > deployed.json
//! upsign check --against deployed.json
//! ```
//!
//! # 3. Clients that describe their upload
//!
//! Change clients one by one. They state type and size, and send exactly what the answer says:
//!
//! ```js
//! const grant = await (await fetch(`${API_BASE}/upload-url`, {
//!   method: "POST",
//!   headers: { Authorization: `Bearer ${accessToken}`, "Content-Type": "application/json" },
//!   body: JSON.stringify({ contentType: file.type, contentLength: file.size }),
//! })).json();
//! await fetch(grant.uploadUrl, { method: grant.method, headers: grant.headers, body: file });
//! ```
//!
//! Or they use the [client for browsers](super::browser#from-the-original-page), which does this and more in one call.
//!
//! From then on the type of each file, its exact size and protection against overwriting are signed. `If-None-Match` is a header
//! that CORS must allow: deploy the documents of step 2 first.
//!
//! # 4. Refuse the rest
//!
//! When no client sends requests without a body any more, set `bodyless = "refuse"`. Such a request then gets 400 `body-required`, and
//! `upsign check` has no warning left. The metric `Rejected` by `Reason` shows whether someone still sends one.
//!
//! | | original | step 1 | step 4 |
//! | --- | --- | --- | --- |
//! | content type | `image/jpeg` | `image/jpeg` | any of `types`, as described |
//! | size | up to 5 GB | up to 5 GB | the exact size, up to `max_size` |
//! | overwriting with the same URL | possible | possible | refused with 412 |
//! | `expiresIn` | 900, also when the role's credentials end sooner | at most what the credentials last | the same |
//! | the function's role | may write every object and every ACL | may write `articles/*/raw/*` | the same |
//! | pages that may upload | every page | those of `cors.origins` | the same |
