import type { CallOptions, Progress, Source, UploadOptions, Uploaded, UploadError } from './upsign.js';

/** The words that `<upsign-upload>` shows. */
export type Words = Record<
  'choose' | 'chooseSeveral' | 'hint' | 'hintSeveral' | 'list' | 'cancel' | 'retry' | 'preparing' | 'completing' | 'confirming' | 'done' | 'cancelled' | 'failed',
  string
>;

/**
 * `<upsign-upload endpoint="https://api.example.com" multiple>`: choosing, dropping and pasting files, with a list of their uploads.
 *
 * Attributes: `endpoint`, `route`, `accept`, `multiple`, `disabled`, `label` (of the button), and `name`, under which a form is
 * submitted with the keys. Events: `upsign-uploaded`, `upsign-error`, `upsign-progress`. Parts: `drop`, `choose`, `hint`, `list`,
 * `item`, `name`, `progress`, `status`, `cancel`, `retry`. Custom properties: `--upsign-accent`, `--upsign-danger`,
 * `--upsign-border`, `--upsign-radius`.
 */
export class UpsignUpload extends HTMLElement {
  /** The options of `upload` that no attribute has. */
  options: Partial<UploadOptions>;
  token: CallOptions['token'];
  /** Replaces words; set it before the element is in the document. */
  words: Partial<Words>;
  /** The results of all uploads. */
  readonly uploaded: Uploaded[];
  readonly disabled: boolean;
  /** Starts uploads of files, as if the user had chosen them. */
  add(files: Iterable<Source>): void;
}

declare global {
  interface HTMLElementTagNameMap {
    'upsign-upload': UpsignUpload;
  }
  interface HTMLElementEventMap {
    'upsign-uploaded': CustomEvent<{ source: Source; result: Uploaded }>;
    'upsign-error': CustomEvent<{ source: Source; error: UploadError }>;
    'upsign-progress': CustomEvent<{ source: Source } & Progress>;
  }
}
