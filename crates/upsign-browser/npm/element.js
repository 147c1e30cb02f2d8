// The web component `<upsign-upload>`: choosing, dropping and pasting files, with a list of their uploads.
//
// Attributes: endpoint, route, accept, multiple, disabled, label. Properties: token, options, and `uploaded`, the results.
// Events: upsign-uploaded, upsign-error and upsign-progress, whose `detail` has the file. Parts: drop, choose, hint, list, item, name,
// progress, status, cancel, retry. Slots: the default one is in the drop area. Custom properties: see STYLE.

import { upload } from './upsign.js';

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
li { display: grid; grid-template-columns: 1fr auto auto; gap: .25rem .5rem; align-items: center; padding: .5rem 0; }
.name { overflow-wrap: anywhere; }
progress { grid-column: 1 / -1; inline-size: 100%; accent-color: var(--upsign-accent); }
.failed .status { color: var(--upsign-danger); }
button { font: inherit; }
`;

/** The words on the page, which the property `words` replaces. */
const WORDS = {
  choose: 'Choose a file', chooseSeveral: 'Choose files', hint: 'or drop it here', hintSeveral: 'or drop them here', list: 'Uploads',
  cancel: 'Cancel', retry: 'Try again', preparing: 'Preparing', completing: 'Completing', confirming: 'Checking', done: 'Uploaded',
  cancelled: 'Cancelled', failed: 'Failed',
};

/** Creates an element with properties, attributes and children. */
function create(name, { part, text, ...members } = {}, ...children) {
  const element = Object.assign(document.createElement(name), members);
  if (part) element.setAttribute('part', part);
  if (text) element.textContent = text;
  element.append(...children);
  return element;
}

export class UpsignUpload extends HTMLElement {
  static formAssociated = true;
  static observedAttributes = ['accept', 'multiple', 'disabled', 'label'];

  /** The options of `upload` that no attribute has. A page may have set these properties before this module was loaded. */
  options = this.options ?? {};
  token = this.token;
  words = this.words ?? {};
  uploaded = [];
  #internals = this.attachInternals();
  #input = create('input', { type: 'file', id: 'file' });
  #choose = create('label', { className: 'choose', part: 'choose', htmlFor: 'file' });
  #hint = create('span', { part: 'hint' });
  #drop = create('div', { className: 'drop', part: 'drop' }, this.#input, this.#choose, ' ', this.#hint, create('slot'));
  #list = create('ul', { part: 'list' });
  #live = create('div', { className: 'live', role: 'status' });

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
    this.addEventListener('paste', ({ clipboardData }) => this.add(clipboardData.files));
  }

  connectedCallback() {
    this.attributeChangedCallback();
  }

  /** Removing the element cancels its uploads. */
  disconnectedCallback() {
    this.#list.querySelectorAll('li').forEach((item) => item.cancel());
  }

  attributeChangedCallback() {
    const isSeveral = this.hasAttribute('multiple');
    Object.assign(this.#input, { accept: this.getAttribute('accept') ?? '', multiple: isSeveral, disabled: this.disabled });
    this.#choose.textContent = this.getAttribute('label') ?? this.#word(isSeveral ? 'chooseSeveral' : 'choose');
    this.#hint.textContent = this.#word(isSeveral ? 'hintSeveral' : 'hint');
    this.#list.setAttribute('aria-label', this.#word('list'));
  }

  formDisabledCallback() {
    this.attributeChangedCallback();
  }

  get disabled() {
    return this.hasAttribute('disabled') || this.matches(':disabled');
  }

  /** Starts uploads of files. Without `multiple`, only the first one is taken. */
  add(files) {
    if (this.disabled) return;
    const all = [...files];
    for (const source of this.hasAttribute('multiple') ? all : all.slice(0, 1)) this.#start(source);
  }

  async #dropped(event) {
    event.preventDefault();
    this.#drop.classList.remove('over');
    const items = [...event.dataTransfer.items].filter(({ kind }) => kind === 'file');
    // With its handle, a file can be read again after a reload. Both are read at once: the items are gone after the event.
    const sources = items.map((item) => [item.getAsFileSystemHandle?.(), item.getAsFile()]);
    const handles = await Promise.all(sources.map(async ([handle, file]) => ((await handle?.catch(() => undefined))?.kind === 'file' ? handle : file)));
    this.add(handles.filter(Boolean));
  }

  #word(name) {
    return this.words[name] ?? WORDS[name];
  }

  #start(source) {
    const { name = 'file' } = source;
    const bar = create('progress', { part: 'progress', max: 1, value: 0, ariaLabel: name });
    const status = create('span', { className: 'status', part: 'status' });
    const button = create('button', { type: 'button' });
    const item = create('li', { part: 'item', tabIndex: -1 }, create('span', { className: 'name', part: 'name', text: name }), status, button, bar);
    this.#list.append(item);
    const show = (state, text) => {
      const isOver = ['done', 'failed', 'cancelled'].includes(state);
      item.className = state;
      bar.hidden = isOver;
      // A button that disappears would leave the focus on the page's body.
      if (state === 'done' && button.matches(':focus')) item.focus();
      button.hidden = state === 'done';
      button.textContent = this.#word(isOver ? 'retry' : 'cancel');
      button.ariaLabel = `${button.textContent}: ${name}`;
      button.setAttribute('part', isOver ? 'retry' : 'cancel');
      status.textContent = text ?? this.#word(state);
      if (isOver) this.#live.textContent = `${name}: ${status.textContent}`;
    };
    const run = () => this.#run(source, item, (state, share, text) => {
      bar.value = share;
      show(state, text);
    });
    button.onclick = () => (item.className === 'failed' || item.className === 'cancelled' ? run() : item.cancel());
    run();
  }

  async #run(source, item, show) {
    const controller = new AbortController();
    item.cancel = () => controller.abort();
    show('preparing', 0);
    const options = {
      ...this.options,
      endpoint: this.getAttribute('endpoint') ?? this.options.endpoint,
      route: this.getAttribute('route') ?? this.options.route,
      token: this.token ?? this.options.token,
      signal: controller.signal,
      onProgress: (progress) => {
        const { state, loaded, total } = progress;
        if (state !== 'done') show(state, loaded / (total || 1), state === 'sending' ? `${Math.floor((100 * loaded) / (total || 1))} %` : undefined);
        this.#emit('upsign-progress', { source, ...progress });
      },
    };
    try {
      const result = await upload(source, options);
      this.uploaded.push(result);
      this.#submitKeys();
      show('done', 1);
      this.#emit('upsign-uploaded', { source, result });
    } catch (error) {
      show(controller.signal.aborted ? 'cancelled' : 'failed', 0, controller.signal.aborted ? undefined : `${this.#word('failed')}: ${error.problem?.detail ?? error.message}`);
      if (!controller.signal.aborted) this.#emit('upsign-error', { source, error });
    }
  }

  /** A form is submitted with the keys, under the name of this element. */
  #submitKeys() {
    const name = this.getAttribute('name');
    if (!name) return;
    const data = new FormData();
    for (const { key } of this.uploaded) data.append(name, key);
    this.#internals.setFormValue(data);
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}

// The module can be loaded from two addresses.
if (!customElements.get('upsign-upload')) customElements.define('upsign-upload', UpsignUpload);
