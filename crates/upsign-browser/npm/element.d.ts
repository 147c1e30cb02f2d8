import type { CallOptions, Progress, Source, UploadError, UploadOptions, Uploaded } from './upsign.js';

/**
 * The words that `<upsign-upload>` shows. A word with the code of an error follows that of `failed`; without one, an error of the service
 * is shown with its `detail`.
 */
export type Words = Partial<Record<
  | 'choose' | 'chooseSeveral' | 'hint' | 'hintSeveral' | 'list' | 'cancel' | 'retry' | 'remove' | 'preparing' | 'completing' | 'confirming'
  | 'done' | 'cancelled' | 'failed' | 'running' | 'required' | 'folder',
  string
>> & Record<string, string>;

/** Which file an event is about. */
export interface Chosen {
  /** What is uploaded: the handle of a file that was dropped, where the browser gives one. */
  source: Source;
  /** The file itself. Absent if it could not be read. */
  file?: File | Blob;
}

/**
 * `<upsign-upload endpoint="https://api.example.com" multiple>`: choosing, dropping and pasting files, with a list of their uploads.
 *
 * Attributes: `endpoint`, `route`, `accept`, `multiple`, `disabled`, `label` (of the button), `name`, under which a form is submitted
 * with the keys, and `required`. A form is not valid while an upload runs, and its reset empties the list. Without `multiple`, another
 * file replaces the one before it. Events: `upsign-uploaded`, `upsign-error`, `upsign-progress`. Parts: `drop`, `choose`, `hint`,
 * `list`, `item`, `name`, `progress`, `status`, `cancel`, `retry`, `remove`. Custom properties: `--upsign-accent`,
 * `--upsign-danger`, `--upsign-border`, `--upsign-radius`. It needs Chromium 123, Firefox 120 or Safari 17.5, or later.
 */
export class UpsignUpload extends HTMLElement {
  /** The options of `upload` that no attribute has. `signal` aborts all uploads. */
  options: Partial<UploadOptions>;
  token: CallOptions['token'];
  /** Replaces words; set it before the element is in the document. */
  words: Words;
  /** The results of the uploads in the list, from which a user can remove them. */
  readonly uploaded: Uploaded[];
  readonly disabled: boolean;
  readonly form: HTMLFormElement | null;
  readonly validity: ValidityState;
  checkValidity(): boolean;
  reportValidity(): boolean;
  /** Starts uploads of files, as if the user had chosen them. */
  add(files: Iterable<Source>): void;
}

declare global {
  interface HTMLElementTagNameMap {
    'upsign-upload': UpsignUpload;
  }
  interface HTMLElementEventMap {
    'upsign-uploaded': CustomEvent<Chosen & { result: Uploaded }>;
    /** An `UploadError`, or what `token` threw. */
    'upsign-error': CustomEvent<Chosen & { error: UploadError | Error }>;
    'upsign-progress': CustomEvent<Chosen & Progress>;
  }
}
