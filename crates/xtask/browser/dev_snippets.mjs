// usage: dev_snippets.mjs PAGE PHOTO FOLDER ROUTE…
// Runs the texts that the page of `upsign dev` offers for these routes: curl and Python and Node.js as programs, and JavaScript in a
// page. PYTHON is a Python with the package requests. Each prints the key of an object, and the object is the file.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { check, withPage } from './chromium.mjs';

const [base, photo, folder, ...routes] = process.argv.slice(2);
fs.mkdirSync(folder, { recursive: true });
fs.copyFileSync(photo, path.join(folder, 'example.jpg'));
const bytes = fs.readFileSync(photo);

const PROGRAMS = { curl: ['snippet.sh', 'sh'], node: ['snippet.mjs', process.execPath], python: ['snippet.py', process.env.PYTHON] };

/** Fails if the object is not the photo. */
async function isStored(key, route, name) {
  const token = await (await fetch(`${base}dev/token`)).text();
  const answer = await fetch(`${base}dev/read`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify({ key, route }) });
  const { url } = await answer.json();
  const stored = Buffer.from(await (await fetch(url)).arrayBuffer());
  check(stored.equals(bytes), `${name} uploads to ${route}: ${key}`);
}

function run(name, text) {
  const [file, program] = PROGRAMS[name];
  fs.writeFileSync(path.join(folder, file), text);
  const { status, stdout, stderr } = spawnSync(program, [file], { cwd: folder, encoding: 'utf8' });
  check(status === 0, `${name} runs ${status === 0 ? '' : `${stderr}\n${stdout}`}`);
  return stdout.trim().split('\n').at(-1);
}

async function inPage(page, text) {
  const body = text.replace(/^import \{ upload \} from '(.*)';/, "const { upload } = await import('$1');").replace("document.querySelector('input[type=file]')", '{ files: [file], addEventListener: (type, choose) => choose() }').replace('console.log(key)', 'stored(key)');
  return page.evaluate(`new Promise(async (stored) => {
    const file = new File([await (await fetch('/demo.jpg')).blob()], 'example.jpg', { type: 'image/jpeg' });
    ${body}
  })`);
}

await withPage(async (page) => {
  await page.goto(base);
  for (const route of routes) {
    const { snippets } = await (await fetch(`${base}dev/snippets?route=${route}`)).json();
    for (const { language, text } of snippets) {
      if (language === 'javascript') await isStored(await inPage(page, text), route, language);
      else if (language in PROGRAMS) await isStored(run(language, text), route, language);
    }
    check(snippets.length >= 4, `${route} has texts in ${snippets.map(({ title }) => title).join(', ')}`);
  }
});
