//! `SignatureDoesNotMatch`: a part of the request differs from what was signed.

use super::table::{ACCESS_DENIED, ERRORS, QUERY_AUTH, causes};

causes! {
    METHOD_DIFFERS = "method-differs", Client {
        symptom: "403 `SignatureDoesNotMatch`",
        sentence: "the request was sent with another method than the URL was signed for",
        fix: "send the method that the answer with the URL names, usually PUT",
        proof: "send the same request with the signed method",
        source: QUERY_AUTH,
    }
    HOST_DIFFERS = "host-differs", Client {
        symptom: "403 `SignatureDoesNotMatch` behind a proxy, a CNAME or another port",
        sentence: "the request reached the store with another Host than was signed",
        fix: "send the request to the host of the URL, and let proxies pass Host unchanged",
        proof: "send the request directly to the host of the URL, without the proxy",
        source: QUERY_AUTH,
    }
    PATH_DIFFERS = "path-differs", Client {
        symptom: "403 `SignatureDoesNotMatch`",
        sentence: "the request was sent for another path than the URL was signed for",
        fix: "use the URL exactly as it was issued: one URL allows one key",
        proof: "compare the path of the request with the path of the URL",
        source: QUERY_AUTH,
    }
    PATH_ENCODING = "path-encoding", Client {
        symptom: "403 `SignatureDoesNotMatch` for keys with spaces, `+`, `%` or non-ASCII characters",
        sentence: "the path was encoded again or decoded after the URL was signed",
        fix: "pass the URL on as text: do not encode, decode or normalize it",
        proof: "an upload to a key of letters and digits only succeeds with the same code",
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html",
    }
    QUERY_ADDED = "query-added", Client {
        symptom: "403 `SignatureDoesNotMatch`",
        sentence: "the request has a query parameter that was not signed",
        fix: "send the URL without additional parameters",
        proof: "send the request without the parameter",
        source: QUERY_AUTH,
    }
    QUERY_MISSING = "query-missing", Client {
        symptom: "403 `SignatureDoesNotMatch`, or `AuthorizationQueryParametersError`",
        sentence: "a signed query parameter is missing from the request",
        fix: "use the URL exactly as it was issued; in a shell, put it in single quotes",
        proof: "compare the query of the request with the query of the URL",
        source: QUERY_AUTH,
    }
    QUERY_DIFFERS = "query-differs", Client {
        symptom: "403 `SignatureDoesNotMatch`",
        sentence: "a query parameter has another value than was signed",
        fix: "use the URL exactly as it was issued",
        proof: "compare the query of the request with the query of the URL",
        source: QUERY_AUTH,
    }
    SIGNATURE_ALTERED = "signature-altered", Client {
        symptom: "403 `SignatureDoesNotMatch`",
        sentence: "the request has another signature than the URL: it was cut, or is that of another URL",
        fix: "use the URL exactly as it was issued, with its whole signature of 64 hex digits",
        proof: "compare the end of the URL with the URL that was issued",
        source: QUERY_AUTH,
    }
    HEADER_MISSING = "header-missing", Client {
        symptom: "403 `SignatureDoesNotMatch`",
        sentence: "a signed header was not sent",
        fix: "send every header of the answer that contained the URL, unchanged",
        proof: "send the request with the header",
        source: QUERY_AUTH,
    }
    HEADER_DIFFERS = "header-differs", Client {
        symptom: "403 `SignatureDoesNotMatch`",
        sentence: "a signed header was sent with another value than was signed",
        fix: "send the headers of the answer that contained the URL, unchanged",
        proof: "send the request with the signed value",
        source: QUERY_AUTH,
    }
    LENGTH_DIFFERS = "length-differs", Client {
        symptom: "403 `SignatureDoesNotMatch`, or the connection ends during the upload",
        sentence: "the body has another length than was signed",
        fix: "ask for the URL with the exact size in bytes of the body that is sent",
        proof: "compare the size of the file with the Content-Length that was signed",
        source: QUERY_AUTH,
    }
    HEADER_UNSIGNED = "header-unsigned", Client {
        symptom: "403 `AccessDenied`: There were headers present in the request which were not signed",
        sentence: "the request has an x-amz-* header that was not signed",
        fix: "leave the header out, or have it signed by the service that issues the URL",
        proof: "send the request without the header",
        source: ACCESS_DENIED,
    }
    PAYLOAD_HASH = "payload-hash", Client {
        symptom: "403 `SignatureDoesNotMatch`",
        sentence: "the request states a hash of its body, and presigned URLs are signed for `UNSIGNED-PAYLOAD`",
        fix: "leave the header x-amz-content-sha256 out",
        proof: "send the request without x-amz-content-sha256",
        source: QUERY_AUTH,
    }
    TWO_SIGNATURES = "two-signatures", Client {
        symptom: "400 `InvalidArgument`: Only one auth mechanism allowed",
        sentence: "the request has an Authorization header in addition to the signature in its URL",
        fix: "send uploads without Authorization: exempt them from the HTTP client's default headers or interceptor",
        proof: "send the request without Authorization",
        source: ERRORS,
    }
    SIGNED_FOR_REGION = "signed-for-region", Configuration {
        symptom: "403 `SignatureDoesNotMatch`",
        sentence: "the signature was made with the key of another region than its scope states",
        fix: "let the signer derive its key with the region of the credential scope",
        proof: "the signature matches if the key is derived with that region",
        source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html",
    }
    SIGNED_FOR_SERVICE = "signed-for-service", Configuration {
        symptom: "403 `SignatureDoesNotMatch`",
        sentence: "the signature was made with the key of another service than s3",
        fix: "let the signer derive its key with the service s3",
        proof: "the signature matches if the key is derived with that service",
        source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html",
    }
    SIGNED_FOR_DATE = "signed-for-date", Configuration {
        symptom: "403 `SignatureDoesNotMatch`, often after midnight UTC",
        sentence: "the signature was made with the key of another day than its scope states",
        fix: "derive the signing key anew for each day in UTC",
        proof: "the signature matches if the key is derived with that day",
        source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html",
    }
    SIGNED_WITHOUT_TOKEN = "signed-without-token", Configuration {
        symptom: "403 `SignatureDoesNotMatch` with temporary credentials only",
        sentence: "the session token was added to the URL after it was signed",
        fix: "add X-Amz-Security-Token to the query before signing",
        proof: "the signature matches without the token in the canonical request",
        source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html",
    }
    SIGNED_PAYLOAD = "signed-payload", Configuration {
        symptom: "403 `SignatureDoesNotMatch`",
        sentence: "the signer used a hash of the body in place of `UNSIGNED-PAYLOAD`",
        fix: "sign presigned URLs with the payload hash UNSIGNED-PAYLOAD",
        proof: "the signature matches with that payload hash",
        source: QUERY_AUTH,
    }
    SIGNED_PATH = "signed-path", Configuration {
        symptom: "403 `SignatureDoesNotMatch` for some keys only",
        sentence: "the signer encoded the path in another way than S3 does",
        fix: "encode each byte of the key once, except A-Z a-z 0-9 - . _ ~ and /, and do not normalize the path",
        proof: "the signature matches with that path",
        source: "https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html",
    }
    SIGNED_SECRET = "signed-secret", Configuration {
        symptom: "403 `SignatureDoesNotMatch` for every request",
        sentence: "the secret key of the signer has a white-space character at an end",
        fix: "remove the space or line break from the secret key in the signer's configuration",
        proof: "the signature matches with that secret key",
        source: ERRORS,
    }
    SIGV2 = "sigv2", Configuration {
        symptom: "400 `InvalidRequest`: The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256",
        sentence: "the request is signed with Signature Version 2, which the store or the region of the bucket does not accept",
        fix: "sign with Signature Version 4; in old SDKs: signatureVersion \"v4\"",
        proof: "the URL has AWSAccessKeyId and Signature in place of X-Amz-Algorithm",
        source: "https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html",
    }
    WRONG_SECRET = "wrong-secret", Configuration {
        symptom: "403 `SignatureDoesNotMatch` for every request",
        sentence: "the secret key that signed is not the one of the access key id, or was changed in between",
        fix: "set both keys of one pair, without quotes or line breaks",
        proof: "if other uploads signed with this key succeed, it is not the key; otherwise run this command with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the signer",
        source: ERRORS,
    }
    SIGNATURE_MISMATCH = "signature-mismatch", Client {
        symptom: "403 `SignatureDoesNotMatch` without further details",
        sentence: "the signature does not match the request, and nothing here shows which part differs",
        fix: "compare the request with the answer that contained the URL: method, headers, length and URL",
        proof: "pass the store's answer (its XML has the CanonicalRequest) or a HAR file, and --grant with the answer of the API",
        source: ERRORS,
    }
}
