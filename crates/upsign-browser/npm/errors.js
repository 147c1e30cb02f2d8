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
}

/** The store refused the bytes. `what` is `object` or, for example, `part 7`. */
export class StoreError extends UploadError {
  name = 'StoreError';
}

/** No host answered, or a module was not loaded. Browsers do not tell a page whether the network failed or CORS withheld an answer. */
export class NetworkError extends UploadError {
  name = 'NetworkError';

  constructor(from, reason = 'network or CORS failure') {
    super('network', `no answer from ${from}: ${reason}`, { isRetryable: true });
  }
}

/** Calls a function of the page. What it throws is an error of the page, which is reported as such and does not end the upload. */
export function tell(callback, ...values) {
  try {
    callback?.(...values);
  } catch (error) {
    reportError(error);
  }
}

/**
 * Returns a reason for `AbortController.abort` that keeps what is stored of a multipart upload, so that the same call continues it
 * later. Every other reason discards it.
 */
export const paused = () => new DOMException('paused', 'PauseError');
