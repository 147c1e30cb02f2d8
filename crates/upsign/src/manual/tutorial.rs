//! From an empty folder to an upload in your own bucket.
//!
//! You need Rust 1.95, a C compiler, `curl`, and for steps 2 to 7 an AWS account with a configured [AWS CLI](https://aws.amazon.com/cli/).
//! It takes about ten minutes, most of which is the first build. If you have a bucket and a user pool already, skip step 2.
//!
//! # 1. See it work
//!
//! In a checkout of the repository:
//!
//! ```sh
//! cargo install --path crates/upsign-cli --features chain
//! upsign demo
//! ```
//!
//! The demo starts a user pool, the API and an S3 server inside its process. It signs a user in, asks for a URL, uploads a photo, reads
//! it back, and then tries four uploads that the URL does not allow. `upsign dev` keeps the three running and prints the address of a
//! page where you can do the same with your own photo.
//!
//! # 2. Create a bucket and a user pool
//!
//! Choose a name for the bucket that nobody else has. `AWS_DEFAULT_REGION` is read by the AWS CLI.
//!
//! ```sh
//! export AWS_DEFAULT_REGION=eu-central-1
//! aws s3 mb s3://my-uploads-4711
//! POOL=$(aws cognito-idp create-user-pool --pool-name uploads --query UserPool.Id --output text)
//! CLIENT=$(aws cognito-idp create-user-pool-client --user-pool-id "$POOL" --client-name page \
//!   --explicit-auth-flows ALLOW_USER_PASSWORD_AUTH ALLOW_REFRESH_TOKEN_AUTH \
//!   --query UserPoolClient.ClientId --output text)
//! aws cognito-idp admin-create-user --user-pool-id "$POOL" --username alice --message-action SUPPRESS
//! aws cognito-idp admin-set-user-password --user-pool-id "$POOL" --username alice \
//!   --password 'Correct-Horse-4711' --permanent
//! echo "$POOL $CLIENT"
//! ```
//!
//! # 3. Write the configuration
//!
//! In an empty folder:
//!
//! ```sh
//! upsign init
//! ```
//!
//! Change the five lines of `upsign.toml` that are marked CHANGE:
//!
//! ```toml
//! [bucket]
//! name = "my-uploads-4711"
//! region = "eu-central-1"
//!
//! [auth]
//! user_pool = "eu-central-1_AbCdEf123"          # what the last command of step 2 printed first
//! client_ids = ["3n4b5urk1ft4fl3mg5e62d9ado"]   # and second
//!
//! [cors]
//! origins = ["http://localhost:3000"]           # the address of the page that will upload
//! ```
//!
//! The other lines are the recommended settings: JPEG, PNG and WebP files of up to 10 MiB, a URL that is valid for 15 minutes, and no
//! request without a description. [`reference::configuration`](super::reference::configuration) lists every key.
//!
//! # 4. Check it
//!
//! ```sh
//! upsign check
//! ```
//!
//! It prints what a caller gets: the key, the types, the size, and an example of request and response. Warnings are about settings that
//! are valid but weaker than they need to be. To see what one upload would get:
//!
//! ```sh
//! upsign key --content-type image/jpeg --content-length 48213
//! ```
//!
//! ```console
//! $ upsign key --content-type text/html --content-length 48213
//! error: content-type-not-allowed: the content type text/html is not allowed
//! ```
//!
//! Neither command needs an AWS account: nothing is signed, and nothing is sent.
//!
//! # 5. Prepare the bucket
//!
//! Browsers may send a file to a bucket of another origin only if the bucket's CORS rules allow it. Derive them from the configuration:
//!
//! ```sh
//! upsign documents cors > cors.json
//! aws s3api put-bucket-cors --bucket my-uploads-4711 --cors-configuration file://cors.json
//! ```
//!
//! The service signs with credentials that may write to the bucket. `upsign documents iam` prints the smallest policy for them; for this
//! tutorial, the credentials of the AWS CLI will do.
//!
//! # 6. Serve
//!
//! ```sh
//! eval "$(aws configure export-credentials --format env)"
//! upsign serve
//! ```
//!
//! The server prints what it will do, and the request to send. With credentials of a role or of single sign-on, whose variables do not say
//! when they expire, it asks for `[credentials] unknown_expiry`; build with `--features chain` and run `upsign serve --credentials chain`
//! instead.
//!
//! # 7. Upload
//!
//! In a second terminal, with the variables of step 2. Get a token for alice, as a sign-in page would:
//!
//! ```sh
//! TOKEN=$(aws cognito-idp initiate-auth --client-id "$CLIENT" --auth-flow USER_PASSWORD_AUTH \
//!   --auth-parameters 'USERNAME=alice,PASSWORD=Correct-Horse-4711' \
//!   --query AuthenticationResult.AccessToken --output text)
//! ```
//!
//! Ask for a URL, for the exact size of the file:
//!
//! ```sh
//! curl -sS http://127.0.0.1:8080/upload-url -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \
//!   -d "{\"contentType\": \"image/jpeg\", \"contentLength\": $(wc -c < photo.jpg)}"
//! ```
//!
//! ```json
//! {
//!   "uploadUrl": "https://my-uploads-4711.s3.eu-central-1.amazonaws.com/articles/b880…/raw/aaf8….jpg?X-Amz-Algorithm=…",
//!   "key": "articles/b880…/raw/aaf8….jpg",
//!   "articleId": "b880…",
//!   "expiresIn": 900,
//!   "method": "PUT",
//!   "headers": {"content-type": "image/jpeg", "if-none-match": "*"},
//!   "expiresAt": "2026-01-01T00:15:00Z"
//! }
//! ```
//!
//! Send the file to `uploadUrl`, with the method and the headers of the answer:
//!
//! ```sh
//! curl -sS --upload-file photo.jpg -H "content-type: image/jpeg" -H "if-none-match: *" "$UPLOAD_URL"
//! aws s3 ls --recursive s3://my-uploads-4711
//! ```
//!
//! Now cheat. Send the same request again: S3 answers 412 `PreconditionFailed`. Send another file, or another type: 403
//! `SignatureDoesNotMatch`. Ask for a URL without the token: 401.
//!
//! # 8. Keep it that way
//!
//! In CI, compare what is deployed with the file. The exit code is 1 if they differ:
//!
//! ```sh
//! aws s3api get-bucket-cors --bucket my-uploads-4711 > deployed.json
//! upsign check --against deployed.json
//! ```
//!
//! # Where to go from here
//!
//! - A page that uploads: the function `upload` in the README, 15 lines of JavaScript.
//! - A server for others than yourself: [`howto::server`](super::howto::server). A function: [`howto::lambda`](super::howto::lambda). Your
//!   own service: [`howto::axum`](super::howto::axum).
//! - A check of your own before each upload: [`howto::authorize`](super::howto::authorize).
//! - What happens after the upload: [`internals::distributed`](super::internals::distributed#when-the-file-has-arrived).
//! - What each part means: [`concepts`](super::concepts).
