// Has checksums computed in a worker, or in the page's thread where there can be none.

import { UploadError } from './errors.js';
import { load } from './load.js';
import { orAborted } from './retry.js';

/** The algorithms that `hash.js` computes, in the order in which they are tried if the service demands a checksum. */
export const KNOWN = ['crc64nvme', 'sha256', 'crc32c', 'crc32', 'sha1'];

export const isKnown = (algorithm) => KNOWN.includes(algorithm);

/** How often the page looks after the worker, in milliseconds, and how often in turn the worker may be silent: it reports each second. */
const [WATCH, SILENCE] = [5_000, 6];

let worker;
/** Settles when the worker has failed: a content security policy forbids it, or the browser has ended it. */
let failure;

/** Starts the worker. A browser starts those of the page's origin only: for a module of another origin, it is a blob that imports it. */
function start(fail) {
  try {
    const { origin, href } = new URL('./worker.js', import.meta.url);
    const blob = () => URL.createObjectURL(new Blob([`import ${JSON.stringify(href)}`], { type: 'text/javascript' }));
    // Bundlers recognize the first form only as it is.
    worker = origin === location.origin ? new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }) : new Worker(blob(), { type: 'module' });
    worker.onerror = fail;
  } catch {
    fail();
  }
}

function run(signal, ...call) {
  failure ??= new Promise(start);
  const { port1, port2 } = new MessageChannel();
  let silence = 0;
  const watch = setInterval(() => { if ((silence += 1) > SILENCE) worker.onerror(); }, WATCH);
  const result = new Promise((resolve, reject) => {
    port1.onmessage = ({ data: [result, error, isOver] }) => {
      silence = 0;
      if (error) reject(new UploadError('unreadable', error));
      else if (isOver) resolve(result);
    };
    worker?.postMessage(call, [port2]);
    failure.then(async () => resolve((await load({ signal }, './here.js', () => import('./here.js'))).here(call, signal))).catch(reject);
  });
  return orAborted(result, signal).finally(() => {
    clearInterval(watch);
    // It is over: the worker need not go on.
    port1.postMessage(0);
    port1.close();
  });
}

/** Returns the checksum of a blob in base64. */
export async function checksum(blob, algorithm, signal) {
  if (!isKnown(algorithm)) throw new UploadError('checksum-unknown', `this client computes no ${algorithm}`);
  signal?.throwIfAborted();
  return run(signal, 'checksum', blob, algorithm);
}

/** Returns the checksum of a file from those of its parts, `[checksum, size]`; undefined if that is impossible. */
export const combined = (parts, algorithm) => run(undefined, 'combined', parts, algorithm);
