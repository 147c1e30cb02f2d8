// Checksums of whole files.

import { UploadError } from './errors.js';
import { multipart } from './load.js';

/** Returns the algorithms to try: the one that the page wants, or those that the refusal of the service names and this client computes. */
export async function candidates({ options: { checksum }, ...context }, refusal) {
  const { KNOWN } = await multipart(context);
  const allowed = refusal?.problem?.algorithms ?? KNOWN;
  return checksum ? [checksum] : KNOWN.filter((algorithm) => allowed.includes(algorithm));
}

/** Returns a checksum with a function that compares it with that of the store. */
export const checked = (checksum) => ({
  checksum,
  verify: (headers) => {
    for (const name in checksum) {
      if ((headers[`x-amz-checksum-${name}`] ?? checksum[name]) !== checksum[name]) throw new UploadError('corrupted', 'the store received other bytes');
    }
  },
});

/** Begins an upload with the checksum that the page wants, or with the first one that the service accepts. */
export async function begin(context, ask) {
  const { file, signal } = context;
  const { checksum } = await multipart(context);
  let { refusal } = context;
  for (const algorithm of await candidates(context, refusal)) {
    Object.assign(context, checked({ [algorithm]: await checksum(file, algorithm, signal) }));
    try {
      return await ask(context.checksum);
    } catch (error) {
      if (!/^checksum-(required|not-allowed)$/.test(error?.code)) throw error;
      refusal = error;
    }
  }
  throw refusal;
}
