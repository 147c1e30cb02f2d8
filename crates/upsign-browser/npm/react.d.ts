import type { Progress, Source, State, UploadError, UploadOptions, Uploaded } from './upsign.js';

/** An upload of {@link useUpload}. */
export interface UploadItem {
  readonly id: number;
  /** The name of the file; a `Blob` has none. */
  readonly name?: string;
  readonly state: State | 'failed' | 'cancelled';
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
  readonly cancel: (id: number) => void;
  /** Starts a failed or cancelled upload again. */
  readonly retry: (id: number) => void;
  /** Removes an upload from the list, and cancels it if it runs. */
  readonly dismiss: (id: number) => void;
}

/** Uploads with their progress as state. They are aborted when the component is unmounted. */
export function useUpload(options: UseUploadOptions): UseUpload;
