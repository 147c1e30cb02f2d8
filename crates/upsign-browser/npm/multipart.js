// Multipart uploads: beginning them, sending their parts, and completing them.

import { call } from './api.js';
import { checksum, combined, isKnown } from './checksum.js';
import { UploadError, tell } from './errors.js';
import { load } from './load.js';
import { retrying, sleep } from './retry.js';
import { send, unquoted } from './send.js';
import { alone, forget, idOf, keep, store } from './state.js';
import { confirmed, resultOf } from './upsign.js';

export { KNOWN, checksum, isKnown } from './checksum.js';
export { alone, forget, idOf, lockOf, partsOf, recordOf, records, store } from './state.js';

/** How often parts that the store does not have as they were sent are sent again. */
const MAX_ROUNDS = 3;
/** How long the first part that needs a URL waits for others, in milliseconds. */
const WAIT = 5;

/** Sends the parts of a new upload. */
export function start(context, grant) {
  const { file, options, isKept } = context;
  if (!isKept) return transfer(context, grant, undefined, []);
  // Another call that uploads the same file at this moment has the record. This one is then not kept.
  return alone(idOf(file, options), async (lock) => transfer(context, grant, lock === null ? undefined : await keep(context, grant), []));
}

/** Sends the parts that are not in `stored`, and completes the upload. */
export async function transfer(context, grant, id, stored) {
  let result;
  try {
    result = await complete(context, grant, new Parts(context, grant, id, stored));
  } catch (error) {
    // Whatever fails here, the first error is the reason.
    await load({ retries: 0 }, './ended.js', () => import('./ended.js')).then(({ ended }) => ended(context, grant, id, error, isCancelled(context))).catch(() => {});
    throw error;
  }
  context.report(0, 'confirming');
  return finish(context, id, () => confirmed(context, grant, result));
}

/** Has an object confirmed. The record stays if the same call can confirm it later, without its bytes. */
export async function finish(context, id, confirm) {
  let isOver = true;
  try {
    return await confirm();
  } catch (error) {
    isOver = isCancelled(context) || /^confirm-(?!pending)/.test(error?.code);
    throw error;
  } finally {
    if (id && isOver) await forget(id);
  }
}

/** Whether the upload was aborted, and not paused. */
const isCancelled = ({ signal }) => signal?.aborted && signal.reason?.name !== 'PauseError';

/** Sends the parts, and completes the upload. */
async function complete(context, grant, parts) {
  const { uploadToken, checksumType, checksumAlgorithm: algorithm } = grant;
  for (let round = 0; ; round += 1) {
    await parts.send();
    context.report(0, 'completing');
    const list = parts.list();
    const whole = checksumType === 'FULL_OBJECT' ? await combined(list.map(({ number, checksum: own }) => [own, parts.size(number)]), algorithm) : undefined;
    // The file was written to during the upload: its parts may be of both contents.
    const isOther = whole && (context.checksum?.[algorithm] ?? whole) !== whole;
    if (isOther || !await parts.isUnchanged()) throw new UploadError('changed', 'the file has changed');
    try {
      const { state, ...stored } = await call(context, '/complete', {
        uploadToken,
        parts: list.map(({ number, etag, checksum: own }) => ({ partNumber: number, etag, checksum: own })),
        checksum: whole && { [algorithm]: whole },
      });
      if (stored.size !== context.file.size) throw new UploadError('corrupted', 'the store has another size');
      return resultOf(grant, stored);
    } catch (error) {
      if (!/^part(s-missing|-mismatch)$/.test(error?.code) || round >= MAX_ROUNDS) throw error;
      await (await load(context, './resume.js', () => import('./resume.js'))).reconsider(context, grant, parts);
    }
  }
}

export class Parts {
  #context;
  #grant;
  #id;
  /** What the store has, by number: `{number, etag, checksum}`. */
  #done = [];
  /** How many bytes of each part are sent, by number, and of all. */
  #sent = [];
  #sum = 0;
  /** What is prepared while other parts are sent, by number: promises of what `#prepare` resolves to, or of undefined if that failed. */
  #ahead = [];
  /** The parts whose URLs are requested next. */
  #batch;
  #algorithm;

