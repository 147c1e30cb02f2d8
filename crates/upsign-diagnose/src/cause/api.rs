//! The API that issues URLs, and the gateway in front of it.

use super::table::causes;

const JWT: &str =
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-jwt.html";
const GATEWAY: &str =
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html";
const PROBLEM: &str = "https://www.rfc-editor.org/rfc/rfc9457";

causes! {
    API_UNAUTHORIZED = "api-unauthorized", Client {
        symptom: "401 `unauthorized` from the API",
        sentence: "the API does not accept the caller's token",
        fix: "sign in again, and send `Authorization: Bearer TOKEN` with an access token of this API's user pool",
        proof: "`upsign verify - < token.txt` names the reason",
        source: PROBLEM,
    }
    API_FORBIDDEN = "api-forbidden", Client {
        symptom: "403 from the API, with a problem document",
        sentence: "the API knows the caller, and does not permit this upload",
        fix: "upload to a resource of the caller, or add the user to the required group or scope",
        proof: "read detail of the answer; the log of the API has the reason",
        source: PROBLEM,
    }
    API_ORIGIN = "api-origin", Cors {
        symptom: "403 `origin-not-allowed` from the API",
        sentence: "the API does not list the origin of the page",
        fix: "add the origin to cors.origins of upsign.toml",
        proof: "`upsign check` lists the origins",
        source: PROBLEM,
    }
    API_MEDIA_TYPE = "api-media-type", Client {
        symptom: "415 from the API",
        sentence: "the API takes JSON, and only files of the listed types",
        fix: "send Content-Type: application/json, and a contentType that the route lists",
        proof: "read detail of the answer",
        source: PROBLEM,
    }
    API_REFUSED = "api-refused", Client {
        symptom: "400, 409, 410 or 413 from the API, with a problem document",
        sentence: "the API refused the description of the upload",
        fix: "correct what detail of the answer names",
        proof: "`upsign key` applies the policy to the same description",
        source: PROBLEM,
    }
    API_UNAVAILABLE = "api-unavailable", Configuration {
        symptom: "500 or 503 from the API, with a problem document",
        sentence: "the API failed, or waits for something: credentials, keys of the issuer, a database",
        fix: "repeat after Retry-After; the operator finds the cause in the log by the request id",
        proof: "read the log of the API",
        source: PROBLEM,
    }
    RATE_LIMITED = "rate-limited", Client {
        symptom: "429 from the API, API Gateway or Lambda",
        sentence: "the API gets more requests than it permits this caller, or all callers together",
        fix: "repeat after Retry-After with growing pauses, and ask for URLs once for each file",
        proof: "the same request succeeds later",
        source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html",
    }
    GATEWAY_UNAUTHORIZED = "gateway-unauthorized", Client {
        symptom: "401 {\"message\":\"Unauthorized\"} from API Gateway",
        sentence: "the authorizer of API Gateway rejected the token before the service saw it",
        fix: "read error_description in www-authenticate: usually the audience, an id token in place of an access token, or expiry",
        proof: "`upsign verify - < token.txt` names the reason",
        source: JWT,
    }
    GATEWAY_FORBIDDEN = "gateway-forbidden", Configuration {
        symptom: "403 {\"message\":\"Forbidden\"} or {\"message\":\"Missing Authentication Token\"} from API Gateway",
        sentence: "API Gateway refused the request: a missing route or stage, a scope, a resource policy, or a WAF",
        fix: "check method and path with the stage; then scopes of the authorizer, resource policy and WAF",
        proof: "the access log of the stage has $context.error.message",
        source: GATEWAY,
    }
    GATEWAY_NOT_FOUND = "gateway-not-found", Client {
        symptom: "404 {\"message\":\"Not Found\"} from API Gateway, or 404 or 405 from the API",
        sentence: "the API has no route for the method and path of the request",
        fix: "send POST to the path of the API; a REST API without a domain name has its stage in front of it",
        proof: "compare method and path with the routes of the API: aws apigatewayv2 get-routes",
        source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html",
    }
    GATEWAY_REFUSED = "gateway-refused", Client {
        symptom: "400 {\"message\":\"Bad Request\"} or {\"message\":\"Invalid request body\"} from API Gateway",
        sentence: "API Gateway refused the request before the service saw it",
        fix: "send a body that is the JSON of the API, and the headers that it documents",
        proof: "the access log of the stage has $context.error.message",
        source: GATEWAY,
    }
    GATEWAY_TOO_LARGE = "gateway-too-large", Client {
        symptom: "413 {\"message\":\"Request Too Long\"} from API Gateway, or a 413 of Lambda",
        sentence: "the file was sent to the API: API Gateway takes 10 MB and Lambda 6 MB",
        fix: "send only the description to the API, and the file to the URL of its answer",
        proof: "the host of the request is that of the API, not of the bucket",
        source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html",
    }
    LAMBDA_FAILED = "lambda-failed", Configuration {
        symptom: "500 or 502 {\"message\":\"Internal server error\"} from API Gateway",
        sentence: "the Lambda function failed, or its answer was not one that API Gateway reads",
        fix: "look into the function's log; the function's policy must also let API Gateway invoke it",
        proof: "aws lambda invoke with the same event",
        source: GATEWAY,
    }
    LAMBDA_TIMEOUT = "lambda-timeout", Configuration {
        symptom: "504 {\"message\":\"Endpoint request timed out\"} or {\"message\":\"Service Unavailable\"} from API Gateway, or: Task timed out",
        sentence: "the Lambda function did not answer in time",
        fix: "find what it waits for, often a VPC without a route to Cognito or STS, and set its timeout below the gateway's",
        proof: "the function's log has: Task timed out",
        source: GATEWAY,
    }
}
