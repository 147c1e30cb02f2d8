// Computes checksums outside of the page's thread. A file is sent as a reference, and read here.

import { checksum, combined } from './hash.js';

const calls = { checksum, combined };

globalThis.onmessage = async ({ data: [id, name, ...values] }) => {
  try {
    postMessage([id, await calls[name](...values)]);
  } catch ({ message }) {
    postMessage([id, undefined, message]);
  }
};
