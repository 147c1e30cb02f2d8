// Continues interrupted multipart uploads.

import { call } from './api.js';
import { after, multipart } from './load.js';
import { unquoted } from './send.js';
import { resultOf } from './upsign.js';

/**
 * Continues the upload of a file. Resolves to undefined if it must begin again: the store no longer has it, it is another user's,
 * the completed object cannot be proven to be this file, or another call is working on it.
 */
export async function resume(context) {
  const { file, options } = context;
  const { alone, idOf, partsOf, recordOf, store } = await multipart(context);
  return alone(idOf(file, options), async (lock) => {
    if (lock === null) {
      // The record is that call's.
      context.isKept = false;
      return undefined;
    }
    // Read while locked: another call may have ended it meanwhile.
    const record = await recordOf(file, options);
    return record && proceed(context, record, await store('parts', 'getAll', partsOf(record.id)));
  });
}

async function proceed(context, { id, grant }, parts) {
  const { file, options } = context;
  const [{ confirm, recovered }, { finish, forget, transfer }] = [await after(context), await multipart(context)];
  let [status, result] = [];
  try {
    status = await statusOf(context, grant);
    if (status.state === 'completed') result = await recovered(context, grant, undefined, status);
  } catch (error) {
    if (!/^(upload-token-invalid|object-exists|unconfirmed)$/.test(error.code)) throw error;
    await forget(id);
    return undefined;
  }
  if (status.state === 'open') {
    options.onGrant?.(grant);
    // Parts that the store has but the record does not are sent again: their bytes are not known to be those of the file.
    return transfer(context, grant, id, await unchanged(context, grant, parts.filter(isIn(status))));
  }
  // A page that ended during the confirmation may have left the object at its final key, where the status does not see it.
  return finish(context, id, () => confirm(context, grant, result ?? resultOf(grant, { size: file.size }), !result));
}

/** Returns the parts whose bytes are those of the file now. A file with the same name, size and time can have other bytes. */
async function unchanged(context, { partSize, checksumAlgorithm: algorithm }, parts) {
  const { file, signal, report } = context;
  const { checksum, isKnown } = await multipart(context);
  const kept = [];
  for (const part of parts) {
    report(0, 'preparing');
    const bytes = file.slice((part.number - 1) * partSize, part.number * partSize);
    if (part.checksum && isKnown(algorithm) && await checksum(bytes, algorithm, signal) === part.checksum) kept.push(part);
  }
  return kept;
}

/** Lets parts be sent again that the store does not have as they were sent. */
export async function reconsider(context, grant, parts) {
  parts.retain(isIn(await statusOf(context, grant)));
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

/** Returns a predicate: whether the store has a part as it was sent. */
function isIn({ parts = [] }) {
  const etags = new Map(parts.map(({ partNumber, etag }) => [partNumber, unquoted(etag)]));
  return ({ number, etag }) => etags.get(number) === etag;
}
