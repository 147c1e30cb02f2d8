// usage: cloud.mjs ORIGIN PHOTO < output of cloud.py
// Uploads with the original client on a page of another origin, through both APIs, and checks that the page can read refusals.
import fs from 'node:fs';
import http from 'node:http';
import { check, withPage } from './chromium.mjs';

const [origin, photo] = process.argv.slice(2);
const system = JSON.parse(fs.readFileSync(0, 'utf8'));
const client = fs.readFileSync(new URL('./original_client.js', import.meta.url), 'utf8');
const pages = {
  '/rest': { api: system.rest, token: system.id_token },
  '/http': { api: system.http, token: system.access_token },
  '/invalid-token': { api: system.rest, token: 'x.y.z' },
};
const server = http.createServer((request, response) => {
  const { api, token } = pages[request.url] ?? pages['/invalid-token'];
  response.setHeader('content-type', 'text/html');
  response.end(`<!doctype html><meta charset="utf-8"><title>upload</title><input type="file" id="file">
<script>const API_BASE = ${JSON.stringify(api)}; const accessToken = ${JSON.stringify(token)};
${client}
document.getElementById('file').addEventListener('change', handleFileSelect);</script>`);
});
await new Promise((listening) => { server.listen(Number(new URL(origin).port), '127.0.0.1', listening); });

await withPage(async (tab) => {
  for (const path of ['/rest', '/http']) {
    const messages = [];
    const listen = async (message) => messages.push({ text: message.text(), values: await Promise.all(message.args().map((arg) => arg.jsonValue().catch(() => null))) });
    tab.on('console', listen);
    await tab.goto(`${origin}${path}`);
    await tab.setInputFiles('#file', photo);
    for (let i = 0; i < 300 && !messages.some((line) => /^(Image uploaded|Upload error)/.test(line.text)); i += 1) await tab.waitForTimeout(50);
    const done = messages.find((line) => line.text.startsWith('Image uploaded:'));
    check(done !== undefined, `${path}: the page uploaded ${done ? done.values[1].key : JSON.stringify(messages)}`);
    tab.off('console', listen);
    const refused = await tab.evaluate(async () => {
      const headers = { Authorization: `Bearer ${accessToken}`, 'Content-Type': 'application/json' };
      const response = await fetch(`${API_BASE}/upload-url`, { method: 'POST', headers, body: '{"contentType":"text/html","contentLength":1}' });
      return `${response.status} ${(await response.json()).code}`;
    });
    check(refused === '415 content-type-not-allowed', `${path}: the page can read the policy's refusal`);
  }
  await tab.goto(`${origin}/invalid-token`);
  const status = await tab.evaluate(async () => {
    const response = await fetch(`${API_BASE}/upload-url`, { method: 'POST', headers: { Authorization: `Bearer ${accessToken}` } });
    return `${response.status} ${JSON.stringify(await response.json())}`;
  });
  check(status.startsWith('401 '), `the page can read the gateway's own 401: ${status}`);
});
server.close();
server.closeAllConnections();
