// The errors of an upload. Each has a `code` for programs; `message` is for people who develop the page.
//
// An aborted upload rejects with the reason of its signal instead, by default a DOMException named `AbortError`.

/** Why an upload failed. `isRetryable` says whether the same call may succeed later. */
export class UploadError extends Error {
  name = 'UploadError';

  constructor(code, message, members) {
    super(message);
    Object.assign(this, { code, isRetryable: false, ...members });
  }
}

/** The service refused a call. `problem` is its problem document (RFC 9457), and `diagnose` the hint in it, if it has one. */
export class ApiError extends UploadError {
  name = 'ApiError';

  constructor(status, problem, retryAfter) {
    const { code = `http-${status}`, detail, title, message, diagnose } = problem ?? {};
    super(code, `service: ${status} ${code}: ${detail ?? title ?? message}`, {
      // 500 with a code is a decision of the service, such as an invalid configuration; without one, it is a failure on the way.
      isRetryable: [429, 502, 503, 504].includes(status) || (status === 500 && !problem?.code),
      ...{ status, problem, diagnose, retryAfter },
    });
  }
}

/** The store refused the bytes. `what` is `object` or, for example, `part 7`. */
export class StoreError extends UploadError {
  name = 'StoreError';

  constructor(status, text, headers, what) {
    const element = (name) => new RegExp(`<${name}>([^<]*)`).exec(text)?.[1];
    const [code, message] = [element('Code') ?? `http-${status}`, element('Message') ?? ''];
    super(code, `store: ${what}: ${status} ${code}: ${message}`, {
      // 409: two requests for one key at the same time. The codes are of connections that stalled or bytes that changed on the way.
      isRetryable: status >= 500 || [408, 409, 429].includes(status) || /^(RequestTimeout|IncompleteBody|BadDigest)$/.test(code),
      // S3 says 403 `Request has expired` for a URL, and 400 `ExpiredToken` for the credentials that signed it.
      isExpired: /^(ExpiredToken|TokenRefreshRequired|RequestExpired)$/.test(code) || (status === 403 && /expired/i.test(message)),
      ...{ status, what, requestId: headers['x-amz-request-id'], retryAfter: headers['retry-after'] },
    });
  }
}

/** There was no answer. Browsers do not tell a page whether the network failed or CORS withheld the answer. */
export class NetworkError extends UploadError {
  name = 'NetworkError';

  constructor(url, reason = 'network or CORS failure') {
    super('network', `no answer from ${new URL(url).host}: ${reason}`, { isRetryable: true });
  }
}

/**
 * Returns a reason for `AbortController.abort` that keeps what is stored of a multipart upload, so that the same call continues it
 * later. Every other reason discards it.
 */
export const paused = () => new DOMException('paused', 'PauseError');
