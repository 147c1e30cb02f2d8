// What the tests of clients of other projects share: the page, what the bucket has, and the examples of the manual.
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';

/** Returns what the bucket of a step has: objects by key, and the keys of open multipart uploads. */
export function storedIn(endpoint, bucket) {
  return () => JSON.parse(execFileSync(process.env.PYTHON, [process.env.STORED, endpoint, bucket], { maxBuffer: 1 << 26 }));
}

/** Returns an access token: that of the step in the variable `name`, or one that the user pool of `upsign dev` gives `user`. */
export async function accessToken(name, user) {
  return process.env[name] ?? (await fetch(`${process.env.TOKEN_URL}?user=${user}`)).text();
}

/** Returns the bytes of a file with the given size, the same each time. */
export function bytesOf(size) {
  return Uint8Array.from({ length: size }, (_, place) => (place * 131) ^ (place >> 9));
}

export const sha256 = (bytes) => crypto.createHash('sha256').update(bytes).digest('hex');

/** Defines, in the page, files with the bytes of `bytesOf`. */
export function defineFiles() {
  window.file = (size, name = 'a.bin', type = 'application/octet-stream') => {
    const bytes = Uint8Array.from({ length: size }, (_, place) => (place * 131) ^ (place >> 9));
    return new File([bytes], name, { type });
  };
}

/** Returns the examples of a page of the manual, by the titles of their sections. */
export function examples(manual) {
  const text = fs.readFileSync(manual, 'utf8').split('\n').map((line) => line.replace(/^\/\/! ?/, '')).join('\n');
  let title = '';
  const found = [];
  for (const [, heading, kind, code] of text.matchAll(/^# (.*)$|^```(js|jsx|html)\n([\s\S]*?)^```$/gm)) {
    if (heading) title = heading;
    else found.push({ title, kind, code });
  }
  return found;
}
