// usage: client_manual.mjs API TOKEN PORT PACKAGE PHOTO PAGE
// Runs every example of the page of the manual about uploads from browsers, as printed, against `upsign dev`. The addresses of the
// example are replaced by those of this run, and names that an application has are defined around it.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { check, withPage } from './chromium.mjs';
import { serve } from './client_server.mjs';

const [api, tokenUrl, port, folder, photo, manual] = process.argv.slice(2);
const require = createRequire(path.join(process.env.NODE_PATH, 'any.js'));
const { buildSync } = require('esbuild');

/** Returns the examples with the title of their section. */
function examples() {
  const text = fs.readFileSync(manual, 'utf8').split('\n').map((line) => line.replace(/^\/\/! ?/, '')).join('\n');
  return [...text.matchAll(/^# (.*)$|^```(js|html)\n([\s\S]*?)^```$/gm)].reduce(({ title, all }, [, heading, kind, code]) => (
    heading ? { title: heading, all } : { title, all: [...all, { title, kind, code }] }), { all: [] }).all;
}

/** What an application has, and what its examples are expected to do. */
const PRELUDE = `
const photo = await (await fetch('/photo.jpg')).blob();
const file = new File([photo], 'photo.jpg', { type: 'image/jpeg' });
const token = async () => (await (await fetch('${tokenUrl}')).text()).trim();
const accessToken = await token();
const [session, API_BASE, bar, pauseButton, continueButton, image] = [{ accessToken: token }, '${api}', {}, {}, {}, new Image()];
const input = { files: [file, file] };
const options = { endpoint: API_BASE, token };
const [shown, drawn] = [[], []];
const show = (text) => shown.push(text);
const draw = (...values) => drawn.push(values);
`;

/** For each title: further definitions before the example, and an expression of its result. */
const EXPECTED = {
  'Get it': ['', 'typeof upload', 'function'],
  Upload: ['', 'key.startsWith("articles/") && Boolean(articleId) && bar.value === 1', true],
  Errors: ['Object.assign(options, { contentType: "text/plain" });', 'shown.join().includes("text/plain")', true],
  'Large files': ['', 'typeof pauseButton.onclick + typeof await continueButton.onclick()', 'functionundefined'],
  'Several files': ['', 'keys.length === 2 && drawn.some(([index]) => index === 1)', true],
  'Confirmed uploads': ['', 'Boolean(key && receipt && image.src === readUrl)', true],
  'From the original page': ['', '(({ key, articleId }) => Boolean(key && articleId))(await uploadImage(file))', true],
};

function moduleOf(title, code) {
  const [before, expression] = EXPECTED[title];
  const [imports, rest] = [/^import .*$/gm, code.replace(/^import .*$/gm, '')];
  return `${code.match(imports)?.join('\n') ?? "import { upload } from 'upsign';"}\n${PRELUDE}\n${before}\n${rest}\nwindow.result = ${expression};\n`;
}

const here = (code) => code.replaceAll('https://api.example.com', api).replaceAll("from 'upsign'", "from '/package/upsign.js'");
const head = '<!doctype html><html lang="en"><title>page</title>';
const pages = { '/photo.jpg': { text: fs.readFileSync(photo), type: 'image/jpeg' } };
const printed = examples();
printed.forEach(({ title, kind, code }, place) => {
  if (title === 'React') {
    const app = `${code}\nimport { createRoot } from 'react-dom/client';\n${PRELUDE}
createRoot(document.body).render(<Photos options={options} />);`;
    const stdin = { contents: app, loader: 'jsx', resolveDir: path.dirname(folder) };
    const { outputFiles } = buildSync({ stdin, bundle: true, jsx: 'automatic', format: 'esm', target: 'esnext', write: false, nodePaths: [process.env.NODE_PATH], define: { 'process.env.NODE_ENV': '"production"' } });
    pages[`/${place}.js`] = { text: outputFiles[0].text, type: 'text/javascript' };
  } else if (kind === 'js') {
    pages[`/${place}.js`] = { text: here(moduleOf(title, code)), type: 'text/javascript' };
  }
  const script = kind === 'html' ? here(code) : `<script type="module" src="/${place}.js"></script>`;
  pages[`/${place}`] = { text: `${head}<body>${script}</body></html>` };
});

const close = await serve(Number(port), folder, pages);
await withPage(async (page) => {
  const problems = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  check(printed.length >= 10 && [...Object.keys(EXPECTED), 'React', 'A web component'].every((title) => printed.some((example) => example.title === title)), `the page of the manual has ${printed.length} examples`);
  const jpeg = { name: 'photo.jpg', mimeType: 'image/jpeg', buffer: fs.readFileSync(photo) };
  for (const [place, { title }] of printed.entries()) {
    if (title === 'A web component') await page.addInitScript(`window.session = { accessToken: async () => (await (await fetch('${tokenUrl}')).text()).trim() };`);
    await page.goto(`http://127.0.0.1:${port}/${place}`);
    if (EXPECTED[title]) {
      await page.waitForFunction(() => window.result !== undefined, undefined, { timeout: 60_000 }).catch(() => {});
      check(await page.evaluate(() => window.result) === EXPECTED[title][2], `${title}: as printed ${problems}`);
    } else {
      await page.locator('input[type=file]').setInputFiles([jpeg]);
      const done = title === 'React' ? page.getByText(/photo\.jpg (\d+)\/\1/) : page.locator('upsign-upload [part=status]').getByText('Uploaded');
      await done.waitFor({ timeout: 60_000 });
      check(true, `${title}: as printed`);
    }
  }
  check(problems.length === 0, `there are no errors: ${problems}`);
});
await close();
