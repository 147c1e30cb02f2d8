//! CORS: what a browser asks first, and what it lets a page see.

use super::table::{CORS, causes};

causes! {
    CORS_NOT_ENABLED = "cors-not-enabled", Cors {
        symptom: "403 on OPTIONS: CORSResponse: CORS is not enabled for this bucket",
        sentence: "the bucket has no CORS configuration, so browsers may not send uploads to it",
        fix: "put the rules of `upsign documents cors` on the bucket",
        proof: "aws s3api get-bucket-cors --bucket NAME",
        source: CORS,
    }
    CORS_ORIGIN = "cors-origin", Cors {
        symptom: "403 on OPTIONS, or no Access-Control-Allow-Origin in the answer",
        sentence: "no CORS rule allows the origin of the page",
        fix: "add the exact origin (scheme, host, port, no slash at the end) to AllowedOrigins",
        proof: "pass the CORS configuration with --cors",
        source: CORS,
    }
    CORS_METHOD = "cors-method", Cors {
        symptom: "403 on OPTIONS, or: Method is not allowed by Access-Control-Allow-Methods",
        sentence: "no CORS rule for the origin allows the method",
        fix: "add the method to AllowedMethods",
        proof: "pass the CORS configuration with --cors",
        source: CORS,
    }
    CORS_HEADER = "cors-header", Cors {
        symptom: "403 on OPTIONS, or: Request header field is not allowed by Access-Control-Allow-Headers",
        sentence: "the CORS rule for the origin and method does not allow a header of the request",
        fix: "add the header to AllowedHeaders; each header that is signed has to be there",
        proof: "pass the CORS configuration with --cors",
        source: CORS,
    }
    CORS_REFUSED = "cors-refused", Cors {
        symptom: "403 on OPTIONS: CORSResponse: This CORS request is not allowed",
        sentence: "no CORS rule of the bucket allows the origin, method and headers of the request together",
        fix: "compare the bucket's rules with `upsign documents cors`",
        proof: "aws s3api get-bucket-cors --bucket NAME > cors.json, and pass it with --cors cors.json",
        source: CORS,
    }
    CORS_NO_BUCKET = "cors-no-bucket", Configuration {
        symptom: "404 or 403 on OPTIONS: CORSResponse: Bucket not found",
        sentence: "the preflight names a bucket that does not exist at this host",
        fix: "correct the bucket, the region or the endpoint of the URL",
        proof: "aws s3api head-bucket --bucket NAME",
        source: CORS,
    }
    CORS_INCOMPLETE = "cors-incomplete", Client {
        symptom: "400 on OPTIONS: Insufficient information. Origin request header needed",
        sentence: "the preflight has no Origin, so a browser did not send it, or a proxy removed the header",
        fix: "send Origin, Access-Control-Request-Method and Access-Control-Request-Headers, and let proxies pass them",
        proof: "curl -X OPTIONS with -H 'Origin: …' -H 'Access-Control-Request-Method: PUT'",
        source: CORS,
    }
    CORS_HIDDEN = "cors-hidden", Cors {
        symptom: "the console shows a CORS error, and the network tab an answer with 4xx or 5xx",
        sentence: "the answer has no CORS headers, so the browser hides its real error from the page",
        fix: "correct the error of the answer first; rules that match the origin make later ones visible",
        proof: "send the same request with curl, and read the body of the answer",
        source: CORS,
    }
    CORS_REDIRECT = "cors-redirect", Configuration {
        symptom: "Redirect is not allowed for a preflight request",
        sentence: "the store answers the preflight with a redirect, which browsers do not follow",
        fix: "sign for the regional endpoint, as in BUCKET.s3.REGION.amazonaws.com",
        proof: "the host of the URL has no region, or that of another region",
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html",
    }
    CORS_CREDENTIALS = "cors-credentials", Client {
        symptom: "must not be the wildcard * when the request's credentials mode is include, or Access-Control-Allow-Credentials must be true",
        sentence: "the page sends cookies or a certificate with the request, and the answer does not permit that",
        fix: "leave out credentials: \"include\" (fetch) and withCredentials = true (XMLHttpRequest, axios): a signed URL needs neither",
        proof: "send the request with credentials: \"omit\"",
        source: "https://fetch.spec.whatwg.org/#cors-protocol-and-credentials",
    }
    CORS_SEVERAL_ORIGINS = "cors-several-origins", Proxy {
        symptom: "The Access-Control-Allow-Origin header contains multiple values, but only one is allowed",
        sentence: "the answer has Access-Control-Allow-Origin more than once: the store and a proxy or CDN both add it",
        fix: "let one of them add CORS headers: remove them from the proxy or CDN, or the rules from the bucket",
        proof: "curl -i with -H 'Origin: …': the answer has the header twice",
        source: "https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS/Errors/CORSMultipleAllowOriginNotAllowed",
    }
    MIXED_CONTENT = "mixed-content", Configuration {
        symptom: "Mixed Content: the page was loaded over HTTPS, but requested an insecure resource",
        sentence: "the page is loaded over https and the URL is http, so the browser does not send the request",
        fix: "use an https endpoint for the store",
        proof: "the URL begins with http://",
        source: "https://www.w3.org/TR/mixed-content/",
    }
    CSP = "csp", Client {
        symptom: "Refused to connect, because it violates the following Content Security Policy directive: connect-src",
        sentence: "the Content-Security-Policy of the page does not permit requests to the host of the URL",
        fix: "add the host of the store to connect-src of the page's policy (form-action for an HTML form)",
        proof: "read the header Content-Security-Policy of the page, or its meta element",
        source: "https://www.w3.org/TR/CSP3/#directive-connect-src",
    }
    ETAG_HIDDEN = "etag-hidden", Cors {
        symptom: "parts are stored, and the page reads null as their ETag",
        sentence: "no CORS rule exposes ETag, so the page cannot read what it needs to complete the upload",
        fix: "add ETag to ExposeHeaders",
        proof: "the answer has no ETag in Access-Control-Expose-Headers",
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html",
    }
    NETWORK_ERROR = "network-error", Cors {
        symptom: "Failed to fetch, NetworkError, or status 0",
        sentence: "the browser shows no answer: CORS, a connection that failed, or an extension or Content-Security-Policy that blocks it",
        fix: "check the CORS rules of the bucket first, then connect-src of the page's Content-Security-Policy",
        proof: "send the same request with curl -v: an answer there means that the browser hides it",
        source: CORS,
    }
}
