// The list of uploads as a queue: some at a time, the others wait.

import { page } from '/page.js';
import { Upload } from '/upload.js';

/** How many files are sent at a time. Browsers open six connections to a server, and each upload has several parts. */
const AT_ONCE = 3;

/** How many uploads that are over stay in the list when others begin. */
const KEPT = 5;

function pump() {
  const waiting = page.uploads.filter(({ state, isQueued }) => state === 'waiting' && isQueued);
  for (const upload of waiting.slice(0, Math.max(0, AT_ONCE - page.running.length))) {
    upload.isQueued = false;
    upload.run().then(pump);
  }
}

/** Puts an upload into the queue, again if it has been there. */
export function enqueue(upload) {
  upload.isQueued = true;
  upload.state = 'waiting';
  page.emit('change', { upload, what: 'state' });
  pump();
}

/** Removes uploads that are over: those that are done, and the oldest of the others. */
function tidy() {
  const over = page.uploads.filter(({ isOver }) => isOver);
  const kept = over.filter(({ state }) => state !== 'done').slice(-KEPT);
  for (const upload of over) if (!kept.includes(upload)) page.remove(upload);
}

/** Uploads files, the choice of now or another one. Shows the first of them. */
export function add(sources, choice = page.choice) {
  if (page.running.length === 0) tidy();
  const uploads = [...sources].map((source) => new Upload(source, choice));
  for (const upload of uploads) page.add(upload);
  if (uploads.length > 0 && !(page.shown?.isRunning && page.isPicked)) page.show(uploads[0]);
  for (const upload of uploads) enqueue(upload);
  return uploads;
}

/** Begins an upload again, or goes on with one that was paused. */
export function retry(upload) {
  page.show(upload);
  enqueue(upload);
}

/** Cancels every upload that runs or waits, at most those in `uploads`. */
export const cancelAll = (uploads = page.uploads) => Promise.all(uploads.filter(({ isOver }) => !isOver).map((upload) => upload.cancel()));
