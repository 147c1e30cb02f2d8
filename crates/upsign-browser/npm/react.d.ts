import type { Progress, Source, State, UploadError, UploadOptions, Uploaded } from './upsign.js';

/** An upload of {@link useUpload}. */
export interface UploadItem {
  readonly id: number;
  /** The name of the file; a `Blob` has none. */
  readonly name?: string;
  readonly state: State | 'failed' | 'cancelled' | 'paused';
  readonly loaded: number;
  readonly total: number;
  /** If the state is `done`. */
  readonly result?: Uploaded;
  /** If the state is `failed`: an `UploadError`, or what the page's `token` threw. */
  readonly error?: UploadError | Error;
}

export interface UseUploadOptions extends Omit<UploadOptions, 'signal' | 'onProgress'> {
  onUploaded?: (result: Uploaded, source: Source) => void;
  onProgress?: (progress: Progress) => void;
}

export interface UseUpload {
  /** All uploads of this component, in the order in which they were started. */
  readonly uploads: readonly UploadItem[];
  /** Starts uploads, and returns their ids. */
  readonly start: (files: Source | Iterable<Source>) => number[];
  /** Aborts an upload, and discards what is stored of it. */
  readonly cancel: (id: number) => void;
  /** Aborts an upload, and keeps what is stored of one in parts: `retry` continues it. */
  readonly pause: (id: number) => void;
  /** Starts a failed, cancelled or paused upload again. Does nothing in other states. */
  readonly retry: (id: number) => void;
  /** Removes an upload from the list, and cancels it if it runs. */
  readonly dismiss: (id: number) => void;
}

/**
 * Uploads with their progress as state. They are paused when the component is unmounted: `interrupted` lists those in parts, and the same
 * call continues them.
 */
export function useUpload(options: UseUploadOptions): UseUpload;
