// usage: corpora.mjs HOSTS TYPES
// Compares the corpora of hosts and content types with what this browser does. HOSTS is hosts.json: the browser must read each host
// as the file says. TYPES is content_types.json: the browser must send each signed type unchanged, and must understand it as it does
// the type that the client has sent.
import fs from 'node:fs';
import http from 'node:http';
import { MIMEType } from 'node:util';
import { check, withPage } from './chromium.mjs';

const read = (file) => JSON.parse(fs.readFileSync(file, 'utf8'));
const [hosts, types] = [read(process.argv[2]).rows, read(process.argv[3]).cases];
const signed = types.filter((row) => row.type);

// Answers with the Content-Type of the request, so that the page learns what was sent.
const server = http.createServer((request, response) => {
  response.writeHead(200, { 'Content-Type': request.headers['content-type'] ?? 'text/html' });
  response.end(request.headers['content-type'] ?? '<!doctype html>');
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const list = (rows) => rows.map((row) => `\n     ${JSON.stringify(row)}`).join('');

await withPage(async (page, browser) => {
  await page.goto(`http://127.0.0.1:${server.address().port}`);
  console.log(`   Chromium ${browser.version()}`);
  const parsed = await page.evaluate((names) => names.map((name) => {
    try {
      const { hostname, origin } = new URL(`https://${name}/key?a=b`);
      return { hostname, origin };
    } catch {
      return { hostname: null, origin: null };
    }
  }), hosts.map(({ host }) => host));
  const otherHosts = hosts.map(({ host, browser: standard, chromium: expected = standard }, row) => ({ host, expected, found: parsed[row].hostname })).filter(({ expected, found }) => expected !== found);
  check(hosts.length > 150 && otherHosts.length === 0, `the browser reads ${hosts.length} hosts as the corpus says${list(otherHosts)}`);
  const otherOrigins = parsed.filter(({ hostname, origin }) => hostname !== null && origin !== `https://${hostname}`);
  check(otherOrigins.length === 0, `the origin of a page has the host in this form${list(otherOrigins)}`);

  const sent = await page.evaluate(async (all) => Promise.all(all.map(async (type) => {
    const answer = await fetch('/', { method: 'PUT', headers: { 'content-type': type }, body: 'x' });
    return answer.text();
  })), signed.map(({ type }) => type));
  const changed = signed.map(({ id, type }, row) => ({ id, type, sent: sent[row] })).filter((row) => row.type !== row.sent);
  check(signed.length > 100 && changed.length === 0, `the browser sends ${signed.length} signed types as they are${list(changed)}`);

  // The type of a Blob is what `file.type` is for a file of this type.
  const blobs = await page.evaluate((all) => all.map((type) => new Blob([], { type }).type), types.map((row) => row.sent ?? ''));
  const rewritten = types.map(({ id, sent: type }, row) => ({ id, type: type ?? '', blob: blobs[row] })).filter(({ type, blob }) => type.toLowerCase() !== blob && /^[ -~]*$/.test(type));
  check(rewritten.length === 0, `a file has ${types.length} types as the corpus sends them, in lower case${list(rewritten)}`);

  // Chromium has no interface to its serializer of MIME types. Node.js has one by the same standard:
  // https://mimesniff.spec.whatwg.org/#serializing-a-mime-type. The names of character sets have no case.
  const same = signed.filter((row) => row.sent && /^[ -~]*$/.test(row.sent) && row.sent.split(';')[0].trim().toLowerCase() === row.type.split(';')[0]);
  const serialized = (type) => String(new MIMEType(type)).replace(/charset=[^;]*/, (charset) => charset.toLowerCase());
  const different = same.map(({ id, sent: text, type }) => ({ id, type, standard: serialized(text) })).filter(({ type, standard }) => type !== standard);
  check(same.length > 50 && different.length === 0, `${same.length} signed types are serialized as the standard for MIME types says${list(different)}`);

  const media = signed.filter(({ id, sent: text }) => id.startsWith('rec/') && text.includes(';'));
  const playable = (all) => page.evaluate((texts) => texts.map((type) => document.createElement('video').canPlayType(type)), all);
  const [before, after] = [await playable(media.map((row) => row.sent)), await playable(media.map(({ type }) => type))];
  const unplayable = media.filter(({ sent: text, type }, row) => before[row] !== after[row] && text.split(';')[0] === type.split(';')[0]);
  check(before.includes('probably') && unplayable.length === 0, `the browser plays the signed types of ${media.length} recordings as those that were sent${list(unplayable)}`);
});
server.close();
