/** What {@link upload} can send. The handle of a file is kept with an interrupted upload, where the browser can keep it. */
export type Source = File | Blob | FileSystemFileHandle;

/** The checksums that this client computes. */
export type ChecksumAlgorithm = 'crc64nvme' | 'crc32c' | 'crc32' | 'sha256' | 'sha1';

/** How to call the service. */
export interface CallOptions {
  /** The address of the service: `https://api.example.com`, or with another path than `/upload-url`. */
  endpoint: string | URL;
  /**
   * Returns the token of the user; called for each call. `isRejected` is true if the service has just refused the last one and
   * another one is needed. Leave it out if the service knows the user by a cookie.
   */
  token?: (why: { isRejected: boolean }) => string | undefined | Promise<string | undefined>;
  /** The header of the token. Default: `Authorization`. */
  tokenHeader?: string;
  /** The path of the later calls, relative to `endpoint`. Default: `uploads`. */
  uploads?: string;
  /** Further headers of each call. */
  headers?: Record<string, string>;
  /** Whether calls send cookies. Default: that of `fetch`, only to the page's own origin. */
  credentials?: RequestCredentials;
  /**
   * How often a request is repeated. Default: 8, about 20 seconds. Attempts while the browser is offline do not count, unless this is
   * 0. A request that the server wants to have later than in two minutes is not repeated.
   */
  retries?: number;
  /** How long a call may take, in milliseconds. Default: one minute. */
  timeout?: number;
  /** What sends the calls. Default: that of the browser. A page can log them with its own. */
  fetch?: typeof fetch;
  /** Aborts. A multipart upload is then discarded, unless the reason is {@link paused}. */
  signal?: AbortSignal;
}

/** The state of an upload. `preparing` includes checksums of the whole file; `confirming` follows the last byte. */
export type State = 'preparing' | 'sending' | 'completing' | 'confirming' | 'done';

/** How far an upload is. `loaded` never decreases, even if bytes are sent again. */
export interface Progress {
  loaded: number;
  total: number;
  state: State;
}

/** How far one part of a multipart upload is. */
export interface PartProgress {
  /** From 1 to `count`. */
  number: number;
  count: number;
  size: number;
  loaded: number;
  /** `failed` is followed by another attempt, or by the rejection of the upload. */
  state: 'reading' | 'sending' | 'failed' | 'done';
}

/** What the service answered to the call that begins an upload. It contains URLs that permit the upload: do not log it. */
export interface Grant {
  method: 'PUT' | 'POST' | 'MULTIPART';
  key: string;
  expiresIn: number;
  expiresAt: string;
  /** With it, the page can ask for the status of the upload. Each multipart upload has one, and each upload of a route that confirms. */
  uploadToken?: string;
  /** Whether the route confirms uploads: they succeeded only if the service says so. */
  confirm?: true;
  [member: string]: unknown;
}

/** A request to the store. Its URL permits the upload: do not log it. */
export interface SentRequest {
  method: string;
  url: string;
  /** Those of the grant. The browser adds others. */
  headers?: Record<string, string>;
  body: Blob | FormData;
  /** `object` or, for example, `part 7`. */
  what: string;
}

