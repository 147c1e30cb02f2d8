// Checksums of whole files.

import { KNOWN, checksum } from './checksum.js';

/** Begins an upload with the checksum that the page wants, or with the first one that the service accepts. */
export async function begin(context, ask) {
  const { file, options, signal } = context;
  let refusal;
  for (const algorithm of options.checksum ? [options.checksum] : KNOWN) {
    context.checksum = { [algorithm]: await checksum(file, algorithm, signal) };
    try {
      return await ask(context.checksum);
    } catch (error) {
      if (!/^checksum-(required|not-allowed)$/.test(error.code)) throw error;
      refusal = error;
    }
  }
  throw refusal;
}
