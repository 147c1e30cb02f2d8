// Reads a stored object back, and compares it with the file, byte for byte.

import { openStored } from '/calls.js';

/** Larger files are compared piece by piece while they arrive, without their SHA-256: the browser computes it in memory only. */
const IN_MEMORY = 32 << 20;

const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Returns the SHA-256 of a Blob in hexadecimal. */
export const sha256 = async (blob) => hex(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));

/** Returns the content type that a grant is signed for. It is another one than that of the file if the policy names the type otherwise. */
export const signedType = ({ headers, fields }) => Object.entries(headers ?? fields ?? {}).find(([name]) => name.toLowerCase() === 'content-type')?.[1];

/**
 * Reads the object. Resolves to what is stored next to what was sent: `{ sent, type, size, sha256, blob, isSame, exchange }`. A large
 * object has no `sha256` and no `blob`, but `compared`, the number of bytes that are equal.
 */
export async function compare({ config, choice, token, key, file, grant, signal }) {
  const { response, type, exchange } = await openStored(config, choice, token, key, signal);
  // A multipart upload has no headers that say its type.
  const sent = { fileType: file.type, type: signedType(grant) ?? (file.type || type), size: file.size };
  if (file.size > IN_MEMORY) {
    const { size, compared } = await equalBytes(file, response.body.getReader());
    return { sent, type, size, compared, exchange, isSame: sent.type === type && size === file.size && compared === size };
  }
  const blob = await response.blob();
  exchange.responseHeaders = [['content-type', type], ['content-length', String(blob.size)]];
  const [mine, theirs] = [await sha256(file), await sha256(blob)];
  sent.sha256 = mine;
  return { sent, type, blob, size: blob.size, sha256: theirs, exchange, isSame: mine === theirs && blob.size === file.size && sent.type === type };
}

/** Returns how many bytes arrive, and how many of them are those of the file before the first one that differs. */
async function equalBytes(file, reader) {
  let [size, compared] = [0, 0];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { size, compared };
    const own = new Uint8Array(await file.slice(size, size + value.length).arrayBuffer());
    if (compared === size) compared += firstDifference(own, value);
    size += value.length;
  }
}

function firstDifference(a, b) {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) if (a[at] !== b[at]) return at;
  return length;
}
