// usage: dev_config.mjs PAGE FORBIDDEN…
// Uploads a sample file through the page of `upsign dev --config`, whose policy takes no photos, then tries each forbidden upload.
// FORBIDDEN are those that the policy forbids; S3 accepts the others. A script error or a blocked request fails the test.
import { check, withPage } from './chromium.mjs';

const [base, ...forbidden] = process.argv.slice(2);
const EXPECTED = /^Failed to load resource: .* status of (400|403|412)\b/; // the refusals that the test provokes

// The causes that the page names: of a PUT, or of a form.
const CAUSES = {
  type: ['header-differs', 'form-condition'],
  size: ['length-differs', 'too-large'],
  twice: ['key-exists'],
  key: ['path-differs', 'form-condition'],
};

await withPage(async (page) => {
  const problems = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error' && !EXPECTED.test(message.text())) problems.push(message.text()); });

  await page.goto(base);
  await page.waitForFunction(() => document.body.dataset.state === 'ready', null, { timeout: 20_000 });
  check(!/photo/i.test(await page.innerText('main')), 'the page does not speak of photos');

  await page.click('[data-testid=sample]');
  await page.waitForFunction(() => ['done', 'failed', 'refused'].includes(document.body.dataset.state), null, { timeout: 20_000 });
  check(await page.evaluate(() => document.body.dataset.state === 'done'), `the sample file is stored and reads back unchanged: ${await page.textContent('[data-testid=status]')} ${await page.textContent('[data-testid=alert]')}`);
  const shown = await page.evaluate(() => document.body.textContent);
  check(!/eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/.test(shown) && !/AWS4-HMAC-SHA256 Credential/.test(shown), 'the page shows no whole token');

  for (const cheat of ['type', 'size', 'twice', 'key']) {
    await page.click(`[data-testid=cheat-${cheat}]`);
    await page.waitForFunction((name) => ['refused', 'accepted'].includes(document.querySelector(`[data-testid=cheat-${name}]`).dataset.outcome), cheat, { timeout: 20_000 });
    const outcome = await page.evaluate((name) => document.querySelector(`[data-testid=cheat-${name}]`).dataset.outcome, cheat);
    check(outcome === (forbidden.includes(cheat) ? 'refused' : 'accepted'), `S3 answers to "${cheat}": ${outcome}`);
    if (outcome !== 'refused') continue;
    const diagnosis = page.locator('[data-testid=cheat-result] .diagnosis');
    const { cause, certain } = await diagnosis.evaluate((element) => ({ ...element.dataset }));
    check(CAUSES[cheat].includes(cause) && certain === 'true', `the page names the cause: ${cause}, certain: ${certain}. ${await diagnosis.locator('[data-testid=diagnosis-sentence]').textContent()}`);
  }
  check(problems.length === 0, `the console is clean${problems.map((problem) => `: ${problem}`).join('')}`);
});
