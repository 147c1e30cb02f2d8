// How fast an upload is, and how long it will take.

/** The time that is looked back, in milliseconds: long enough to be calm, and short enough to follow the network. */
const WINDOW = 5000;
/** No speed is shown before this time has passed, in milliseconds. */
const SETTLED = 700;

export class Rate {
  #samples = [];

  constructor(now = () => performance.now()) {
    this.now = now;
  }

  /**
   * Adds how many bytes are sent, and returns `{ speed, left }` in bytes per second and seconds. Both are undefined as long as they
   * are not known. What was stored before the first sample, such as the parts of an upload that is resumed, does not count.
   */
  add(loaded, total) {
    const at = this.now();
    this.#samples.push({ at, loaded });
    while (this.#samples.length > 2 && this.#samples[1].at < at - WINDOW) this.#samples.shift();
    const [first] = this.#samples;
    const moved = loaded - first.loaded;
    if (at - first.at < SETTLED || moved <= 0 || loaded >= total) return {};
    const speed = (moved * 1000) / (at - first.at);
    return { speed, left: (total - loaded) / speed };
  }
}
