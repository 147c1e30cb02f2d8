// usage: whole.mjs ORIGIN FILE… < {"api", "token"}
// A page of another origin uploads each file as a JPEG, confirms it, and reads it by a URL. Prints one JSON array.
import fs from 'node:fs';
import http from 'node:http';
import { withPage } from './chromium.mjs';

const [origin, ...files] = process.argv.slice(2);
const { api, token, confirms } = JSON.parse(fs.readFileSync(0, 'utf8'));
const server = http.createServer((request, response) => {
  response.setHeader('content-type', 'text/html');
  response.end('<!doctype html><meta charset="utf-8"><title>upload</title>');
});
await new Promise((listening) => { server.listen(Number(new URL(origin).port), '127.0.0.1', listening); });

const results = [];
await withPage(async (page) => {
  await page.goto(origin);
  for (const file of files) {
    const bytes = fs.readFileSync(file).toString('base64');
    results.push(await page.evaluate(async ({ api, token, confirms, bytes }) => {
      const call = async (path, body) => {
        const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
        const response = await fetch(`${api}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
        return { status: response.status, ...await response.json() };
      };
      const file = Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0));
      const grant = await call('/upload-url', { contentType: 'image/jpeg', contentLength: file.length, fileName: 'photo.jpg' });
      if (!grant.uploadUrl) return { grant };
      const put = await fetch(grant.uploadUrl, { method: 'PUT', headers: grant.headers, body: new Blob([file]) });
      if (!confirms) return { grant, put: put.status };
      let confirmation = await call('/uploads/confirm', { uploadToken: grant.uploadToken });
      for (let i = 0; i < 20 && confirmation.state === 'pending'; i += 1) {
        await new Promise((done) => { setTimeout(done, 1000 * (confirmation.retryAfter ?? 1)); });
        confirmation = await call('/uploads/confirm', { uploadToken: grant.uploadToken });
      }
      const read = confirmation.receipt ? await call('/uploads/read-url', { receipt: confirmation.receipt }) : undefined;
      if (!read?.readUrl) return { grant, put: put.status, confirmation, read };
      // With the headers that the URL signs, the browser asks for permission first, so a CORS rule of the bucket must permit them.
      const object = await fetch(read.readUrl, { headers: read.headers ?? {} });
      const bytesRead = new Uint8Array(await object.arrayBuffer());
      const isWhole = bytesRead.length === file.length && bytesRead.every((byte, index) => byte === file[index]);
      const fetched = { status: object.status, type: object.headers.get('content-type'), isWhole };
      return { grant, put: put.status, confirmation, read, fetched };
    }, { api, token, confirms, bytes }));
  }
});
server.close();
server.closeAllConnections();
console.log(JSON.stringify(results));
