// The upload in other languages, and the documents of the bucket: texts to copy, for the choice of user and route.

import { el } from '/elements.js';
import { page } from '/page.js';
import { ask, fill } from '/panel.js';
import { tabs } from '/tabs.js';

let language = 'curl';
let drawn = '';

function snippetsView({ snippets }) {
  const items = snippets.map(({ language: name, title, needs, text }) => ({ name, title, note: `Needs ${needs}.`, text }));
  return [
    el('h2', { id: 'code-title' }, 'The same upload from a program'),
    el('p', { class: 'hint' }, 'Each text works as it is while this dev server runs, with a file of yours in place of the example.'),
    tabs('Languages', 'snippets', items, { chosen: language, onChoose: (name) => { language = name; } }),
  ];
}

function documentsView({ documents }) {
  const items = documents.map(({ name, title, sentence, text, command }) => ({ name, title, note: `${sentence}, as “${command}” prints it for the whole file.`, text }));
  return documents.length > 0 && el('div', { class: 'documents' }, el('h3', { class: 'panel-title' }, 'What the bucket needs'), tabs('Documents', 'documents', items));
}

async function update() {
  const { choice: { user, issuer, route } } = page;
  const query = new URLSearchParams({ route: route.name, user: user.name, ...(issuer.name ? { issuer: issuer.name } : {}) });
  const [snippets, documents] = await Promise.all([ask(`/dev/snippets?${query}`), ask(`/dev/documents?${new URLSearchParams({ route: route.name })}`)]);
  const now = JSON.stringify([snippets, documents]);
  // Nothing changes under the hands of somebody who is copying.
  if (now === drawn || page.choice.route !== route || page.choice.user !== user) return;
  drawn = now;
  fill('code', ...(snippets ? snippetsView(snippets) : []), ...(documents ? [documentsView(documents)].filter(Boolean) : []));
}

page.on('choice', update);
if (page.choice) update();
