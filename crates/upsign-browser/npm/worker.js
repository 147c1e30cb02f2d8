// Computes checksums outside of the page's thread. A file is sent as a reference, and read here.

import { checksum, combined } from './hash.js';

const calls = { checksum, combined };

/** How often the worker reports that it works, in milliseconds: a browser can end it without a word. */
const REPORT = 1_000;

globalThis.onmessage = async ({ data: [name, ...values], ports: [port] }) => {
  let isCancelled = false;
  port.onmessage = () => { isCancelled = true; };
  const report = setInterval(() => port.postMessage([]), REPORT);
  try {
    port.postMessage([await calls[name](...values, () => isCancelled), undefined, true]);
  } catch ({ message }) {
    port.postMessage([undefined, message]);
  } finally {
    clearInterval(report);
  }
};
