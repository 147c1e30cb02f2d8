// Sending bytes to the store, with XMLHttpRequest: `fetch` reports no progress of uploads.

import { NetworkError, UploadError, tell } from './errors.js';
import { refused } from './load.js';

/**
 * Sends one request with exactly these headers, and resolves to the headers of the answer. `body` must be a `Blob` without a
 * type, because the browser adds the type as a header, or a `FormData`. `onProgress` is called with the share that is sent, 0 to 1.
 * A request that makes no progress for `idle` milliseconds fails.
 */
export function send(context, method, url, headers, body, what, onProgress) {
  const { file, signal, options: { idle = 60_000, onSend } } = context;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const xhr = new XMLHttpRequest();
    let timer;
    const stop = () => xhr.abort();
    const watch = () => {
      clearTimeout(timer);
      timer = setTimeout(stop, idle);
    };
    xhr.upload.onprogress = ({ loaded, total }) => {
      watch();
      onProgress(loaded / (total || 1));
    };
    xhr.onloadend = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      const { status, responseText } = xhr;
      // `getResponseHeader` would write a warning for each header that CORS does not expose.
      const answer = Object.fromEntries(xhr.getAllResponseHeaders().split('\r\n').map((line) => line.split(/: (.*)/)));
      if (status >= 200 && status < 300) resolve(answer);
      else if (status) refused(context).then(({ ofStore }) => reject(ofStore(status, responseText, answer, what)), reject);
      // A file that cannot be read, because it has changed or is gone, ends a request as a lost connection does.
      else file.slice(0, 1).arrayBuffer().then(() => reject(new NetworkError(new URL(url).host)), () => reject(new UploadError('unreadable', 'the file has changed or is gone')));
    };
    xhr.open(method, url);
    for (const name in headers) xhr.setRequestHeader(name, headers[name]);
    signal?.addEventListener('abort', stop);
    watch();
    tell(onSend, xhr, { method, url, headers, body, what });
    xhr.send(body);
  });
}

/** Returns an entity tag without its quotes. */
export const unquoted = (etag) => etag?.replace(/"/g, '');
