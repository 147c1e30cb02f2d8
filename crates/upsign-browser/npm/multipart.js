// Multipart uploads: beginning and completing them.

import { call } from './api.js';
import { combined } from './checksum.js';
import { UploadError } from './errors.js';
import { load } from './load.js';
import { Parts } from './parts.js';
import { alone, forget, idOf, keep } from './state.js';
import { confirmed, resultOf } from './upsign.js';

/** How often parts that the store does not have as they were sent are sent again. */
const MAX_ROUNDS = 3;

/** Sends the parts of a new upload. */
export function start(context, grant) {
  // Another call that uploads the same file at this moment has the record. This one is then not kept.
  return alone(idOf(context.file, context.options), async (lock) => transfer(context, grant, lock === null ? undefined : await keep(context, grant), []));
}

/** Sends the parts that are not in `stored`, and completes the upload. */
export async function transfer(context, grant, id, stored) {
  let result;
  try {
    result = await complete(context, grant, new Parts(context, grant, id, stored));
  } catch (error) {
    // Whatever fails here, the first error is the reason.
    await load({ retries: 0 }, './ended.js', () => import('./ended.js')).then(({ ended }) => ended(context, grant, id, error)).catch(() => {});
    throw error;
  }
  context.report(0, 'confirming');
  return finish(context, id, () => confirmed(context, grant, result));
}

/** Has an object confirmed. The record stays if the same call can confirm it later, without its bytes. */
export async function finish({ signal }, id, confirm) {
  try {
    const result = await confirm();
    await forget(id);
    return result;
  } catch (error) {
    if (isCancelled(signal) || /^confirm-(?!pending)/.test(error?.code)) await forget(id);
    throw error;
  }
}

/** Whether the upload was aborted, and not paused. */
export const isCancelled = (signal) => signal?.aborted && signal.reason?.name !== 'PauseError';

/** Sends the parts, and completes the upload. */
async function complete(context, grant, parts) {
  const { uploadToken, checksumType, checksumAlgorithm: algorithm } = grant;
  for (let round = 0; ; round += 1) {
    await parts.send();
    context.report(0, 'completing');
    const list = parts.list();
    const whole = checksumType === 'FULL_OBJECT' ? await combined(list.map(({ number, checksum }) => [checksum, parts.size(number)]), algorithm) : undefined;
    // The file was written to during the upload: its parts may be of both contents.
    const isOther = whole && (context.checksum?.[algorithm] ?? whole) !== whole;
    if (isOther || !await parts.isUnchanged()) throw new UploadError('changed', 'the file has changed');
    try {
      const { state, ...stored } = await call(context, '/complete', {
        uploadToken,
        parts: list.map(({ number, etag, checksum }) => ({ partNumber: number, etag, checksum })),
        checksum: whole && { [algorithm]: whole },
      });
      if (stored.size !== context.file.size) throw new UploadError('corrupted', 'the store has another size');
      return resultOf(grant, stored);
    } catch (error) {
      if (!/^part(s-missing|-mismatch)$/.test(error?.code) || round >= MAX_ROUNDS) throw error;
      const { isIn, statusOf } = await load(context, './resume.js', () => import('./resume.js'));
      parts.retain(isIn(await statusOf(context, grant)));
    }
  }
}
