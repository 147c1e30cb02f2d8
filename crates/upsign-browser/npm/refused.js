// Reads why the service or the store refused a request.

import { ApiError, StoreError } from './errors.js';

const sentence = (...parts) => parts.filter(Boolean).join(': ');

/** Returns the error of a problem document (RFC 9457), or of another answer, such as that of a gateway. */
export function ofService(status, problem, retryAfter) {
  const { code = `http-${status}`, detail, title, message, diagnose } = problem ?? {};
  return new ApiError(code, sentence('service', `${status} ${code}`, detail ?? title ?? message), {
    // 500 with a code is a decision of the service, such as an invalid configuration; without one, it is a failure on the way.
    isRetryable: [429, 502, 503, 504].includes(status) || (status === 500 && !problem?.code),
    ...{ status, problem, diagnose, retryAfter },
  });
}

/** Returns the error of an answer of S3. */
export function ofStore(status, text, headers, what) {
  const element = (name) => new RegExp(`<${name}>([^<]*)`).exec(text)?.[1];
  const [code, message] = [element('Code') ?? `http-${status}`, element('Message')];
  return new StoreError(code, sentence('store', what, `${status} ${code}`, message), {
    // 409: two requests for one key at the same time. The codes are of connections that stalled or bytes that changed on the way.
    isRetryable: status >= 500 || [408, 409, 429].includes(status) || /^(RequestTimeout|IncompleteBody|BadDigest)$/.test(code),
    // S3 says 403 `Request has expired` for a URL, and 400 `ExpiredToken` for the credentials that signed it.
    isExpired: /^(ExpiredToken|TokenRefreshRequired|RequestExpired)$/.test(code) || (status === 403 && /expired/i.test(message)),
    ...{ status, what, requestId: headers['x-amz-request-id'], retryAfter: headers['retry-after'] },
  });
}
