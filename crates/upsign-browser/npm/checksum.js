// Has checksums computed in a worker, or in the page's thread where there can be none.

import { UploadError } from './errors.js';
import { orAborted } from './retry.js';

/** The algorithms that `hash.js` computes, in the order in which they are tried if the service demands a checksum. */
export const KNOWN = ['crc64nvme', 'sha256', 'crc32c', 'crc32', 'sha1'];

export const isKnown = (algorithm) => KNOWN.includes(algorithm);

let worker;
let last = 0;
const waiting = new Map();

/**
 * Starts the worker. A browser starts workers of the page's origin only: if this module is of another origin, the worker is a blob
 * that imports it. A content security policy can forbid that; the page's thread then does the work.
 */
function start() {
  const { origin, href } = new URL('./worker.js', import.meta.url);
  const blob = () => URL.createObjectURL(new Blob([`import ${JSON.stringify(href)}`], { type: 'text/javascript' }));
  // Bundlers recognize the first form only as it is.
  const worker = origin === location.origin ? new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }) : new Worker(blob(), { type: 'module' });
  worker.onmessage = ({ data: [id, result, error] }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error) reject(new UploadError('unreadable', error));
    else resolve(result);
  };
  worker.onerror = () => {
    for (const call of waiting.values()) call.resolve(here(call));
    waiting.clear();
    stopped = true;
  };
  return worker;
}

let stopped = false;

async function here({ call, signal }) {
  const hash = await import('./hash.js');
  try {
    return await hash[call[0]](...call.slice(1), () => signal?.aborted);
  } catch ({ message }) {
    throw new UploadError('unreadable', message);
  }
}

function run(signal, ...call) {
  if (!stopped) {
    try {
      worker ??= start();
    } catch {
      stopped = true;
    }
  }
  if (stopped) return orAborted(here({ call, signal }), signal);
  const id = (last += 1);
  const result = new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject, call, signal });
    worker.postMessage([id, ...call]);
  });
  return orAborted(result, signal).finally(() => waiting.has(id) && worker.postMessage([id, 'cancel']));
}

/** Returns the checksum of a blob in base64. */
export async function checksum(blob, algorithm, signal) {
  if (!isKnown(algorithm)) throw new UploadError('checksum-unknown', `this client computes no ${algorithm}`);
  signal?.throwIfAborted();
  return run(signal, 'checksum', blob, algorithm);
}

/** Returns the checksum of a file from those of its parts, `[checksum, size]`; undefined if that is impossible. */
export const combined = (parts, algorithm) => run(undefined, 'combined', parts, algorithm);
