// The progress of all uploads in the title and in the icon of the tab.

import { page } from '/page.js';

const TITLE = document.title;
const icon = document.querySelector('link[rel=icon]');
const ICON = icon.getAttribute('href');

/** The circumference of the ring. */
const ROUND = 2 * Math.PI * 12;

const ring = (share) => `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="15" fill="#fff"/><circle cx="16" cy="16" r="12" fill="none" stroke="#d5d0f5" stroke-width="6"/><circle cx="16" cy="16" r="12" fill="none" stroke="#5546d6" stroke-width="6" stroke-dasharray="${ROUND}" stroke-dashoffset="${ROUND * (1 - share)}" transform="rotate(-90 16 16)"/></svg>`)}`;

let shown;

function draw() {
  const { uploads } = page;
  const active = uploads.filter(({ isOver, state }) => !isOver && state !== 'paused');
  const batch = uploads.filter(({ state }) => state === 'done' || !['refused', 'failed', 'cancelled'].includes(state));
  const [loaded, total] = ['loaded', 'total'].map((name) => batch.reduce((sum, { progress }) => sum + progress[name], 0));
  const percent = total ? Math.floor((loaded / total) * 100) : 0;
  const last = uploads.at(-1)?.state;
  const sign = { done: '✓ ', refused: '✗ ', failed: '✗ ', paused: '‖ ' }[last] ?? '';
  const now = active.length > 0 ? `${percent} %` : sign.trim();
  if (now === shown) return;
  shown = now;
  document.title = active.length > 0 ? `${percent} % · ${TITLE}` : `${sign}${TITLE}`;
  icon.setAttribute('href', active.length > 0 ? ring(percent / 100) : ICON);
}

page.on('change', ({ what }) => {
  if (what === 'state' || what === 'progress') draw();
});
page.on('remove', draw);
