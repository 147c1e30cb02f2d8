//! Times: of the URL and of clocks.

use super::table::{ERRORS, QUERY_AUTH, causes};

causes! {
    URL_EXPIRED = "url-expired", Client {
        symptom: "403 `AccessDenied`: Request has expired",
        sentence: "the URL has expired",
        fix: "ask for a new URL directly before the upload, and again before a retry",
        proof: "compare ServerTime of the answer with X-Amz-Date plus X-Amz-Expires",
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html",
    }
    FORM_EXPIRED = "form-expired", Client {
        symptom: "403 `AccessDenied`: Invalid according to Policy: Policy expired",
        sentence: "the form has expired",
        fix: "ask for a new form directly before the upload",
        proof: "decode the field policy: its member expiration has passed",
        source: super::table::POST_POLICY,
    }
    URL_NOT_YET_VALID = "url-not-yet-valid", Clock {
        symptom: "403 `AccessDenied`: Request is not valid yet",
        sentence: "the URL was signed for a time in the future",
        fix: "correct the clock of the machine that signs (NTP)",
        proof: "compare X-Amz-Date of the URL with the header Date of any answer of the store",
        source: QUERY_AUTH,
    }
    CLOCK_SKEW = "clock-skew", Clock {
        symptom: "403 `RequestTimeTooSkewed`",
        sentence: "the clock of the signer differs by more than 15 minutes from the store's",
        fix: "correct the clock of the machine that signs (NTP)",
        proof: "compare RequestTime and ServerTime of the answer",
        source: ERRORS,
    }
    EXPIRES_TOO_LONG = "expires-too-long", Configuration {
        symptom: "400 `AuthorizationQueryParametersError`: X-Amz-Expires must be less than a week",
        sentence: "the URL is signed for more than 7 days",
        fix: "sign for at most 604800 seconds",
        proof: "read X-Amz-Expires of the URL",
        source: QUERY_AUTH,
    }
    EXPIRES_NOT_A_NUMBER = "expires-not-a-number", Configuration {
        symptom: "400 `AuthorizationQueryParametersError`: X-Amz-Expires should be a number",
        sentence: "X-Amz-Expires of the URL is not a number",
        fix: "pass the signer a number of seconds: `undefined` and `NaN` are signed as text",
        proof: "read X-Amz-Expires of the URL",
        source: QUERY_AUTH,
    }
}
