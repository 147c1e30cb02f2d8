//! The store itself, and what stands in front of it.

use super::table::{ERRORS, causes};

causes! {
    NOT_IMPLEMENTED = "not-implemented", Configuration {
        symptom: "501 `NotImplemented`",
        sentence: "the store does not implement this kind of request; R2, for example, has no POST forms",
        fix: "use a presigned PUT, and leave headers out that the store does not know",
        proof: "a PUT with Content-Type alone succeeds",
        source: ERRORS,
    }
    SLOW_DOWN = "slow-down", Client {
        symptom: "503 `SlowDown`, or `ServiceUnavailable` with \"reduce your request rate\"",
        sentence: "the store asks for fewer requests",
        fix: "repeat with growing pauses, and send fewer parts at once; spread keys over prefixes",
        proof: "the same request succeeds later",
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html",
    }
    STORE_ERROR = "store-error", Store {
        symptom: "500 `InternalError`, 503 `ServiceUnavailable`, 502 or 504",
        sentence: "the store, or a gateway in front of it, failed",
        fix: "repeat the request; if it lasts, give the request id to the operator of the store",
        proof: "the same request succeeds later",
        source: ERRORS,
    }
    PROXY_ANSWER = "proxy-answer", Proxy {
        symptom: "an HTML page as the answer to an upload",
        sentence: "a proxy or gateway answered, and not the store: the answer is an HTML page",
        fix: "let the proxy pass PUT, large bodies and unchanged headers, or send uploads around it",
        proof: "send the same request directly to the store",
        source: ERRORS,
    }
    OTHER_REFUSAL = "other-refusal", Store {
        symptom: "an error code that is not in this table",
        sentence: "the store refused the request with a code that this version does not know",
        fix: "look the code up in the documentation of the store",
        proof: "read the message of the answer",
        source: ERRORS,
    }
}
