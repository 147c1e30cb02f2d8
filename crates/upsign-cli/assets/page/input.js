// How files come to the page: chosen, dropped anywhere, or pasted; and the Escape key, which cancels.

import { page } from '/page.js';
import { parts, showMessage } from '/view.js';
import { add } from '/uploads.js';

/**
 * Returns what was dropped: handles of files where the browser has them, because a page can read these again after it was reloaded.
 * All items are read at once: they are gone after the event. A folder is none of them.
 */
async function sourcesOf({ items, files }) {
  const list = [...items].filter(({ kind }) => kind === 'file');
  if (list.length === 0) return { sources: [...files], folders: 0 };
  const found = list.map((item) => ({
    isFolder: item.webkitGetAsEntry?.()?.isDirectory ?? false,
    file: item.getAsFile(),
    handle: item.getAsFileSystemHandle?.().catch(() => undefined),
  }));
  const sources = await Promise.all(found.filter(({ isFolder }) => !isFolder).map(async ({ file, handle }) => {
    const own = await handle;
    return own?.kind === 'file' ? own : file;
  }));
  return { sources: sources.filter(Boolean), folders: found.filter(({ isFolder }) => isFolder).length };
}

async function dropped(transfer) {
  const { sources, folders } = await sourcesOf(transfer);
  if (sources.length > 0) begin(sources);
  if (folders > 0) showMessage(folders === 1 ? 'A folder is not uploaded: drop the files in it.' : 'Folders are not uploaded: drop the files in them.');
  else if (sources.length === 0) showMessage('Nothing to upload: drop a file from your file manager.');
}

/** Uploads files, as soon as the page has its configuration. */
export function begin(sources, choice) {
  if (!page.config) showMessage('The dev server has not answered yet. One moment.');
  else add(sources, choice ?? page.choice);
}

function listenToDrops() {
  let depth = 0; // dragenter and dragleave also fire for every child
  const over = (change) => {
    depth = Math.max(0, change);
    document.body.classList.toggle('over', depth > 0);
    parts.drop.classList.toggle('over', depth > 0);
  };
  document.addEventListener('dragenter', () => over(depth + 1));
  document.addEventListener('dragleave', () => over(depth - 1));
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    over(0);
    if (event.dataTransfer) dropped(event.dataTransfer);
  });
}

parts.input.addEventListener('change', () => {
  const files = [...parts.input.files];
  parts.input.value = '';
  if (files.length > 0) begin(files);
});

document.addEventListener('paste', (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  if (files.length > 0) begin(files);
  else if (page.running.length === 0) showMessage('Nothing to upload in the clipboard: copy an image or a file, then paste it here.');
});

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.defaultPrevented || event.target.matches?.('select')) return;
  // What is paused keeps its parts until its own button discards them, and what the user does not look at goes on.
  if (page.shown && !page.shown.isOver && page.shown.state !== 'paused') page.shown.cancel();
});

listenToDrops();
