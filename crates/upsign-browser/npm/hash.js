// The checksums that this client computes, in a worker.
//
// CRCs are read in pieces, so files of any size cost little memory, and those of parts combine to that of the file. The browser
// hashes SHA-1 and SHA-256 itself (WebCrypto), which takes a whole buffer at once: fit for parts, and for files that fit into memory.

// Reversed polynomials: https://reveng.sourceforge.io/crc-catalogue/all.htm
const CRCS = {
  crc64nvme: { width: 64n, polynomial: 0x9a6c9329ac4bc9b5n },
  crc32c: { width: 32n, polynomial: 0x82f63b78n },
  crc32: { width: 32n, polynomial: 0xedb88320n },
};
const DIGESTS = { sha256: 'SHA-256', sha1: 'SHA-1' };

/** How many bytes are read at a time. */
const PIECE = 1 << 20;

/** The last digest that was begun. They are computed one after another, because each needs all of its bytes in memory. */
let last = Promise.resolve();

/** Returns the checksum of a `Blob` in base64. Browsers compute no digest of 2 GiB or more. */
export async function checksum(blob, algorithm, isCancelled) {
  if (CRCS[algorithm]) return crcOf(blob, CRCS[algorithm], isCancelled);
  const digest = async () => {
    if (isCancelled?.()) throw new Error('cancelled');
    return base64(new Uint8Array(await crypto.subtle.digest(DIGESTS[algorithm], await blob.arrayBuffer())));
  };
  last = last.then(digest, digest);
  return last;
}

async function crcOf(blob, crc, isCancelled) {
  // A 64-bit CRC in two numbers of 32 bits. A 32-bit CRC is the lower one, and the upper one stays zero.
  const [upper, lower] = (crc.tables ??= tables(crc.polynomial));
  let [high, low] = [crc.width === 64n ? -1 : 0, -1];
  for (let from = 0; from < blob.size; from += PIECE) {
    if (isCancelled?.()) throw new Error('cancelled');
    const bytes = new Uint8Array(await blob.slice(from, from + PIECE).arrayBuffer());
    for (let place = 0; place < bytes.length; place += 1) {
      const index = (low ^ bytes[place]) & 255;
      low = ((low >>> 8) | (high << 24)) ^ lower[index];
      high = (high >>> 8) ^ upper[index];
    }
  }
  return text((BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0), crc);
}

/** Returns the upper and the lower half of the CRC of each byte. */
function tables(polynomial) {
  const halves = [new Int32Array(256), new Int32Array(256)];
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1n ? (crc >> 1n) ^ polynomial : crc >> 1n;
    halves[0][byte] = Number(crc >> 32n);
    halves[1][byte] = Number(crc & 0xffffffffn);
  }
  return halves;
}

/**
 * Returns the CRC of all parts in order, from `[checksum, size]` of each; undefined if that is impossible.
 *
 * The CRC of A followed by B is `crc(A)·x^(8·|B|) + crc(B)` modulo the polynomial, as in zlib's `crc32_combine`.
 */
export function combined(parts, algorithm) {
  const crc = CRCS[algorithm];
  if (!crc || !parts.every(([checksum]) => checksum)) return undefined;
  // Most parts have the same size.
  const shifts = {};
  const all = parts.reduce((sum, [checksum, size]) => {
    shifts[size] ??= power(8n * BigInt(size), crc);
    return product(shifts[size], sum, crc) ^ [...atob(checksum)].reduce((number, char) => (number << 8n) | BigInt(char.charCodeAt(0)), 0n);
  }, 0n);
  return text(all, crc);
}

/** Multiplies two polynomials. Their bits are reversed: the highest bit is the constant term. */
function product(a, b, { width, polynomial }) {
  let sum = 0n;
  for (let bit = 1n << (width - 1n); bit > 0n; bit >>= 1n) {
    if (a & bit) sum ^= b;
    b = b & 1n ? (b >> 1n) ^ polynomial : b >> 1n;
  }
  return sum;
}

/** Returns x to the power of `exponent`. */
function power(exponent, crc) {
  let [result, square] = [1n << (crc.width - 1n), 1n << (crc.width - 2n)];
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = product(result, square, crc);
    square = product(square, square, crc);
  }
  return result;
}

/** Returns a CRC in base64. */
const text = (number, { width }) => base64(Uint8Array.from({ length: Number(width) / 8 }, (_, place) => Number((number >> (width - 8n - 8n * BigInt(place))) & 255n)));
const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
