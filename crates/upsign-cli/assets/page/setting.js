// A line of the configuration, as the dev server names it.

import { el } from '/elements.js';
import { page } from '/page.js';

/** Says how to get lines to change: without --config, the dev server has no file that a user could edit. Nothing if it has one. */
export const withoutFile = () => !page.config?.file && el('p', { class: 'hint', 'data-testid': 'without-file' },
  'The dev server runs with its built-in configuration. To change a line: ', el('code', {}, 'upsign init'), ' writes a file, and ', el('code', {}, 'upsign dev --config upsign.toml'), ' uses it.');

/** Renders `upsign.toml:12 types = [...]`, or that the file does not set the key. */
export function settingView({ key, name, value, place }) {
  const assignment = value === null ? name : `${name} = ${value}`;
  const section = `[${key.split('.').slice(0, -1).join('.')}]`;
  const where = place ?? (value === null ? `not set in ${section}:` : `not set in ${section}, the default`);
  return el('p', { class: 'setting', 'data-testid': 'setting', 'data-key': key }, el('span', { class: 'setting-place' }, where), ' ', el('code', {}, assignment));
}

/** Renders the lines that are responsible for a refusal. */
export const settingsView = (settings) => settings?.length > 0 && el('div', { class: 'responsible', role: 'group', 'aria-label': 'The lines of the configuration that are responsible', 'data-testid': 'responsible' },
  el('p', { class: 'diff-field' }, settings.length === 1 ? 'The line of the configuration that is responsible:' : 'The lines of the configuration that are responsible:'),
  settings.map(settingView), withoutFile());
