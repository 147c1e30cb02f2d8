//! Why an upload was refused, in one line.
//!
//! `upsign diagnose` reads what you have of a refused upload, compares it with what was signed, and names the part that differs and in
//! whose hands the fix is. It sends nothing.
//!
//! ```text
//! upsign diagnose upload.har                              # the network tab of a browser
//! upsign diagnose answer.xml --url "$URL"                 # the XML with which the store answered
//! curl -v -T cat.jpg -H 'content-type: image/jpeg' "$URL" 2>&1 | upsign diagnose - --grant grant.json
//! upsign diagnose --url "$URL" --status 403               # nothing but a status: candidates
//! ```
//!
//! ```text
//! cause: the header content-type was sent with another value than was signed (header-differs)
//!    fix: send the headers of the answer that contained the URL, unchanged (to be fixed in: the program that uploads)
//!    - signed  header:content-type  image/jpeg
//!    + sent    header:content-type  text/plain;charset=UTF-8
//!  prove: send the request with the signed value
//! ```
//!
//! # What to pass, best first
//!
//! | evidence | what it shows |
//! | --- | --- |
//! | the store's answer to `SignatureDoesNotMatch` | `CanonicalRequest`: the request as it arrived, so that changes by a proxy are seen as well |
//! | a HAR file: network tab, "Save all as HAR" | request, answer and preflight; if the call of the API is in it, also what was signed |
//! | the output of `curl -v`, or of `curl -i` | request and answer, or the answer |
//! | "Copy as cURL" (bash and cmd), "Copy as PowerShell", "Copy as fetch" | the request without the headers that the browser adds, and the fields of a form |
//! | what `upsign upload` printed, also with `--json` | the status and the code of the store |
//! | a message of the browser's console | why the browser blocked the request |
//! | the JSON of the API or of API Gateway | the code of the refusal |
//! | `--status`, with `--url` | candidates |
//! | a report in JSON, below | what a program of yours knows of its own request |
//!
//! Of a HAR, the request that failed is chosen: a signed URL or form before a request to a store without a signature, a refusal of the API,
//! and other failures of the page. The output names it, and says if a later request for the same object succeeded.
//!
//! The fields of a form (of a HAR, of `curl -F` and of copied requests) are compared with the policy that is one of them.
//!
//! The kind is detected. A URL contains neither the method nor the values of the signed headers, so a difference of these shows only with
//! `--grant FILE`: the JSON answer that contained the URL. `--url` states the URL as it was issued, if the request may have another one.
//!
//! # How to collect it
//!
//! | where | what to do |
//! | --- | --- |
//! | Chrome, Edge | open the network tab of the developer tools *before* the upload, upload, then "Export HAR (sanitized)". This export leaves `Authorization` and cookies out; only [`two-signatures`](mod@crate::manual::troubleshooting) and `cors-credentials` need them |
//! | Firefox | network tab, upload, then "Save All As HAR" in the menu of a request |
//! | Safari | Web Inspector, network tab, upload, then "Export" |
//! | a terminal | `curl -v … 2>&1 \| upsign diagnose -`, with the URL in quotation marks |
//! | a program in production | log the status, `x-amz-request-id` and the body of the answer: the XML alone names most causes |
//! | a user's browser | let the page send a report when an upload fails |
//!
//! A report is one JSON object, here of a `PUT` that failed. Only `method` and `url` are required; `status` is 0 if the browser shows no
//! answer, and `grant` is the answer of the API that contained the URL. For a form, `fields` has its fields. Signatures and tokens can be
//! shortened, in `grant` and `request` alike.
//!
//! ```json
//! {
//!   "request": {"method": "PUT", "url": "https://…", "headers": {"content-type": "image/png"}, "bodySize": 48213,
//!     "origin": "https://app.example.com"},
//!   "response": {"status": 403, "headers": {}, "body": "<Error>…</Error>"},
//!   "grant": {"uploadUrl": "https://…", "method": "PUT", "headers": {"content-type": "image/jpeg"}, "contentLength": 48213}
//! }
//! ```
//!
//! The page of `upsign dev` sends this when an upload fails and shows the diagnosis, with a command that repeats it in a terminal. Its
//! buttons "Try to cheat" show ten of the causes, and which line of `upsign.toml` is responsible.
//!
//! # Certain, or a list of candidates
//!
//! A diagnosis is certain if the evidence proves it: the store states the part that is wrong, or the request differs from what was signed.
//! Otherwise there is a list of candidates, the most likely first. To turn a candidate into a certainty:
//!
//! - `--cors FILE`: the CORS rules of the bucket (`aws s3api get-bucket-cors`), in every form that `upsign check --against` reads. They name the
//!   origin, method or header that no rule allows.
//! - `--iam FILE`, `--bucket-policy FILE` and `--kms-policy FILE` (`aws kms get-key-policy`): which statement denies the request, or that none
//!   permits it. This remains a candidate, because conditions can depend on what the evidence does not show: then the sentence names
//!   the condition keys, such as `aws:SourceIp`.
//! - `AWS_SECRET_ACCESS_KEY` and `AWS_ACCESS_KEY_ID` of the signer, in the environment only: the signature is computed again, with one mistake
//!   at a time that signers make (another region, service or day, a path that is encoded twice, a token that was added later, a secret
//!   with a line break), until it is that of the URL.
//!
//! # CORS, 403, expired
//!
//! Every cause with its symptom and fix is in [`troubleshooting`](mod@crate::manual::troubleshooting), which begins with these three.
//!
//! - A page sees "CORS error" also if the store answered with 403 or 501 and no rule covers the answer. A HAR has the answer: its
//!   cause comes first, `cors-hidden` after it.
//! - `url-expired` and `credentials-expired` are two causes: the URL reached its own end, or the temporary credentials that signed it did
//!   so earlier. The second needs a change of the signer.
//! - A part that is stored and whose ETag the page reads as `null` is `etag-hidden`: no rule exposes `ETag`.
//! - A 401 of the API or of API Gateway names what is wrong with the token of the request, with the code of `upsign verify`: `claim:exp` for
//!   one that has expired. Without a visible mistake, its issuer and audience are shown, to compare them with the configuration. Nothing is
//!   verified: that needs the issuer's keys.
//!
//! # JSON
//!
//! `--json` always prints one object, of the most likely cause:
//!
//! | member | value |
//! | --- | --- |
//! | `cause` | the code, in kebab-case; it never changes its meaning |
//! | `certain` | whether the evidence proves it |
//! | `field` | `method`, `scheme`, `host`, `path`, `query:NAME`, `header:NAME`, `answer-header:NAME`, `form-field:NAME`, `body`, `key`, `clock`, `credentials`, `origin`, `region`, `bucket`, `action:NAME`, `token`, `claim:NAME` or `unknown` |
//! | `owner` | `client`, `cors`, `iam`, `bucket-policy`, `clock`, `proxy`, `configuration` or `store` |
//! | `sentence`, `fix`, `proof` | texts for people |
//! | `diff` | a list of `field`, `signed` and `sent`; `null` for what was not signed, not sent or is not known |
//! | `source` | the page that documents the behavior |
//! | `others` | further causes that are certain, then the other candidates, the most likely first: objects with the members above; empty if there are none |
//! | `request` | the request that failed: `method`, `host`, `path`, `at`, the `status` of its answer, `among` how many it was chosen, and `laterSuccess` with `at` and `status`; `null` if none is known |
//!
//! # What the product tells by itself
//!
//! - A refusal of the API has the member `diagnose`, from `upsign serve` and from a Lambda function: cause, owner, fix, and the id of
//!   the request. Search the log for the id to read the reason, which the answer does not contain:
//!
//!   ```text
//!   WARN request{id="5f0c7c1b…" method="POST" path="/upload-url" client=127.0.0.1}: request refused code="unauthorized" reason="expired: …"
//!   ```
//! - `upsign upload` prints the diagnosis of a refusal of the store below the error, also in `error.diagnose` of `--json`. It knows the
//!   request and the answer with their headers, so it is as exact as a HAR.
//! - The S3 server of `upsign dev` and `upsign-local` answers with the elements that S3 adds to its errors: `CanonicalRequest` and
//!   `StringToSign` of a wrong signature, `ServerTime` of an expired URL, `HeadersNotSigned`, `ProposedSize` and so on. What diagnoses its
//!   answers diagnoses those of S3.
//!
//! # What is not shown
//!
//! Signatures and session tokens are shortened to four characters, also where S3 repeats them in hexadecimal; `Authorization` and cookies
//! are removed. A HAR itself contains all of them: do not publish it.
//!
//! Input above 32 MiB, binary files, HAR files that were cut off, and URLs of other services than S3 are refused with exit code 2.
//! `upsign-diagnose` is the library: `Evidence::read`, then `diagnose`.
