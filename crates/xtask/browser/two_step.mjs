// usage: two_step.mjs API ORIGIN PHOTO S3_ENDPOINT BUCKET, with ACCESS_TOKEN set
// Uploads with the original client on a page of another origin, and checks the stored object.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import { check, network, withPage } from './chromium.mjs';

const [api, origin, photo, s3, bucket] = process.argv.slice(2);
const client = fs.readFileSync(new URL('./original_client.js', import.meta.url), 'utf8');
const page = (token) => `<!doctype html><meta charset="utf-8"><title>upload</title><input type="file" id="file">
<script>const API_BASE = ${JSON.stringify(api)}; const accessToken = ${JSON.stringify(token)};
${client}
document.getElementById('file').addEventListener('change', handleFileSelect);</script>`;
const server = http.createServer((request, response) => {
  response.setHeader('content-type', 'text/html');
  response.end(page(request.url === '/invalid-token' ? 'x.y.z' : process.env.ACCESS_TOKEN));
});
await new Promise((listening) => { server.listen(Number(new URL(origin).port), '127.0.0.1', listening); });

await withPage(async (tab) => {
  const messages = [];
  tab.on('console', async (message) => messages.push({ text: message.text(), values: await Promise.all(message.args().map((arg) => arg.jsonValue().catch(() => null))) }));
  const until = async (text) => {
    for (let i = 0; i < 200; i += 1) {
      const found = messages.find((line) => line.text.startsWith(text));
      if (found) return found;
      await tab.waitForTimeout(50);
    }
    throw new Error(`no console message ${text}; got ${JSON.stringify(messages)}`);
  };
  const net = await network(tab);
  await tab.goto(`${origin}/`);
  await tab.setInputFiles('#file', photo);
  const { values } = await until('Image uploaded:');
  const { key, articleId } = values[1];
  check(new RegExp(`^articles/${articleId}/raw/[0-9a-f-]{36}\\.jpg$`).test(key), `uploaded as ${key}`);
  const sent = net.all();
  check(sent.some((request) => request.method === 'OPTIONS' && request.url.startsWith(api)), 'the API answered a preflight');
  check(sent.some((request) => request.method === 'OPTIONS' && request.url.startsWith(s3)), 'S3 answered a preflight');
  execFileSync(process.env.PYTHON, [process.env.READ_BACK, s3, bucket, key, photo], { stdio: 'inherit' });
  check(true, 'S3 holds the same bytes as image/jpeg');

  await tab.goto(`${origin}/invalid-token`);
  const status = await tab.evaluate(async () => {
    const response = await fetch(`${API_BASE}/upload-url`, { method: 'POST', headers: { Authorization: `Bearer ${accessToken}` } });
    return `${response.status} ${(await response.json()).code}`;
  });
  check(status === '401 unauthorized', 'a page can read the 401');
});
server.close();
server.closeAllConnections();
