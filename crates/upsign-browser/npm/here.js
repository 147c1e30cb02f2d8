// Computes checksums in the page's thread.

import { UploadError } from './errors.js';
import * as hash from './hash.js';

/** Does what the worker would do. */
export async function here([name, ...values], signal) {
  try {
    return await hash[name](...values, () => signal?.aborted);
  } catch ({ message }) {
    throw new UploadError('unreadable', message);
  }
}
