// One upload: it signs in, has the browser client send the file, reads the object back and compares it. What it knows is public,
// and each change is an event.

import { paused, upload as send } from '/client.js';
import { authorization, reportOf, sameChoice } from '/calls.js';
import { compare } from '/compare.js';
import { recordSend, recordingFetch } from '/exchanges.js';
import { explain } from '/failure.js';
import { page } from '/page.js';
import { Rate } from '/rate.js';
import { account } from '/session.js';

/** The states in which an upload works. In the others it waits, or is over. */
const RUNNING = ['signing-in', 'asking', 'uploading', 'completing', 'confirming', 'reading'];
const OVER = ['done', 'refused', 'failed', 'cancelled'];

/** The checksums that the client computes. */
const KNOWN = ['crc64nvme', 'sha256', 'crc32c', 'crc32', 'sha1'];

/** The number of requests of which the answers are kept. A large upload has thousands of parts. */
const MAX_EXCHANGES = 200;

/** The shortest time between two events about progress, in milliseconds. */
const PROGRESS_EVERY = 100;

let last = 0;

/** How many bytes of the parts are stored. */
const storedBytes = (parts) => parts.filter(({ state }) => state === 'done').reduce((sum, { size }) => sum + size, 0);

export class Upload extends EventTarget {
  /** `waiting`, `signing-in`, `asking`, `uploading`, `completing`, `confirming`, `reading`, `paused`, `done`, `refused`, `failed` or `cancelled`. */
  state = 'waiting';
  /** What the API granted. */
  grant;
  /** The parts of a multipart upload, by number - 1: `{ number, count, size, loaded, state, attempts, xhr, sent }`. */
  parts = [];
  progress = { loaded: 0, total: 0 };
  /** What the client resolves to. */
  result;
  /** What was read back, and whether it is the file: `{ type, size, sha256, isSame, … }`. */
  stored;
  /** Why it failed: see `explain`. */
  failure;
  /** Every request with its answer, the oldest first. */
  exchanges = [];
  #controller = new AbortController();
  #rate = new Rate();
  #reported = 0;
  #began = [];

  /** `source` is a `File` or the handle of one. */
  constructor(source, choice) {
    super();
    this.id = (last += 1);
    this.source = source;
    this.file = source.getFile ? undefined : source;
    this.name = source.name;
    this.choice = choice;
    this.#reset();
  }

  get isRunning() { return RUNNING.includes(this.state); }

  get isOver() { return OVER.includes(this.state); }

  /** Only an upload in parts can go on where it stopped. */
  get canPause() { return this.grant?.method === 'MULTIPART' && ['asking', 'uploading'].includes(this.state); }

