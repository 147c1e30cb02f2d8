// The parts of an upload as a grid that fills. Each state has a shape, so that color is not needed, and the numbers say the same.

import { el } from '/elements.js';
import { page } from '/page.js';
import { fill } from '/panel.js';
import { inFlight } from '/parts_in_flight.js';

/** The largest number of cells. With more parts, a cell stands for several: 10,000 elements would not be fluid. */
const MAX_CELLS = 240;

/** The states of a part, the most urgent first: a cell of several parts has the first one that occurs. */
const STATES = ['failed', 'sending', 'reading', 'waiting', 'done'];
const WORDS = { waiting: 'waiting', reading: 'hashing', sending: 'sending', done: 'stored', failed: 'failed' };
const LEGEND = ['waiting', 'reading', 'sending', 'done', 'failed'];

let shown; // { upload, count, cells, grid, counts, flight }
let isPlanned = false;

/** Builds the grid for an upload. */
function build(upload) {
  const count = upload.parts.length;
  const perCell = Math.ceil(count / MAX_CELLS);
  const cells = Array.from({ length: Math.ceil(count / perCell) }, () => el('span', { class: 'cell', 'data-state': 'waiting' }));
  const grid = el('div', { class: 'grid', role: 'progressbar', 'aria-label': 'Parts of the upload', 'aria-valuemin': '0', 'aria-valuemax': String(count), 'aria-valuenow': '0', 'data-testid': 'grid' }, cells);
  const counts = Object.fromEntries(LEGEND.map((state) => [state, el('span', {})]));
  const legend = el('p', { class: 'grid-legend', 'data-testid': 'grid-legend' }, LEGEND.map((state) => el('span', { class: 'grid-key' }, el('span', { class: 'cell', 'data-state': state, 'aria-hidden': 'true' }), counts[state])));
  const flight = inFlight();
  const note = perCell > 1 && el('p', { class: 'hint' }, `Each cell stands for ${perCell} parts.`);
  shown = { upload, count, perCell, cells, grid, counts, flight };
  fill('step-2', ...[el('h4', {}, 'Parts'), grid, legend, note, flight.element].filter(Boolean));
}

/** Returns the state of a part. A paused upload has no part on its way, and the requests that it has ended are no failures. */
function stateOf({ state }, upload) {
  const isOver = ['failed', 'refused'].includes(upload.state);
  return upload.isRunning || state === 'done' || (state === 'failed' && isOver) ? state : 'waiting';
}

/** Returns the state of several parts, and how much of them is sent, in percent. */
function summary(parts, upload) {
  let [sent, size, first] = [0, 0, STATES.length - 1];
  for (const part of parts) {
    const state = stateOf(part, upload);
    sent += state === 'done' ? part.size : state === 'waiting' ? 0 : part.loaded;
    size += part.size;
    first = Math.min(first, STATES.indexOf(state));
  }
  // Parts that wait beside stored ones: the cell is being filled.
  const state = STATES[first] === 'waiting' && sent > 0 ? 'sending' : STATES[first];
  return { state, percent: size ? Math.floor((sent / size) * 100) : 0 };
}

function draw() {
  isPlanned = false;
  const upload = page.shown;
  if (!upload?.parts.length) {
    if (shown) fill('step-2');
    shown = undefined;
    return;
  }
  const { parts } = upload;
  if (shown?.upload !== upload || shown.count !== parts.length) build(upload);
  const { perCell, cells, grid, counts, flight } = shown;
  cells.forEach((cell, at) => {
    const { state, percent } = summary(perCell === 1 ? [parts[at]] : parts.slice(at * perCell, (at + 1) * perCell), upload);
    if (cell.dataset.state !== state) cell.dataset.state = state;
    if (cell.dataset.percent !== String(percent)) {
      cell.dataset.percent = String(percent);
      cell.style.setProperty('--filled', `${percent}%`);
    }
  });
  const number = Object.fromEntries(LEGEND.map((state) => [state, 0]));
  for (const part of parts) number[stateOf(part, upload)] += 1;
  for (const state of LEGEND) counts[state].textContent = `${number[state]} ${WORDS[state]}`;
  grid.setAttribute('aria-valuenow', String(number.done));
  grid.setAttribute('aria-valuetext', `${number.done} of ${parts.length} parts are stored, ${number.sending} are being sent, ${number.failed} have failed`);
  flight.draw(upload);
}

/** Draws at most once for each frame of the screen. */
function plan() {
  if (isPlanned) return;
  isPlanned = true;
  requestAnimationFrame(draw);
}

page.on('show', plan);
page.on('change', ({ upload, what }) => {
  if (upload === page.shown && ['parts', 'grant', 'state', 'progress'].includes(what)) plan();
});