export interface UploadOptions extends CallOptions {
  /** The name of the route, if the service has several. */
  route?: string;
  /** Default: the type of the file. Without one, the service takes the type of the name. */
  contentType?: string;
  /** Default: the name of the file. */
  fileName?: string;
  /** Ids that the policy lets clients supply, such as `{ articleId }`. */
  ids?: Record<string, string>;
  contentDisposition?: string;
  metadata?: Record<string, string>;
  tags?: Record<string, string>;
  /** The ETag of the object to replace. */
  ifMatch?: string;
  /** Whether to send parts. Default: as the route decides by the size. */
  multipart?: boolean;
  /**
   * The checksum of the whole file, computed before it is sent. Default: none in one request, unless the service demands one; parts
   * have checksums in any case. Browsers compute `sha256` and `sha1` in memory, of less than 2 GiB.
   */
  checksum?: ChecksumAlgorithm;
  /** The number of parallel parts, up to that of the grant. */
  partsAtOnce?: number;
  /** How long a request to the store may make no progress, in milliseconds. Default: one minute. */
  idle?: number;
  /**
   * Whether to continue an interrupted multipart upload of the same file with the same options, and to keep this one for that: a file
   * with the same name, size, type and time of change. What the service signs must be the same: `route`, `ids`, `contentType` and the
   * other members of the request, and `checksum`. Parts whose bytes differ are sent again. A `Blob` has no name, so its upload is not
   * kept. Default: true.
   */
  resume?: boolean;
  /**
   * Who keeps an interrupted upload: any text that names the user, such as an id. Another user of the browser then neither sees nor
   * continues it.
   */
  owner?: string;
  /**
   * Whether to have the object confirmed. Default: if the route confirms. `true`: rejects with `confirm-not-offered` if it does not.
   * `false`: does not confirm; the page calls `/uploads/confirm` itself.
   */
  confirm?: boolean;
  /** How long a confirmation may be pending, in milliseconds. Default: five minutes. */
  confirmTime?: number;
  /** Requests a URL that reads the confirmed object. */
  readUrl?: boolean | ReadOptions;
  onProgress?: (progress: Progress) => void;
  onPart?: (part: PartProgress) => void;
  onGrant?: (grant: Grant) => void;
  /** Called with each request to the store before it is sent, so that a page can watch it or abort it. */
  onSend?: (request: XMLHttpRequest, sent: SentRequest) => void;
}

export interface ReadOptions {
  /** The lifetime of the URL in seconds, up to that of the service. */
  expiresIn?: number;
  /** `attachment` makes the browser save the object. */
  disposition?: 'attachment';
}

/** A stored object: its key, and the ids of the service by their names, such as `articleId`. */
export interface Uploaded {
  key: string;
  size: number;
  etag?: string;
  versionId?: string;
  /** By algorithm, in base64. */
  checksum?: Partial<Record<string, string>>;
  /** The type that the service confirmed. */
  contentType?: string;
  /** The proof of the confirmation: the application stores it with the key. */
  receipt?: string;
  /** With the option `readUrl`. */
  readUrl?: string;
  /** Headers that a request to `readUrl` must have, if there are any. */
  readHeaders?: Record<string, string>;
  readExpiresAt?: string;
  /** Why there is no `readUrl`, although the option is set: the object is confirmed nevertheless. */
  readUrlError?: UploadError;
  [id: string]: unknown;
}

/**
 * Uploads a file: in one request, by form or in parts, as the service grants it.
 *
 * Rejects with an {@link UploadError}, with the reason of the signal, or with what `token` throws. A mistake in the options, such as an
 * `endpoint` that is no address or a token that no header can have, rejects with a `TypeError`. What the other functions of the
 * page throw (`onProgress` and so on) is reported as an error of the page, and does not end the upload.
 */
export function upload(source: Source, options: UploadOptions): Promise<Uploaded>;

export interface UploadAllOptions extends Omit<UploadOptions, 'onProgress'> {
  /** The number of files that are sent at a time. Default: 3. */
  atOnce?: number;
  /** Begins all files in one request, which a route with `max_files` accepts: all are granted, or none. */
  together?: boolean;
  onProgress?: (progress: Progress, index: number, source: Source) => void;
}

/** Uploads several files. One that fails does not stop the others. Rejects only if `together` is refused. */
export function uploadAll(sources: Iterable<Source>, options: UploadAllOptions): Promise<PromiseSettledResult<Uploaded>[]>;

