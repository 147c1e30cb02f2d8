// Multipart uploads: beginning, resuming, and completing them.

import { call } from './api.js';
import { combined } from './checksum.js';
import { UploadError } from './errors.js';
import { Parts } from './parts.js';
import { unquoted } from './send.js';
import { forget, keep } from './state.js';
import { confirmed, resultOf } from './upsign.js';

/** How often parts that the store does not have as they were sent are sent again. */
const MAX_ROUNDS = 3;

/** Sends the parts of a new upload. */
export async function start(context, grant) {
  const id = await keep(context, grant);
  return alone(id, () => transfer(context, grant, id, []));
}

/**
 * Continues the upload of a record. Resolves to undefined if it must begin again: the store no longer has it, it is another
 * user's, or another tab is working on it.
 */
export function resume(context, { id, grant, parts }) {
  return alone(id, async (lock) => {
    if (lock === null) {
      // The record is that tab's.
      context.options = { ...context.options, resume: false };
      return undefined;
    }
    let status;
    try {
      status = await statusOf(context, grant);
    } catch (error) {
      if (error.code !== 'upload-token-invalid') throw error;
      await forget(id);
      return undefined;
    }
    if (status.state === 'open') {
      context.options.onGrant?.(grant);
      // Parts that the store has but the record does not are sent again: their bytes are not known to be those of the file.
      return transfer(context, grant, id, parts.filter(isIn(status)));
    }
    const { confirm, recovered } = await import('./after.js');
    const isThere = status.state === 'completed';
    const result = isThere ? await recovered(context, grant, status) : resultOf(grant, { size: context.file.size });
    // A page that ended during the confirmation may have left the object at its final key, where the status does not see it.
    const stored = await confirm(context, grant, result, !isThere);
    await forget(id);
    return stored;
  });
}

/** Runs `use` while no other tab works on the same record. */
const alone = (id, use) => (id && navigator.locks ? navigator.locks.request(`upsign ${id}`, { ifAvailable: true }, use) : use());

async function transfer(context, grant, id, stored) {
  const parts = new Parts(context, grant, id, stored);
  let result;
  try {
    await parts.send();
    result = await complete(context, grant, parts);
  } catch (error) {
    await ended(context, grant, id, error);
    throw error;
  }
  context.report(0, 'confirming');
  try {
    result = await confirmed(context, grant, result);
  } catch (error) {
    if (!error.isRetryable) await forget(id);
    throw error;
  }
  await forget(id);
  return result;
}

/** Discards an upload that nobody will continue: one that the user has aborted, or that no record remembers. */
async function ended({ options, signal }, { uploadToken }, id, { code }) {
  const isGone = /^(upload-gone|NoSuchUpload)$/.test(code);
  const isKept = !isGone && (signal?.aborted ? signal.reason?.name === 'PauseError' : id);
  if (isKept) return;
  await forget(id);
  // Without the signal, which would abort this call too. A lifecycle rule of the bucket removes what remains if the call fails.
  if (!isGone) await call({ options, retries: 1 }, '/abort', { uploadToken }).catch(() => {});
}

async function complete(context, grant, parts) {
  const { uploadToken, checksumType, checksumAlgorithm: algorithm } = grant;
  for (let round = 0; ; round += 1) {
    context.report(0, 'completing');
    const list = parts.list();
    const whole = checksumType === 'FULL_OBJECT' ? await combined(list.map(({ number, checksum }) => [checksum, parts.size(number)]), algorithm) : undefined;
    try {
      const { state, ...stored } = await call(context, '/complete', {
        uploadToken,
        parts: list.map(({ number, etag, checksum }) => ({ partNumber: number, etag, checksum })),
        checksum: whole && { [algorithm]: whole },
      });
      if (stored.size !== context.file.size) throw new UploadError('corrupted', 'the store has another size');
      return resultOf(grant, stored);
    } catch (error) {
      if (!/^part(s-missing|-mismatch)$/.test(error.code) || round >= MAX_ROUNDS) throw error;
      parts.retain(isIn(await statusOf(context, grant)));
      await parts.send();
    }
  }
}

/** Returns the status with all pages of its parts. */
async function statusOf(context, { uploadToken }) {
  const status = await call(context, '/status', { uploadToken });
  for (let page = status; page.more;) {
    page = await call(context, '/status', { uploadToken, after: page.parts.at(-1).partNumber });
    status.parts.push(...page.parts);
  }
  return status;
}

/** Returns a function to whether the store has a part as it was sent. */
function isIn({ parts = [] }) {
  const etags = new Map(parts.map(({ partNumber, etag }) => [partNumber, unquoted(etag)]));
  return ({ number, etag }) => etags.get(number) === etag;
}
