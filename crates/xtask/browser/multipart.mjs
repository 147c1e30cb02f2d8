// usage: multipart.mjs API TOKEN PORT: TOKEN is an access token, or the address that returns one
// Uploads a file in parts from a page on PORT, under the generated CORS rules: the page reads the ETag and the checksum of each
// part, also the refusal of a damaged part, and completes the upload. A page of another origin can do none of it.
import http from 'node:http';
import { check, network, withPage } from './chromium.mjs';

const [api, tokenOrUrl, port] = process.argv.slice(2);
const token = /^https?:/.test(tokenOrUrl) ? (await (await fetch(tokenOrUrl)).text()).trim() : tokenOrUrl;
const [admitted, other] = [`http://127.0.0.1:${port}/`, `http://localhost:${port}/`];
const server = http.createServer((_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>app</title>'));
await new Promise((resolve) => { server.listen(Number(port), '127.0.0.1', resolve); });

/** Defines, in the page, what an application would import. */
function library({ api, token }) {
  // CRC-64/NVME: https://reveng.sourceforge.io/crc-catalogue/17plus.htm#crc.cat.crc-64-nvme. A number has 32 of the 64 bits.
  const table = Array.from({ length: 256 }, (_, byte) => {
    let crc = BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1n ? (crc >> 1n) ^ 0x9a6c9329ac4bc9b5n : crc >> 1n;
    return [Number(crc >> 32n), Number(crc & 0xffffffffn)];
  });
  window.crc64nvme = (bytes) => {
    let [high, low] = [-1, -1];
    for (const byte of bytes) {
      const [h, l] = table[(low ^ byte) & 255];
      low = ((low >>> 8) | (high << 24)) ^ l;
      high = (high >>> 8) ^ h;
    }
    const view = new DataView(new ArrayBuffer(8));
    view.setInt32(0, ~high);
    view.setInt32(4, ~low);
    return btoa(String.fromCharCode(...new Uint8Array(view.buffer)));
  };
  window.call = async (path, body) => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const response = await fetch(`${api}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: response.status, ...await response.json() };
  };
  window.put = async ({ uploadUrl, headers }, body) => {
    const response = await fetch(uploadUrl, { method: 'PUT', headers, body });
    const read = (name) => response.headers.get(name);
    return { status: response.status, etag: read('etag'), checksum: read('x-amz-checksum-crc64nvme') };
  };
}

/** Uploads in the page, and returns every answer. */
async function upload() {
  const size = (5 << 20) + 1;
  const file = Uint8Array.from({ length: size }, (_, place) => (place * 131) ^ (place >> 9));
  const grant = await call('/upload-url', { contentType: 'application/octet-stream', contentLength: size, checksumAlgorithm: 'crc64nvme' });
  const { uploadToken, partSize, partCount } = grant;
  const numbers = Array.from({ length: partCount ?? 0 }, (_, place) => place + 1);
  const bytes = numbers.map((number) => file.subarray((number - 1) * partSize, number * partSize));
  const checksums = bytes.map(crc64nvme);
  const urls = await call('/uploads/parts', { uploadToken, partNumbers: numbers, checksums });
  const damaged = Uint8Array.from(bytes[0]);
  damaged[1000] ^= 1;
  const refused = await put(urls.parts[0], damaged);
  const stored = [];
  for (const [place, url] of urls.parts.entries()) stored.push(await put(url, bytes[place]));
  const parts = stored.map(({ etag }, place) => ({ partNumber: place + 1, etag, checksum: checksums[place] }));
  const whole = crc64nvme(file);
  const completed = await call('/uploads/complete', { uploadToken, parts, checksum: { crc64nvme: whole } });
  return { size, grant, checksums, urls, refused, stored, whole, completed };
}

await withPage(async (page) => {
  const open = async (url) => {
    await page.goto(url);
    await page.evaluate(library, { api, token });
  };
  const net = await network(page);
  await open(admitted);
  check(await page.evaluate(() => crc64nvme(new TextEncoder().encode('123456789'))) === 'rosUhgp5mIg=', 'the page computes the check value of CRC-64/NVME');
  const { size, grant, checksums, urls, refused, stored, whole, completed } = await page.evaluate(upload);
  check(grant.method === 'MULTIPART' && grant.partCount === 2 && grant.checksumAlgorithm === 'crc64nvme', `an upload in two parts begins: ${grant.status} ${grant.code ?? ''}`);
  const sent = urls.parts.map(({ headers }) => headers['x-amz-checksum-crc64nvme']);
  check(JSON.stringify(sent) === JSON.stringify(checksums), 'the URL of each part signs its checksum');
  const store = new URL(urls.parts[0].uploadUrl).origin;
  const preflights = net.all().filter((request) => request.method === 'OPTIONS' && request.url.startsWith(store) && request.url.includes('partNumber'));
  check(preflights.length > 0 && preflights.every(({ status }) => status < 300), `the store admits the parts in ${preflights.length} preflights`);
  check(refused.status === 400, `the page reads the refusal of a damaged part: ${refused.status}`);
  check(stored.every(({ status, etag }) => status === 200 && /^"[0-9a-f]{32}"$/.test(etag)), `the page reads the ETag of each part: ${stored.map(({ etag }) => etag)}`);
  check(stored.every(({ checksum }, place) => checksum === checksums[place]), `and its checksum: ${stored.map(({ checksum }) => checksum)}`);
  check(completed.state === 'completed' && completed.size === size, `the upload is completed: ${completed.status} ${completed.code ?? ''}`);
  check(completed.checksum?.crc64nvme === whole, 'the store has the checksum of the file');

  const url = (await page.evaluate((uploadToken) => call('/uploads/parts', { uploadToken, partNumbers: [2] }), grant.uploadToken)).parts[0];
  await open(other);
  const fails = (run, argument) => page.evaluate(run, argument).then(() => 'no error', ({ message }) => message);
  check((await fails((part) => put(part, new Uint8Array(1)), url)).includes('Failed to fetch'), 'a page of another origin cannot send a part');
  const body = { uploadToken: grant.uploadToken };
  check((await fails((members) => call('/uploads/status', members), body)).includes('Failed to fetch'), 'nor call the API');
});
server.close();
server.closeAllConnections();
