// A headless Chromium that talks to this machine alone.
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(path.join(process.env.NODE_PATH, 'any.js'));
const { chromium } = require('playwright-core');

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** Runs `use(page, browser)` and closes the browser whatever happens; a failure ends the process with 1. */
export async function withPage(use, options = {}) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ARGS });
  try {
    const context = await browser.newContext(options);
    await use(await context.newPage(), browser);
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  } finally {
    await browser.close();
  }
}

/** Every request that CDP sees, preflights included: {method, url, type, status}. */
export async function network(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Network.enable');
  const seen = new Map();
  cdp.on('Network.requestWillBeSent', ({ requestId, request, type }) => seen.set(requestId, { method: request.method, url: request.url, type }));
  cdp.on('Network.responseReceived', ({ requestId, response }) => Object.assign(seen.get(requestId) ?? {}, { status: response.status }));
  return { all: () => [...seen.values()] };
}

export function check(holds, what) {
  if (!holds) throw new Error(`not so: ${what}`);
  console.log(`   ${what}`);
}
