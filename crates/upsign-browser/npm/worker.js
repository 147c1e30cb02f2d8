// Computes checksums outside of the page's thread. A file is sent as a reference, and read here.

import { checksum, combined } from './hash.js';

const calls = { checksum, combined };

/** Calls whose result nobody waits for any more. */
const cancelled = new Set();

globalThis.onmessage = async ({ data: [id, name, ...values] }) => {
  if (name === 'cancel') {
    cancelled.add(id);
    return;
  }
  try {
    postMessage([id, await calls[name](...values, () => cancelled.has(id))]);
  } catch ({ message }) {
    postMessage([id, undefined, message]);
  } finally {
    cancelled.delete(id);
  }
};
