// What the page knows: the configuration, the choice and the uploads. The parts of the page listen to its events.

/**
 * Events: `config` and `choice` after these have changed, `add` and `remove` with an upload, `show` with the upload that the page
 * describes from now on, and `change` with `{ upload, what }` of every upload.
 */
class Page extends EventTarget {
  /** The answer of `/dev/config.json`. */
  config;
  /** Who uploads, and where: `{ user, issuer, route }`, members of the configuration. */
  choice;
  /** Every `Upload` in the list, the oldest first. */
  uploads = [];
  /** The upload that the page describes. */
  shown;
  /** Whether the user has picked the upload that is shown. */
  isPicked = false;

  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** Calls `listener(detail)` with each event of these types, separated by spaces. */
  on(types, listener) {
    for (const type of types.split(' ')) this.addEventListener(type, ({ detail }) => listener(detail));
  }

  setConfig(config) {
    this.config = config;
    this.emit('config', config);
  }

  setChoice(choice) {
    this.choice = choice;
    this.emit('choice', choice);
  }

  add(upload) {
    this.uploads.push(upload);
    upload.addEventListener('change', ({ detail: { what } }) => this.emit('change', { upload, what }));
    this.emit('add', upload);
  }

  remove(upload) {
    this.uploads = this.uploads.filter((other) => other !== upload);
    this.emit('remove', upload);
    if (this.shown === upload) this.show(this.uploads.at(-1));
  }

  show(upload, isPicked = false) {
    this.shown = upload;
    this.isPicked = isPicked;
    this.emit('show', upload);
  }

  get running() {
    return this.uploads.filter(({ isRunning }) => isRunning);
  }
}

export const page = new Page();