/** An interrupted multipart upload. To continue it, call {@link upload} with the same file and the same options. */
export interface Interrupted {
  endpoint: string;
  /** Options of the call. */
  route?: string;
  ids?: Record<string, string>;
  name: string;
  size: number;
  lastModified: number;
  key: string;
  /** How many bytes are stored. */
  loaded: number;
  expiresAt: string;
  /**
   * Resolves to the handle of the file, if one is kept and the user lets the page read it: pass it to {@link upload}. Otherwise ask
   * the user to choose the file again. Call it while a click or key press is handled.
   */
  handle(): Promise<FileSystemFileHandle | undefined>;
  /**
   * Discards the upload, also at the store. One that is complete, gone, or of another user is removed from the list only. Rejects with
   * the code `running` if it was continued meanwhile.
   */
  discard(options?: Omit<CallOptions, 'endpoint'>): Promise<void>;
}

/**
 * Returns the interrupted uploads of this browser that can be continued: none that runs, in this tab or another, and those of this
 * `owner` only, or those without an owner.
 */
export function interrupted(filter?: { owner?: string }): Promise<Interrupted[]>;

/** Forgets all interrupted uploads of this browser, for example when a user signs out. Their parts remain until a lifecycle rule removes them. */
export function forgetAll(): Promise<void>;

/** A URL that reads a confirmed object. */
export interface ReadUrl {
  readUrl: string;
  key: string;
  headers?: Record<string, string>;
  contentType?: string;
  versionId?: string;
  expiresIn: number;
  expiresAt: string;
}

export function readUrl(receipt: string, options: CallOptions & ReadOptions): Promise<ReadUrl>;

/** Deletes a confirmed object, if its route allows it. */
export function remove(receipt: string, options: CallOptions): Promise<{ state: 'deleted'; key: string }>;

/** Returns a reason for `AbortController.abort` that keeps what is stored, so that the same call continues the upload later. */
export function paused(): DOMException;

/** Why an upload failed. */
export class UploadError extends Error {
  /**
   * A code of the service or of the store, or `http-403` and so on for an answer without one, or one of this client: `network`,
   * `corrupted`, `changed`, `running`, `object-exists`, `unconfirmed`, `unreadable`, `checksum-unknown`, `no-etag`, `answer`,
   * `confirm-not-offered`, `confirm-mismatch`, `confirm-rejected`, `confirm-missing`, `confirm-pending`.
   */
  readonly code: string;
  /** Whether the same call may succeed later. */
  readonly isRetryable: boolean;
  /** The status of the answer, if there was one. */
  readonly status?: number;
  /** Why an upload was not confirmed. */
  readonly reason?: string;
}

/** What corrects a refusal, as `upsign diagnose` says it. */
export interface Diagnose {
  /** The cause in the table of `upsign diagnose`. */
  cause: string;
  /** In whose hands the fix is: `client`, `cors` or `configuration`. */
  owner: string;
  /** What to do, for people. */
  fix: string;
  /** The id of the request in the log of the service. */
  requestId?: string;
}

/** A problem document (RFC 9457). */
export interface Problem {
  code?: string;
  title?: string;
  detail?: string;
  status?: number;
  diagnose?: Diagnose;
  [member: string]: unknown;
}

/** The service refused a call. */
export class ApiError extends UploadError {
  readonly status: number;
  readonly problem?: Problem;
  /** The hint of the problem document, if the service gives one. */
  readonly diagnose?: Diagnose;
  /** The header `Retry-After`, such as the seconds until a quota begins anew. */
  readonly retryAfter?: string;
}

/** The store refused the bytes. */
export class StoreError extends UploadError {
  readonly status: number;
  /** `object` or, for example, `part 7`. */
  readonly what: string;
  readonly isExpired: boolean;
  /** The number with which the operator of the store finds the request. */
  readonly requestId?: string;
  readonly retryAfter?: string;
}

/** There was no answer: the network failed, or CORS withheld it. A module that could not be loaded is one too. */
export class NetworkError extends UploadError {
  readonly code: 'network';
}
