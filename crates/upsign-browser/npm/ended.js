// What becomes of a multipart upload that failed.

import { call } from './api.js';
import { multipart } from './load.js';

/** Discards an upload that nobody will continue: one that the user has aborted, or that no record remembers. */
export async function ended({ options }, { uploadToken }, id, error, isCancelled) {
  const isGone = /^(upload-gone|NoSuchUpload)$/.test(error?.code);
  if (id && !isGone && error?.code !== 'changed' && !isCancelled) return;
  if (id) await (await multipart({})).forget(id);
  // Without the signal, which would abort this call too. A lifecycle rule of the bucket removes what remains if the call fails.
  if (!isGone) await call({ options, retries: 0 }, '/abort', { uploadToken });
}
