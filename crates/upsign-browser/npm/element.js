// The web component `<upsign-upload>`: choosing, dropping and pasting files, with a list of their uploads.
//
// Attributes: endpoint, route, accept, multiple, required, disabled, label, name. Properties: token, options, words, and `uploaded`, the
// results. Events: upsign-uploaded, upsign-error and upsign-progress, whose `detail` has the file. Parts: drop, choose, hint, list, item,
// name, progress, status, cancel, retry, remove. Slots: the default one is in the drop area. Custom properties: see STYLE.

import { UploadError, upload } from './upsign.js';

// `light-dark` follows the `color-scheme` of the page, not only the system's.
const STYLE = `
:host { display: block; font: inherit; color: inherit; --upsign-radius: .5rem;
  --upsign-accent: light-dark(#0b5cad, #8ab4f8); --upsign-danger: light-dark(#b3261e, #f2b8b5); --upsign-border: light-dark(#6b7280, #9aa0a6); }
:host([hidden]) { display: none; }
.drop { border: 2px dashed var(--upsign-border); border-radius: var(--upsign-radius); padding: 1rem; text-align: center; }
.drop.over { border-style: solid; border-color: var(--upsign-accent); }
.choose { display: inline-block; padding: .5rem 1rem; border: 1px solid var(--upsign-accent); border-radius: var(--upsign-radius); cursor: pointer; }
input { position: absolute; opacity: 0; inline-size: 1px; block-size: 1px; }
input:focus-visible + .choose, button:focus-visible { outline: 3px solid var(--upsign-accent); outline-offset: 2px; }
input:disabled + .choose { opacity: .6; cursor: not-allowed; }
ul { list-style: none; margin: .5rem 0 0; padding: 0; }
li { display: grid; grid-template-columns: 1fr auto auto auto; gap: .25rem .5rem; align-items: center; padding: .5rem 0; }
.name { overflow-wrap: anywhere; }
progress { grid-column: 1 / -1; inline-size: 100%; accent-color: var(--upsign-accent); }
.failed .status { color: var(--upsign-danger); }
button { font: inherit; }
`;

/** The words on the page, which the property `words` replaces. Those with the code of an error follow `failed`. */
const WORDS = {
  choose: 'Choose a file', chooseSeveral: 'Choose files', hint: 'or drop it here', hintSeveral: 'or drop them here', list: 'Uploads',
  cancel: 'Cancel', retry: 'Try again', remove: 'Remove', preparing: 'Preparing', completing: 'Completing', confirming: 'Checking',
  done: 'Uploaded', cancelled: 'Cancelled', failed: 'Failed', running: 'Wait until the uploads have ended.', required: 'Choose a file.',
  network: 'no connection', unreadable: 'the file cannot be read', changed: 'the file has changed', folder: 'folders cannot be uploaded',
  'confirm-rejected': 'the content is not accepted', 'too-large': 'the file is too large', 'too-small': 'the file is too small',
  'content-type-not-allowed': 'this type of file is not accepted', 'quota-exceeded': 'the quota is used up',
};

/** How long an announcement stays in the page, in milliseconds: screen readers read what is added. */
const ANNOUNCED = 10_000;

/** Creates an element with properties, attributes and children. */
function create(name, { part, role, text, ...members } = {}, ...children) {
  const element = Object.assign(document.createElement(name), members);
  if (part) element.setAttribute('part', part);
  if (role) element.setAttribute('role', role);
  if (text) element.textContent = text;
  element.append(...children);
  return element;
}

const isOver = (state) => ['done', 'failed', 'cancelled'].includes(state);

export class UpsignUpload extends HTMLElement {
  static formAssociated = true;
  static observedAttributes = ['accept', 'multiple', 'required', 'disabled', 'label'];

