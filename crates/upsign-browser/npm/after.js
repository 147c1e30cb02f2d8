// What follows an upload: confirming it, and finding out whether one whose answer was lost is stored.

import { call } from './api.js';
import { checksum, isKnown } from './checksum.js';
import { UploadError } from './errors.js';
import { sleep } from './retry.js';
import { resultOf } from './upsign.js';

/** The pause before the next call if the service names none, and the longest one that it may demand, in seconds. */
const [DEFAULT_PAUSE, LONGEST_PAUSE] = [2, 60];
/** How long a confirmation may be pending, in milliseconds. */
const CONFIRM_TIME = 300_000;

/** Whether a route confirms, by service and route. The grant does not say it, so the first upload tries it. */
const confirms = new Map();

/**
 * Confirms a stored object, and adds the receipt to the result, and with `readUrl` a URL that reads it. The answer to a token of a
 * route that does not confirm is the result as it is, unless `confirm` is true. With `maybeMoved`, resolves to undefined if there is
 * no object.
 */
export async function confirm(context, grant, result, maybeMoved = false) {
  const { options, signal, report } = context;
  const { uploadToken, key } = grant;
  const route = `${options.endpoint} ${options.route}`;
  const isRequired = options.confirm ?? confirms.get(route);
  if (isRequired === false) return maybeMoved ? undefined : result;
  const end = Date.now() + (options.confirmTime ?? CONFIRM_TIME);
  for (;;) {
    let answer;
    try {
      answer = await call(context, '/confirm', { uploadToken });
    } catch (error) {
      const isRefused = error.code === 'upload-token-invalid';
      if (isRequired || !(isRefused || [404, 405].includes(error.status))) throw error;
      if (isRefused) {
        // The same code is that of an expired token and of another user: then the status is refused too, and this rejects.
        await call(context, '/status', { uploadToken });
        confirms.set(route, false);
      }
      return maybeMoved ? undefined : result;
    }
    confirms.set(route, true);
    const { state, reason, retryAfter, ...object } = answer;
    if (state === 'confirmed') return readable(context, { ...result, ...object });
    if (state === 'missing' && maybeMoved) return undefined;
    const pause = Math.min(retryAfter ?? DEFAULT_PAUSE, LONGEST_PAUSE) * 1000;
    if (state !== 'pending' || Date.now() + pause > end) {
      throw new UploadError(`confirm-${state}`, `${key}: ${state}: ${reason}`, { reason, isRetryable: state === 'pending' });
    }
    report(0, 'confirming');
    await sleep(pause, signal);
  }
}

async function readable(context, result) {
  const { readUrl } = context.options;
  if (!readUrl) return result;
  const wanted = readUrl === true ? {} : readUrl;
  try {
    const answer = await call(context, '/read-url', { receipt: result.receipt, ...wanted });
    return { ...result, readUrl: answer.readUrl, readHeaders: answer.headers, readExpiresAt: answer.expiresAt };
  } catch (readUrlError) {
    // The object is stored and confirmed. Without its receipt, the caller would upload it again.
    return { ...result, readUrlError };
  }
}

/** Returns the result of an upload whose answer was lost, if the object at its key is this file. */
export async function recovered(context, grant, known) {
  const { file, signal } = context;
  const { state, size, etag, versionId, checksum: ofStore = {} } = known ?? await call(context, '/status', { uploadToken: grant.uploadToken });
  const algorithm = Object.keys(ofStore).find(isKnown);
  const isOther = state !== 'completed' || size !== file.size || (algorithm && await checksum(file, algorithm, signal) !== ofStore[algorithm]);
  if (isOther) throw new UploadError('object-exists', `the store has another object with the key ${grant.key}`);
  if (!algorithm) throw new UploadError('unconfirmed', `no checksum confirms that the object ${grant.key} is this file`);
  return resultOf(grant, { size, etag, versionId, checksum: ofStore });
}
