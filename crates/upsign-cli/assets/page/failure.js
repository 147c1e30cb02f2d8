// Why an upload failed, in words for the user: what happened, what to do, and the report that `diagnose` reads.

import { CORS, Refused, RESTART, Unreachable, reportOf } from '/calls.js';
import { sentence } from '/elements.js';

const ADVICE_BY_STATUS = {
  400: 'The request does not have the form that the API expects.',
  401: 'The token was not accepted: it may have expired, or belong to an earlier start. Try again to sign in again.',
  403: 'The configuration does not let this user upload this here. Choose another user or route, or start with --user, --group, --scope and --claim.',
  413: 'Choose a smaller file. “max_size” of the configuration is the limit.',
  415: 'Choose a file of an allowed type. “types” of the configuration names them.',
  429: 'Wait, or change the quota of the configuration: it limits how much one user may upload.',
  503: 'The API cannot sign right now, usually because it has no credentials. Try again in a moment.',
};

/** Codes whose status says less than they do. */
const ADVICE_BY_CODE = {
  'too-small': 'Choose a larger file. “min_size” of the configuration is the limit; without it, a file has at least one byte.',
  'upload-token-invalid': 'Use the token of the user who began the upload, and begin an upload of an earlier start again.',
};

/** Returns what to do after the API refused with this status and this code. */
export const adviceOf = (status, code) => ADVICE_BY_CODE[code] ?? ADVICE_BY_STATUS[status] ?? RESTART;

const S3_WORDS = {
  SignatureDoesNotMatch: 'The request differs from what was signed, so the signature does not match.',
  PreconditionFailed: 'An object with this key already exists, and the URL was signed for a new object only.',
  AccessDenied: 'What was signed does not allow this request, or it has expired.',
  EntityTooLarge: 'The file is larger than the permission allows.',
  NoSuchBucket: 'The bucket does not exist.',
  RequestTimeTooSkewed: 'The clocks of this machine and of the server are too far apart.',
};

export const S3_ADVICE = 'Request a new URL and send exactly what it was signed for.';

const REASON_WORDS = {
  'type-mismatch': 'The bytes are not those of the type that was signed.',
  'unknown-type': 'The service has no check for this type.',
  'active-content': 'The file contains a script.',
  polyglot: 'The file can be read as two types.',
  archive: 'The file is an archive, or is none where one is expected.',
  truncated: 'The file ends too early.',
};

/** Errors of the client: what happened, and what to do. */
const CLIENT_WORDS = {
  unreadable: ['The file can no longer be read: it has changed, or it is gone.', 'Choose it again.'],
  changed: ['The file has changed while it was sent.', 'Choose it again, when no program writes to it.'],
  corrupted: ['S3 received other bytes than those of the file.', 'Try again.'],
  running: ['This file is being uploaded already, perhaps in another tab.', 'Wait for it, or cancel it there.'],
  'object-exists': ['Another object has this key.', 'Try again: the next upload has another key.'],
  unconfirmed: ['The answer of S3 was lost, and nothing proves that the object is this file.', 'Try again.'],
  'no-etag': ['The browser does not show the ETag of a part.', 'The CORS rules of the bucket have to expose it: see “upsign cors”.'],
  'checksum-unknown': ['This route requires a checksum that browsers do not compute.', 'Send this file with the command upsign upload.'],
};

/** Reads `<Code>` and `<Message>` of an S3 error document. */
export function s3Error(xml, status) {
  const root = new DOMParser().parseFromString(xml || '<none/>', 'application/xml');
  const text = (name) => root.querySelector(name)?.textContent ?? '';
  const code = text('Code') || (status === 412 ? 'PreconditionFailed' : `HTTP ${status}`);
  return { code, message: text('Message'), words: S3_WORDS[code] ?? (text('Message') || `S3 answered ${status}.`) };
}

/** Returns the report of a call of the API, whose answer is JSON. */
export const apiReport = (url, headers, response, answer) => reportOf({ method: 'POST', url, headers }, {
  status: response.status, headers: Object.fromEntries(response.headers), body: JSON.stringify(answer),
});

/**
 * Explains the error of an upload: `{ outcome, service, status, code, words, advice, report, state }`. The outcome is `refused`,
 * `failed`, `cancelled` or `paused`.
 */
export function explain(error, upload) {
  if (error?.name === 'PauseError') return { outcome: 'paused' };
  if (error?.name === 'AbortError') return { outcome: 'cancelled' };
  if (error instanceof Refused || error instanceof Unreachable) {
    const { service, status, code, words, advice, report, state, exchange } = error;
    return { outcome: error instanceof Refused ? 'refused' : 'failed', service, status, code, words, advice, report, state, exchange, isUnreachable: error instanceof Unreachable };
  }
  return { ...explainClient(error, upload), ...(error.words ? { words: error.words, advice: error.advice } : {}), error };
}

function explainClient(error, upload) {
  const { name, code, status } = error;
  if (name === 'ApiError') {
    const { problem = {} } = error;
    const words = sentence(problem.detail ?? problem.title ?? `The API answered ${status}`);
    return { outcome: 'refused', service: 'API', status, code, words, advice: adviceOf(status, code), report: upload.reportOf('api') };
  }
  if (name === 'StoreError') {
    const exchange = upload.lastOf('store');
    return { outcome: 'refused', service: 'S3', status, ...s3Error(exchange?.answerText, status), advice: S3_ADVICE, report: upload.reportOf('store'), exchange };
  }
  if (name === 'NetworkError') {
    const ofStore = /^(object|part)$/.test(upload.exchanges.at(-1)?.kind);
    const from = upload.exchanges.at(-1)?.url;
    const words = from ? `No answer from ${ofStore ? 'S3' : 'the API'} at ${new URL(from).host}.` : sentence(error.message);
    return { outcome: 'failed', isUnreachable: true, service: ofStore ? 'S3' : 'API', words, advice: ofStore ? CORS : RESTART, report: upload.reportOf(ofStore ? 'store' : 'api') };
  }
  if (code?.startsWith('confirm-')) {
    const state = code.slice('confirm-'.length);
    const words = REASON_WORDS[error.reason] ?? `The upload is not confirmed: ${[state, error.reason].filter(Boolean).join(', ')}.`;
    const advice = state === 'rejected' ? 'The object stays where nobody reads it. Choose another file: what was found, and the line that decides it, are below step 3.' : 'Upload the file again.';
    return { outcome: 'refused', service: 'API', code: error.reason ?? state, words, advice, state, exchange: upload.exchanges.findLast(({ kind }) => kind === 'confirm') };
  }
  const [words, advice] = CLIENT_WORDS[code] ?? [undefined, undefined];
  return { outcome: 'failed', code, words, advice: advice ?? String(error.message) };
}