  /** The options of `upload` that no attribute has. A page may have set these properties before this module was loaded. */
  options = this.options ?? {};
  token = this.token;
  words = this.words ?? {};
  #internals = this.attachInternals();
  #input = create('input', { type: 'file', id: 'file' });
  #choose = create('label', { className: 'choose', part: 'choose', htmlFor: 'file' });
  #hint = create('span', { part: 'hint' });
  #drop = create('div', { className: 'drop', part: 'drop' }, this.#input, this.#choose, ' ', this.#hint, create('slot'));
  // Without the role, Safari takes a list without markers for none.
  #list = create('ul', { part: 'list', role: 'list' });
  #live = create('div', { className: 'live', role: 'log' });

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true });
    // A stylesheet that is constructed is no inline style, which a content security policy could forbid.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`${STYLE} .live { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }`);
    root.adoptedStyleSheets = [sheet];
    root.append(this.#drop, this.#list, this.#live);
    this.#input.onchange = () => {
      this.add(this.#input.files);
      this.#input.value = '';
    };
    this.#drop.ondragover = (event) => {
      event.preventDefault();
      this.#drop.classList.toggle('over', !this.disabled);
    };
    this.#drop.ondragleave = () => this.#drop.classList.remove('over');
    this.#drop.ondrop = (event) => this.#dropped(event);
    this.addEventListener('paste', ({ clipboardData }) => this.add(clipboardData?.files ?? []));
  }

  connectedCallback() {
    this.attributeChangedCallback();
  }

  /** Removing the element cancels its uploads. Moving it does not. */
  disconnectedCallback() {
    queueMicrotask(() => { if (!this.isConnected) this.#items.forEach((item) => item.cancel()); });
  }

  attributeChangedCallback() {
    const isSeveral = this.hasAttribute('multiple');
    Object.assign(this.#input, { accept: this.getAttribute('accept') ?? '', multiple: isSeveral, disabled: this.disabled });
    this.#choose.textContent = this.getAttribute('label') ?? this.#word(isSeveral ? 'chooseSeveral' : 'choose');
    this.#hint.textContent = this.#word(isSeveral ? 'hintSeveral' : 'hint');
    this.#list.setAttribute('aria-label', this.#word('list'));
    this.#updateForm();
  }

  formDisabledCallback() {
    this.attributeChangedCallback();
  }

  formResetCallback() {
    this.#items.forEach((item) => this.#remove(item));
  }

  get disabled() {
    return this.hasAttribute('disabled') || this.matches(':disabled');
  }

  get form() {
    return this.#internals.form;
  }

  get validity() {
    return this.#internals.validity;
  }

  /** The results of the uploads in the list. */
  get uploaded() {
    return this.#items.map(({ result }) => result).filter(Boolean);
  }

  checkValidity() {
    return this.#internals.checkValidity();
  }

  reportValidity() {
    return this.#internals.reportValidity();
  }

  /** Starts uploads of files. Without `multiple`, only the first one is taken, and replaces the one before it. */
  add(files) {
    this.#addAll([...files].map((source) => ({ source, file: source.getFile ? undefined : source })));
  }

  #addAll(all) {
    if (this.disabled || all.length === 0) return;
    const isSeveral = this.hasAttribute('multiple');
    if (!isSeveral) this.#items.forEach((item) => this.#remove(item));
    for (const one of isSeveral ? all : all.slice(0, 1)) this.#start(one);
  }

  async #dropped(event) {
    event.preventDefault();
    this.#drop.classList.remove('over');
    const items = [...event.dataTransfer.items].filter(({ kind }) => kind === 'file');
    // With its handle, a file can be read again after a reload. All are read at once: the items are gone after the event.
    const dropped = items.map((item) => [item.webkitGetAsEntry?.()?.isDirectory, item.getAsFileSystemHandle?.(), item.getAsFile()]);
    this.#addAll(await Promise.all(dropped.map(async ([isFolder, handle, file]) => {
      const known = await handle?.catch(() => undefined);
      return { source: known?.kind === 'file' ? known : file, file, isFolder: isFolder || known?.kind === 'directory' };
    })));
  }

  get #items() {
    return [...this.#list.children];
  }

  #word(name) {
    return this.words[name] ?? WORDS[name];
  }

  #start({ source, file, isFolder }) {
    const { name = 'file' } = source ?? file ?? {};
    const bar = create('progress', { part: 'progress', max: 1, value: 0, ariaLabel: name });
    const status = create('span', { className: 'status', part: 'status' });
    const [button, remove] = [create('button', { type: 'button' }), create('button', { type: 'button', part: 'remove' })];
    const item = create('li', { part: 'item', tabIndex: -1 }, create('span', { className: 'name', part: 'name', text: name }), status, button, remove, bar);
    Object.assign(item, { source, file, cancel: () => {} });
    item.show = (state, share = 0, text = this.#word(state)) => {
      // A button that disappears would leave the focus on the page's body.
      if (state === 'done' && button.matches(':focus')) item.focus();
      item.className = state;
      Object.assign(bar, { value: share, hidden: isOver(state) });
      button.hidden = state === 'done' || isFolder;
      remove.hidden = !isOver(state);
      const word = isOver(state) ? 'retry' : 'cancel';
      button.setAttribute('part', word);
      Object.assign(button, { textContent: this.#word(word), ariaLabel: `${this.#word(word)}: ${name}` });
      Object.assign(remove, { textContent: this.#word('remove'), ariaLabel: `${this.#word('remove')}: ${name}` });
      status.textContent = text;
      if (isOver(state) && item.isConnected) this.#announce(`${name}: ${text}`);
      this.#updateForm();
    };
    button.onclick = () => (isOver(item.className) ? this.#run(item) : item.cancel());
    remove.onclick = () => {
      (item.nextElementSibling ?? item.previousElementSibling ?? this.#input).focus();
      this.#remove(item);
    };
    this.#list.append(item);
    if (isFolder) this.#fail(item, new UploadError('folder', 'folders cannot be uploaded'));
    else this.#run(item);
  }

  async #run(item) {
    const { source } = item;
    const controller = new AbortController();
    const { signal: outer, onProgress } = this.options;
    const signal = outer ? AbortSignal.any([outer, controller.signal]) : controller.signal;
    item.cancel = () => controller.abort();
    item.show('preparing');
    const options = {
      ...this.options,
      signal,
      endpoint: this.getAttribute('endpoint') ?? this.options.endpoint,
      route: this.getAttribute('route') ?? this.options.route,
      token: this.token ?? this.options.token,
      onProgress: (progress) => {
        const { state, loaded, total } = progress;
        const share = loaded / (total || 1);
        if (state !== 'done') item.show(state, share, state === 'sending' ? `${Math.floor(100 * share)} %` : undefined);
        this.#emit('upsign-progress', item, progress);
        onProgress?.(progress);
      },
    };
    try {
      item.file ??= await source.getFile?.();
      item.result = await upload(source, options);
      item.show('done', 1);
      this.#emit('upsign-uploaded', item, { result: item.result });
    } catch (error) {
      if (signal.aborted) item.show('cancelled');
      else this.#fail(item, error);
    }
  }

  /** Shows an error by the words for its code, or by what the service says for people. Other messages are for those who develop the page. */
  #fail(item, error) {
    const why = this.#word(error?.code) ?? error?.problem?.detail;
    item.show('failed', 0, why ? `${this.#word('failed')}: ${why}` : undefined);
    this.#emit('upsign-error', item, { error });
  }

  #remove(item) {
    item.cancel();
    item.remove();
    this.#updateForm();
  }

  #announce(text) {
    const line = create('div', { text });
    this.#live.append(line);
    setTimeout(() => line.remove(), ANNOUNCED);
  }

  /** A form is submitted with the keys, under the name of this element, and not while an upload runs. */
  #updateForm() {
    const [name, keys] = [this.getAttribute('name'), this.uploaded.map(({ key }) => key)];
    const data = new FormData();
    if (name) keys.forEach((key) => data.append(name, key));
    this.#internals.setFormValue(data);
    const isRunning = this.#items.some((item) => !isOver(item.className));
    const isMissing = this.hasAttribute('required') && keys.length === 0;
    if (isRunning) this.#internals.setValidity({ customError: true }, this.#word('running'), this.#input);
    else if (isMissing) this.#internals.setValidity({ valueMissing: true }, this.#word('required'), this.#input);
    else this.#internals.setValidity({});
  }

  #emit(type, { source, file }, members) {
    this.dispatchEvent(new CustomEvent(type, { detail: { source, file, ...members }, bubbles: true, composed: true }));
  }
}

// The module can be loaded from two addresses.
if (!customElements.get('upsign-upload')) customElements.define('upsign-upload', UpsignUpload);
