// What follows an upload: confirming, reading and deleting its object, and finding out whether one whose answer was lost is stored.

import { call } from './api.js';
import { UploadError } from './errors.js';
import { multipart } from './load.js';
import { sleep } from './retry.js';
import { contextOf, resultOf } from './upsign.js';

/** The pause before the next call if the service names none, and the longest one that it may demand, in seconds. */
const [DEFAULT_PAUSE, LONGEST_PAUSE] = [2, 60];
/** How long a confirmation may be pending, in milliseconds. */
const CONFIRM_TIME = 300_000;

/**
 * Confirms a stored object, and adds the receipt to the result, and with `readUrl` a URL that reads it. With `maybeMoved`, returns
 * undefined if there is no object.
 */
export async function confirm(context, grant, result, maybeMoved = false) {
  const { options, signal, report } = context;
  if (!(options.confirm ?? grant.confirm)) return maybeMoved ? undefined : result;
  if (!grant.confirm) throw new UploadError('confirm-not-offered', 'this route confirms no uploads');
  const { uploadToken, key } = grant;
  const end = Date.now() + (options.confirmTime ?? CONFIRM_TIME);
  for (;;) {
    const { state, reason, retryAfter, ...object } = await call(context, '/confirm', { uploadToken });
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

const read = (context, receipt, { expiresIn, disposition }) => call(context, '/read-url', { receipt, expiresIn, disposition });

export const readUrl = (receipt, options) => read(contextOf(options), receipt, options);

export const remove = (receipt, options) => call(contextOf(options), '', { receipt }, 'DELETE');

async function readable(context, result) {
  const { readUrl } = context.options;
  if (!readUrl) return result;
  try {
    const answer = await read(context, result.receipt, readUrl);
    return { ...result, readUrl: answer.readUrl, readHeaders: answer.headers, readExpiresAt: answer.expiresAt };
  } catch (readUrlError) {
    // The object is stored and confirmed. Without its receipt, the caller would upload it again.
    return { ...result, readUrlError };
  }
}

/**
 * Returns the result of an upload whose answer was lost, if the object at its key is this file. `refusal` is the answer to another
 * attempt: that there is an object.
 */
export async function recovered(context, grant, refusal, known) {
  const { file, signal } = context;
  const { uploadToken } = grant;
  if (!uploadToken) {
    // Nothing can compare them. The next grant has another key, unless the ids name one key.
    refusal.isExpired = true;
    throw refusal;
  }
  const { state, size, etag, versionId, checksum: ofStore = {} } = known ?? await call(context, '/status', { uploadToken });
  const { checksum, isKnown } = await multipart(context);
  const algorithm = Object.keys(ofStore).find(isKnown);
  const isOther = state !== 'completed' || size !== file.size || (algorithm && await checksum(file, algorithm, signal) !== ofStore[algorithm]);
  if (isOther) throw new UploadError('object-exists', `the store has another object with the key ${grant.key}`);
  if (!algorithm) throw new UploadError('unconfirmed', `no checksum confirms that the object ${grant.key} is this file`);
  return resultOf(grant, { size, etag, versionId, checksum: ofStore });
}