  constructor(context, grant, id, stored) {
    this.#context = context;
    this.#grant = grant;
    this.#id = id;
    // Parts are sent without a checksum if this client cannot compute it: a store that demands one refuses them.
    this.#algorithm = isKnown(grant.checksumAlgorithm) && grant.checksumAlgorithm;
    stored.forEach((part) => this.#keep(part));
  }

  /** Returns the length of a part in bytes. */
  size(number) {
    const { partSize } = this.#grant;
    return Math.min(partSize, this.#context.file.size - (number - 1) * partSize);
  }

  /** Returns the parts that the store has, in ascending order. */
  list() {
    return this.#done.filter(Boolean);
  }

  /** Whether the first and the last part are as they were when they were sent: a file can be written to during its upload. */
  async isUnchanged() {
    for (const { number, checksum: own } of [this.#done[1], this.#done.at(-1)]) {
      if (own && await checksum(this.#bytes(number), this.#grant.checksumAlgorithm, this.#context.signal) !== own) return false;
    }
    return true;
  }

  #bytes(number) {
    const from = (number - 1) * this.#grant.partSize;
    return this.#context.file.slice(from, from + this.size(number));
  }

  /** Forgets the parts that the store does not have as they were sent. */
  retain(isStored) {
    this.#done = this.#done.map((part) => (part && isStored(part) ? part : undefined));
  }

  /** Sends all parts that the store does not have, as many at a time as the grant allows. The first failure stops all. */
  async send() {
    const { options, signal } = this.#context;
    const { partsAtOnce = 4, partCount } = this.#grant;
    const stop = new AbortController();
    const context = { ...this.#context, signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal };
    const atOnce = Math.max(1, Math.min(options.partsAtOnce ?? partsAtOnce, partsAtOnce));
    let next = 0;
    const lane = async () => {
      while (next < partCount) {
        next += 1;
        if (!this.#done[next]) await this.#part(context, next, next + atOnce);
      }
    };
    const lanes = Array.from({ length: atOnce }, lane);
    try {
      await Promise.all(lanes);
    } catch (error) {
      stop.abort(error);
      // A part that arrives after the upload was aborted would stay at some stores.
      await Promise.allSettled(lanes);
      throw error;
    }
  }

  /** Sends a part. While it is sent, the next one of its lane is read, and its URL requested. */
  async #part(context, number, following) {
    const [bytes, size] = [this.#bytes(number), this.size(number)];
    this.#progress(number, 0, 'reading');
    let ready = this.#ahead[number];
    delete this.#ahead[number];
    const { etag } = await retrying(context, async () => {
      ready = await ready;
      if (!(ready?.until > Date.now())) ready = await this.#prepare(context, number);
      if (following <= this.#grant.partCount && !this.#done[following]) this.#ahead[following] ??= this.#prepare(context, following).catch(() => {});
      try {
        return await send(context, 'PUT', ready.uploadUrl, ready.headers, bytes, `part ${number}`, (share) => this.#progress(number, share * size, 'sending'));
      } catch (error) {
        this.#progress(number, 0, 'failed');
        // A file that was written to since it was read has another checksum.
        if (error?.isExpired || error?.code === 'BadDigest') [ready, error.isRetryable] = [undefined, true];
        throw error;
      }
    });
    if (!etag) throw new UploadError('no-etag', 'the CORS rules of the store do not expose ETag');
    const part = { number, etag: unquoted(etag), checksum: ready.own };
    if (this.#id) await store('parts', 'put', { id: this.#id, ...part });
    this.#keep(part);
  }

  /** Reads a part, and resolves to its checksum and its URL: `{own, uploadUrl, headers, until}`. */
  async #prepare(context, number) {
    const own = this.#algorithm ? await checksum(this.#bytes(number), this.#algorithm, context.signal) : undefined;
    return { own, ...await this.#url(context, number, own) };
  }

  #keep(part) {
    this.#done[part.number] = part;
    this.#progress(part.number, this.size(part.number), 'done');
  }

  #progress(number, loaded, state) {
    this.#sum += loaded - (this.#sent[number] ?? 0);
    this.#sent[number] = loaded;
    const { options, report } = this.#context;
    report(this.#sum);
    tell(options.onPart, { number, count: this.#grant.partCount, size: this.size(number), loaded, state });
  }

  /** Requests the URL of a part, together with those of parts that are ready at the same time. */
  async #url(context, number, own) {
    const batch = (this.#batch ??= { list: [], answer: sleep(WAIT).then(() => {
      this.#batch = undefined;
      return this.#urls(context, batch.list.sort((a, b) => a.number - b.number));
    }) });
    batch.list.push({ number, own });
    const { parts, expiresIn } = await batch.answer;
    const url = parts.find(({ partNumber }) => partNumber === number);
    // An answer can have fewer parts than were requested.
    if (!url) throw new UploadError('answer', `no URL for part ${number}`, { isRetryable: true });
    // Not used in the last ten seconds, but for at least half of the time.
    return { ...url, until: Date.now() + 1000 * Math.max(expiresIn - 10, expiresIn / 2) };
  }

  async #urls(context, batch) {
    const ask = () => call(context, '/parts', {
      uploadToken: this.#grant.uploadToken,
      partNumbers: batch.map(({ number }) => number),
      checksums: this.#algorithm ? batch.map(({ own }) => own) : undefined,
    });
    try {
      return await ask();
    } catch (error) {
      // A store that compares the checksum of the object, but not those of parts.
      if (error.code !== 'checksum-not-allowed') throw error;
      this.#algorithm = undefined;
      return ask();
    }
  }
}
