// Starts a headless Chromium without background requests, and records its network traffic.
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(path.join(process.env.NODE_PATH, 'any.js'));
const { chromium } = require('playwright-core');

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** Runs `use(page, browser)` and then closes the browser. If it fails, the exit code of the process is 1. `args` are more arguments of the browser. */
export async function withPage(use, { args = [], ...options } = {}) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: [...ARGS, ...args] });
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

/** Records every request of the page, including preflights, as {method, url, type, status}. */
export async function network(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Network.enable');
  const seen = new Map();
  cdp.on('Network.requestWillBeSent', ({ requestId, request, type }) => seen.set(requestId, { method: request.method, url: request.url, type }));
  cdp.on('Network.responseReceived', ({ requestId, response }) => Object.assign(seen.get(requestId) ?? {}, { status: response.status }));
  return { all: () => [...seen.values()] };
}

/** Throws an error if `holds` is false, and prints `description` otherwise. */
export function check(holds, description) {
  if (!holds) throw new Error(`does not hold: ${description}`);
  console.log(`   ${description}`);
}