  #emit(what) {
    this.dispatchEvent(new CustomEvent('change', { detail: { what } }));
  }

  #set(state) {
    if (this.state === state) return;
    this.state = state;
    this.#emit('state');
  }

  #reset() {
    this.steps = [0, 1, 2, 3].map(() => ({ status: 'idle' }));
    [this.exchanges, this.parts, this.grant, this.result, this.stored, this.failure] = [[], []];
    this.progress = { loaded: 0, total: this.file?.size ?? 0 };
  }

  /** Sets the state of a step: idle, active, ok, refused or failed. */
  #step(number, status, data = {}) {
    const step = this.steps[number];
    if (status === 'active' && step.status !== 'active') this.#began[number] = performance.now();
    const took = ['ok', 'refused', 'failed'].includes(status) && this.#began[number] ? performance.now() - this.#began[number] : step.took;
    this.steps[number] = { ...step, ...data, status, took };
    this.#emit('step');
  }

  /** Uploads the file. Resolves when it is over, also if it fails. */
  async run() {
    this.#controller = new AbortController();
    this.#rate = new Rate();
    this.#reset();
    this.#renewChoice();
    this.#emit('step');
    this.#set('signing-in');
    try {
      this.file = this.source.getFile ? await this.source.getFile() : this.source;
      this.result = await send(this.source, this.#options());
      this.#emit('result');
      this.#step(2, 'ok');
      await this.#readBack();
      this.#set('done');
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The configuration may be another one than at the last attempt. A route that is gone stays, so that the API says so. */
  #renewChoice() {
    const { route } = this.choice;
    this.choice = { ...sameChoice(page.config, this.choice), route: page.config.routes.find(({ name }) => name === route.name) ?? route };
  }

  #fail(error) {
    this.failure = explain(error, this);
    const { outcome } = this.failure;
    // What was on its way when an upload is paused is not stored.
    if (outcome === 'paused') this.progress = { ...this.progress, loaded: storedBytes(this.parts) };
    const active = this.steps.findIndex(({ status }) => status === 'active');
    if (active >= 0) this.#step(active, { refused: 'refused', failed: 'failed' }[outcome] ?? 'idle', { failure: this.failure });
    this.#emit('failure');
    this.#set(outcome);
  }

  #options() {
    const { config } = page;
    const { route } = this.choice;
    const add = (exchange) => this.#record(exchange);
    return {
      endpoint: `${config.api}${config.uploadUrlPath}`,
      uploads: config.uploadsPath,
      route: route.member ?? undefined,
      tokenHeader: Object.keys(authorization(config, ''))[0],
      token: (why) => this.#token(why),
      checksum: route.requiredChecksums.find((name) => KNOWN.includes(name)),
      confirm: route.confirm,
      retries: 5,
      signal: this.#controller.signal,
      fetch: recordingFetch(add),
      onGrant: (grant) => this.#granted(grant),
      onProgress: (progress) => this.#progressed(progress),
      onPart: (part) => this.#part(part),
      onSend: (xhr, sent) => this.#sending(xhr, sent, add),
    };
  }

  async #token({ isRejected }) {
    const { signal } = this.#controller;
    if (this.steps[0].status === 'ok' && !isRejected) return (await account(this.choice, { signal })).token;
    this.#step(0, 'active');
    const found = await account(this.choice, { isRejected, signal });
    this.#step(0, 'ok', { account: found });
    if (!this.grant) {
      this.#set('asking');
      this.#step(1, 'active');
    }
    return found.token;
  }

  #granted(grant) {
    this.grant = grant;
    if (grant.method === 'MULTIPART') {
      const { partCount, partSize } = grant;
      this.parts = Array.from({ length: partCount }, (_, at) => ({ number: at + 1, count: partCount, size: Math.min(partSize, this.file.size - at * partSize), loaded: 0, state: 'waiting', attempts: 0 }));
    }
    const isResumed = !this.exchanges.some(({ kind }) => kind === 'grant');
    this.#step(1, 'ok', { exchange: this.exchanges.findLast(({ kind }) => kind === 'grant') ?? this.exchanges.findLast(({ kind }) => kind === 'status'), isResumed });
    this.#step(2, 'active');
    this.#set('uploading');
    this.#emit('grant');
  }

  #progressed({ loaded, total, state }) {
    const { speed, left } = this.#rate.add(loaded, total);
    this.progress = { loaded, total, speed, left };
    if (this.grant && state === 'completing') this.#set('completing');
    if (this.grant && state === 'confirming') this.#confirming();
    const now = performance.now();
    if (now - this.#reported < PROGRESS_EVERY && loaded < total) return;
    this.#reported = now;
    this.#emit('progress');
  }

  #confirming() {
    if (this.steps[2].status === 'active') this.#step(2, 'ok');
    if (!this.choice.route.confirm) return;
    if (this.steps[3].status === 'idle') this.#step(3, 'active');
    this.#set('confirming');
  }

  #part({ number, ...part }) {
    Object.assign(this.parts[number - 1] ??= { number, attempts: 0 }, part);
    this.#emit('parts');
  }

  #sending(xhr, sent, add) {
    // Parts that were stored before are no part of the speed.
    if (!this.exchanges.some(({ kind }) => /^(object|part)$/.test(kind))) this.#rate = new Rate();
    const exchange = recordSend(add, xhr, sent, this.grant.fields);
    exchange.signed.contentLength = exchange.number ? sent.body.size : this.file.size;
    const part = this.parts[exchange.number - 1];
    if (part) Object.assign(part, { xhr, sent, attempts: part.attempts + 1 });
    exchange.attempt = this.exchanges.filter(({ kind, number }) => kind === exchange.kind && number === exchange.number).length;
    this.#emit('exchange');
  }

  #record(exchange) {
    if (!this.exchanges.includes(exchange)) this.exchanges.push(exchange);
    if (this.exchanges.length > MAX_EXCHANGES) this.exchanges.splice(1, 1);
    if (exchange.kind === 'confirm') this.#confirming();
    this.#emit('exchange');
  }

  /** Returns the last request to the API or to the store. */
  lastOf(service) {
    return this.exchanges.findLast(({ kind }) => /^(object|part)$/.test(kind) === (service === 'store'));
  }

  /** Returns what `diagnose` needs to know of the last request to the API or to the store. */
  reportOf(service) {
    const exchange = this.lastOf(service);
    if (!exchange) return undefined;
    const { method, url, sent, signed, sentHeaders, status, headers, answerText } = exchange;
    return reportOf(sent ?? { method, url, headers: sentHeaders }, { status, headers, body: answerText }, signed);
  }

  /** Reads the object back, and compares it with the file. */
  async #readBack() {
    const { signal } = this.#controller;
    this.#step(3, 'active');
    this.#set('reading');
    const { token } = await account(this.choice, { signal });
    this.stored = await compare({ config: page.config, choice: this.choice, token, key: this.result.key, file: this.file, grant: this.grant, signal });
    const confirmed = this.exchanges.findLast(({ kind }) => kind === 'confirm');
    if (this.choice.route.confirm && confirmed) this.stored.confirmed = { state: confirmed.responseBody?.state, exchange: confirmed };
    if (!this.stored.isSame) {
      this.#step(3, 'failed', { stored: this.stored });
      throw Object.assign(new Error('different'), { words: 'The stored object differs from your file.', advice: 'Step 3 shows what differs. This should never happen: please report it.' });
    }
    this.#step(3, 'ok', { stored: this.stored });
  }

  /** Stops, and keeps the parts that are stored. */
  pause() {
    if (this.canPause) this.#controller.abort(paused());
  }

  /** Stops, and discards what is stored. A paused upload is discarded at the store as well. */
  async cancel() {
    if (this.isRunning) this.#controller.abort();
    else if (!this.isOver) {
      // Discarded first: the lists that are drawn when it is cancelled no longer have it.
      const { state } = this;
      if (state === 'paused') await this.#discard();
      if (this.state === state) this.#set('cancelled');
    }
  }

  async #discard() {
    const { interrupted } = await import('/client.js');
    const record = (await interrupted()).find(({ key }) => key === this.grant?.key);
    const { uploads, token, tokenHeader } = this.#options();
    await record?.discard({ uploads, token, tokenHeader }).catch(() => {});
  }
}
