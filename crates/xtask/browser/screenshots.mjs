// usage: screenshots.mjs PAGE PARTS_PAGE PHOTO FOLDER
// Writes the pictures of the page of `upsign dev` that the documentation shows, as WebP of at most 60 kB each: light, dark, on a phone,
// in the middle of an upload, and refused. PAGE has the policy of the demo, and PARTS_PAGE a route with parts.
import fs from 'node:fs';
import path from 'node:path';
import { withPage } from './chromium.mjs';
import { rows, state, throttle } from './dev_tools.mjs';

const [base, partsBase, photo, folder] = process.argv.slice(2);
const MAX_BYTES = 60_000;
const QUALITIES = [88, 80, 70, 60, 50, 40, 30];
const WIDE = { width: 1180, height: 800 };

/** Writes what the window shows, with the best quality that is small enough. */
async function picture(page, name) {
  // The pointer and the focus are not part of a picture.
  await page.evaluate(() => document.activeElement?.blur());
  await page.mouse.move(0, 0);
  const cdp = await page.context().newCDPSession(page);
  for (const quality of QUALITIES) {
    const { data } = await cdp.send('Page.captureScreenshot', { format: 'webp', quality });
    const bytes = Buffer.from(data, 'base64');
    if (bytes.length > MAX_BYTES) continue;
    fs.writeFileSync(path.join(folder, `dev-page-${name}.webp`), bytes);
    console.log(`   dev-page-${name}.webp: ${bytes.length} bytes, quality ${quality}`);
    return;
  }
  throw new Error(`dev-page-${name}.webp is larger than ${MAX_BYTES} bytes`);
}

async function opened(browser, address, options) {
  const page = await (await browser.newContext({ viewport: WIDE, reducedMotion: 'reduce', ...options })).newPage();
  await page.goto(address);
  await state(page, 'ready');
  return page;
}

/** A photo that is stored, and one of the uploads that its URL does not allow. */
async function stored(browser, name, options) {
  const page = await opened(browser, base, options);
  await page.setInputFiles('[data-testid=file-input]', photo);
  await rows(page, 1, 'done');
  if (name !== 'phone') {
    await page.click('[data-cheat=key]');
    await page.waitForSelector('[data-cheat=key][data-outcome=refused]');
  }
  await page.evaluate(() => scrollTo(0, document.querySelector('.columns').offsetTop - 16));
  await picture(page, name);
}

async function sending(browser) {
  const page = await opened(browser, partsBase);
  await throttle(page, 12 << 20);
  await page.setInputFiles('[data-testid=file-input]', [
    { name: 'holiday.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(48 << 20, 'film') },
    { name: 'beach.jpg', mimeType: 'image/jpeg', buffer: fs.readFileSync(photo) },
  ]);
  await page.waitForFunction(() => document.querySelector('[data-testid=progress]')?.value >= 45, null, { timeout: 30_000 });
  await page.evaluate(() => scrollTo(0, document.querySelector('.columns').offsetTop - 16));
  await picture(page, 'sending');
}

async function refused(browser) {
  const page = await opened(browser, base);
  await page.setInputFiles('[data-testid=file-input]', { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') });
  await page.waitForSelector('[data-testid=diagnosis] .diagnosis');
  await page.evaluate(() => scrollTo(0, document.querySelector('.columns').offsetTop - 16));
  await picture(page, 'refused');
}

await withPage(async (_, browser) => {
  await stored(browser, 'light', {});
  await stored(browser, 'dark', { colorScheme: 'dark' });
  await stored(browser, 'phone', { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true });
  await sending(browser);
  await refused(browser);
});
