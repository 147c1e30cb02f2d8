// What the tests of the browser client in Chromium and in Firefox share.
import crypto from 'node:crypto';

/** Defines what the tests use, in the page. */
export async function library({ api, tokenUrl, module }) {
  const client = await import(module);
  const token = async () => (await (await fetch(tokenUrl)).text()).trim();
  // The same bytes each time, so that a page that was reloaded has the same file.
  const file = (size, name = 'a.bin', type = 'application/octet-stream') => {
    const bytes = Uint8Array.from({ length: size }, (_, place) => (place * 131) ^ (place >> 9));
    return new File([bytes], name, { type, lastModified: 1_700_000_000_000 });
  };
  const jpeg = (size, name = 'a.jpg') => new File([new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70, 0, 1]), file(size).slice(12)], name, { type: 'image/jpeg' });
  const digest = async (blob) => [...new Uint8Array(await window.crypto.subtle.digest('SHA-256', await blob.arrayBuffer()))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  /** Uploads, and returns the result or the error, and all progress. */
  const run = async (source, options = {}) => {
    const [progress, parts] = [[], []];
    const all = { endpoint: api, token, onProgress: (now) => progress.push(now), onPart: (part) => parts.push(part), ...options };
    const outcome = await client.upload(source, all).then((result) => ({ result }), (error) => ({ error: describe(error) }));
    const blob = source.getFile ? await source.getFile() : source;
    return { ...outcome, progress, parts, digest: await digest(blob) };
  };
  const describe = ({ name, code, status, message, isRetryable, reason, problem, diagnose }) => ({ name, code, status, message, isRetryable, reason, problem, diagnose });
  Object.assign(window, { client, token, file, jpeg, run, describe, options: { endpoint: api, token } });
}

/** Answers a call of the page as the service would. */
export const answer = (status, body, headers = {}) => (route) => route.fulfill({ status, headers: { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'retry-after', ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) });

/** Handles the first requests of the page that match, as many as there are steps, and returns how many requests there were. */
export async function plan(page, matches, ...steps) {
  const seen = { count: 0, bodies: [] };
  await page.route(matches, async (route) => {
    if (route.request().method() === 'OPTIONS') return route.continue();
    const step = steps[seen.count];
    seen.count += 1;
    seen.bodies.push(route.request().postData());
    return step ? step(route) : route.continue();
  });
  return seen;
}

/** A module of the package whose first requests are answered with 503. */
export const failing = (times) => {
  let left = times;
  return { get status() { left -= 1; return left >= 0 ? 503 : 200; } };
};

/** Progress never decreases. */
export const isMonotone = (progress) => progress.every(({ loaded, total }, place) => loaded >= (progress[place - 1]?.loaded ?? 0) && loaded <= total);
/** Progress ends with the size. */
export const ends = ({ progress }, size) => progress.at(-1).state === 'done' && progress.at(-1).loaded === size;

/** Returns a function to the SHA-256 of a stored object. */
export function storedIn(api, tokenUrl) {
  return async (key, route) => {
    const token = (await (await fetch(tokenUrl)).text()).trim();
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const answer = await fetch(`${api}/dev/read`, { method: 'POST', headers, body: JSON.stringify({ key, route }) });
    const { url } = await answer.json();
    const object = await fetch(url);
    return crypto.createHash('sha256').update(Buffer.from(await object.arrayBuffer())).digest('hex');
  };
}
