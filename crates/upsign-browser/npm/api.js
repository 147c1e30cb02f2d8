// The calls of the service.

import { NetworkError } from './errors.js';
import { refused } from './load.js';
import { orAborted, retrying } from './retry.js';

/** Returns the address of the call that begins an upload. One without a path gets the default path. */
export function address(endpoint) {
  const url = new URL(endpoint, location);
  if (url.pathname === '/') url.pathname = '/upload-url';
  return url;
}

/**
 * Calls the service until it answers, refuses, or the attempts are used up. `path` continues `/uploads`; without it, the call begins an
 * upload.
 */
export function call({ options, signal, retries }, path, body, method = 'POST') {
  const { endpoint, uploads = 'uploads', token, tokenHeader = 'Authorization', timeout = 60_000 } = options;
  const begin = address(endpoint);
  const url = path === undefined ? begin : new URL(uploads + path, begin);
  const request = async (isRejected) => {
    const headers = { 'Content-Type': 'application/json', ...options.headers };
    const bearer = await orAborted(Promise.resolve(token?.({ isRejected })), signal);
    if (bearer) headers[tokenHeader] = `Bearer ${bearer}`;
    signal?.throwIfAborted();
    // Throws if no header can have this token: `fetch` would reject as if the network had failed.
    new Headers(headers);
    const limit = AbortSignal.timeout(timeout);
    return (options.fetch ?? fetch)(url, {
      ...{ method, headers, body: JSON.stringify(body), cache: 'no-store', credentials: options.credentials },
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    }).catch(() => { throw new NetworkError(url.host); });
  };
  return retrying({ signal, retries }, async () => {
    let answer = await request(false);
    // The token may have expired since the application read it.
    if (answer.status === 401) answer = await request(true);
    const json = await answer.json().catch(() => undefined);
    if (answer.ok && json) return json;
    if (answer.ok) throw new NetworkError(url.host, 'no JSON');
    throw (await refused({ signal, retries })).ofService(answer.status, json, answer.headers.get('retry-after'));
  });
}
