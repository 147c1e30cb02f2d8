// The accessibility rules of axe-core, and the windows in which they are applied.
import fs from 'node:fs';
import path from 'node:path';
import { check } from './chromium.mjs';

const axe = fs.readFileSync(path.join(process.env.NODE_PATH, 'axe-core/axe.min.js'), 'utf8');

/** Names and options of windows: light, dark, as wide as the narrowest phone, and with colors that the system chooses. */
export const WINDOWS = [
  ['light', {}],
  ['dark', { colorScheme: 'dark' }],
  ['phone', { viewport: { width: 320, height: 720 } }],
  ['forced', { forcedColors: 'active' }],
];

/** Fails if axe-core finds anything in the page as it is shown, or if the page needs horizontal scrolling. */
export async function audit(page, name) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const words = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('; ')}`);
  check(violations.length === 0, `axe-core finds nothing (${name}) ${words.join('\n')}`);
  const isWide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  check(!isWide, `the page needs no horizontal scrolling (${name})`);
}
