// What the tests of the page of `upsign dev` share.
import { WINDOWS, audit } from './audit.mjs';

/** Audits a state of the page in each of the windows, and keeps a picture of each. */
export async function auditEverywhere(page, name, screenshots) {
  const size = page.viewportSize();
  for (const [window, { viewport = size, ...media }] of WINDOWS) {
    await page.setViewportSize(viewport);
    // Without transitions, whose colours in between would be audited.
    await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none', reducedMotion: 'reduce', ...media });
    await audit(page, `${name}, ${window}`);
    await page.screenshot({ path: `${screenshots}/uploads-${name}-${window}.png`, fullPage: true });
  }
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none', reducedMotion: 'no-preference' });
}

/** Collects script errors and messages of the console that are not `expected`. */
export function watch(page, expected = /^$/) {
  const problems = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error' && !expected.test(message.text())) problems.push(message.text()); });
  return problems;
}

/** Waits until the upload that the page describes is in one of the states. */
export const state = (page, ...wanted) => page.waitForFunction((names) => names.includes(document.body.dataset.state), wanted, { timeout: 30_000 });

/** Waits until each upload in the list is in one of the states, and returns the states. */
export async function rows(page, count, ...wanted) {
  await page.waitForFunction(([number, names]) => {
    const all = [...document.querySelectorAll('[data-testid=upload]')].map(({ dataset }) => dataset.state);
    return all.length === number && all.every((one) => names.includes(one));
  }, [count, wanted], { timeout: 30_000 });
  return page.$$eval('[data-testid=upload]', (items) => items.map(({ dataset }) => dataset.state));
}

/** The connections to the debugger of each page. What one of them emulates, another one does not end. */
const debuggers = new WeakMap();

/** Makes uploads slow, in bytes per second; 0 is as fast as possible. */
export async function throttle(page, bytesPerSecond) {
  if (!debuggers.has(page)) debuggers.set(page, await page.context().newCDPSession(page));
  const cdp = debuggers.get(page);
  await cdp.send('Network.enable');
  await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytesPerSecond || -1 });
}

/** Returns a transfer of the clipboard or of a drop with files: `{ name, type, base64 }`. */
export const transfer = (page, files) => page.evaluateHandle((list) => {
  const data = new DataTransfer();
  for (const { name, type, base64 } of list) data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name, { type }));
  return data;
}, files);
