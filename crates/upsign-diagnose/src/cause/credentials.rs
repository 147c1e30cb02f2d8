//! Credentials, regions and buckets of the signer.

use super::table::{ERRORS, QUERY_AUTH, causes};

causes! {
    CREDENTIALS_EXPIRED = "credentials-expired", Configuration {
        symptom: "400 `ExpiredToken`, while the URL itself is still valid",
        sentence: "the temporary credentials that signed the URL have expired, before the URL has",
        fix: "sign with credentials that outlast the URL: renew them earlier, or shorten the URL to their remaining time",
        proof: "the URL is within X-Amz-Date plus X-Amz-Expires, and the answer is ExpiredToken",
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html",
    }
    TOKEN_MISSING = "token-missing", Configuration {
        symptom: "403 `InvalidAccessKeyId` for an access key id that begins with ASIA",
        sentence: "the URL was signed with temporary credentials, and lacks their session token",
        fix: "pass the signer the session token (AWS_SESSION_TOKEN), and do not remove X-Amz-Security-Token from the URL",
        proof: "the access key id begins with ASIA, and the URL has no X-Amz-Security-Token",
        source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html",
    }
    ACCESS_KEY_UNKNOWN = "access-key-unknown", Configuration {
        symptom: "403 `InvalidAccessKeyId`",
        sentence: "the store does not know the access key id that signed the URL",
        fix: "sign with a key that exists at this store: it may be deleted, misspelled, or of another account or partition",
        proof: "aws sts get-caller-identity with the same credentials",
        source: ERRORS,
    }
    TOKEN_INVALID = "token-invalid", Configuration {
        symptom: "400 `InvalidToken`",
        sentence: "the session token in the URL is damaged or belongs to another access key",
        fix: "take key, secret and token from the same set of credentials, and percent-encode the token's + and / once",
        proof: "aws sts get-caller-identity with the same three values",
        source: ERRORS,
    }
    WRONG_REGION = "wrong-region", Configuration {
        symptom: "400 `AuthorizationQueryParametersError`: the region is wrong; expecting another",
        sentence: "the URL is signed for another region than the bucket's",
        fix: "configure the region of the bucket",
        proof: "aws s3api get-bucket-location, or the header x-amz-bucket-region of the answer",
        source: ERRORS,
    }
    WRONG_SERVICE = "wrong-service", Configuration {
        symptom: "400 `AuthorizationQueryParametersError`: incorrect service",
        sentence: "the credential scope of the URL names another service than s3",
        fix: "sign for the service s3",
        proof: "read X-Amz-Credential of the URL",
        source: QUERY_AUTH,
    }
    QUERY_INCOMPLETE = "query-incomplete", Client {
        symptom: "400 `AuthorizationQueryParametersError`: requires the X-Amz-… parameters",
        sentence: "the URL lacks parameters of its signature",
        fix: "use the URL exactly as it was issued; in a shell, put it in single quotes, because & ends a command",
        proof: "compare the query of the request with the query of the URL",
        source: QUERY_AUTH,
    }
    QUERY_MALFORMED = "query-malformed", Configuration {
        symptom: "400 `AuthorizationQueryParametersError`",
        sentence: "a parameter of the signature is malformed",
        fix: "correct the parameter that the message names, in the signer",
        proof: "compare the parameter with the documentation",
        source: QUERY_AUTH,
    }
    PERMANENT_REDIRECT = "permanent-redirect", Configuration {
        symptom: "301 `PermanentRedirect`",
        sentence: "the bucket is in another region than the host of the URL",
        fix: "sign for the regional endpoint of the bucket",
        proof: "read the header x-amz-bucket-region of the answer",
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html",
    }
    TEMPORARY_REDIRECT = "temporary-redirect", Configuration {
        symptom: "307 `TemporaryRedirect`, in a browser a CORS error: a preflight cannot follow a redirect",
        sentence: "the URL names the global endpoint, which redirects requests for a bucket that is new",
        fix: "sign for the regional endpoint, as in BUCKET.s3.REGION.amazonaws.com",
        proof: "the host of the URL has no region",
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html",
    }
    BUCKET_UNKNOWN = "bucket-unknown", Configuration {
        symptom: "404 `NoSuchBucket`",
        sentence: "there is no bucket of this name at this store",
        fix: "correct the name of the bucket, or the endpoint",
        proof: "aws s3api head-bucket --bucket NAME",
        source: ERRORS,
    }
}
