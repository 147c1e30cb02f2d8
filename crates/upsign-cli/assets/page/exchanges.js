// Records what the browser client sends and receives, so that the page can show it.

import { shorten, shownUrl } from '/calls.js';

/** The kinds of calls by the last segment of their path. */
const KINDS = { parts: 'parts', status: 'status', complete: 'complete', confirm: 'confirm', abort: 'abort', 'read-url': 'read' };

const isToken = /^(uploadToken|receipt)$/;

/** Shortens the tokens in the members of an object. */
const shown = (value) => (value && Object.fromEntries(Object.entries(value).map(([name, member]) => [name, isToken.test(name) ? shorten(member) : member])));

/** Shortens the signature and the session token among the fields of a form. */
export const shownFields = (fields) => Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, /signature|security-token/i.test(name) ? shorten(value, 6) : value]));

/** Reads the headers of an answer that the page may see: `name: value` in each line. */
export const headersOf = (lines) => Object.fromEntries(lines.trim().split('\r\n').filter(Boolean).map((line) => {
  const [name, ...value] = line.split(': ');
  return [name, value.join(': ')];
}));

/**
 * Returns a `fetch` for the calls of the service that adds each of them to `add`. The answer to the call that begins an upload is
 * shown as it is: its URL works on this machine only.
 */
export const recordingFetch = (add) => async (url, init) => {
  const kind = KINDS[new URL(url).pathname.split('/').at(-1)] ?? 'grant';
  const body = JSON.parse(init.body);
  const requestHeaders = Object.entries(init.headers).map(([name, value]) => [name, String(value).startsWith('Bearer ') ? `${shorten(value, 17)}` : value]);
  const exchange = { kind, method: init.method, url: String(url), requestHeaders, requestBody: shown(body), status: 0, sentHeaders: init.headers, at: Date.now() };
  add(exchange);
  const response = await fetch(url, init);
  const answer = await response.clone().json().catch(() => undefined);
  Object.assign(exchange, { status: response.status, headers: Object.fromEntries(response.headers), answerText: JSON.stringify(answer ?? {}), responseBody: kind === 'grant' ? answer : shown(answer) });
  add(exchange);
  return response;
};

/**
 * Records a request to the store, which `XMLHttpRequest` sends: adds it before it is sent, and when it ends. The client handles the
 * end in `loadend`, which follows the events here.
 */
export function recordSend(add, xhr, { method, url, headers = {}, body, what }, fields) {
  const isForm = body instanceof FormData;
  const exchange = {
    kind: what === 'object' ? 'object' : 'part',
    number: what === 'object' ? undefined : Number(what.replace('part ', '')),
    ...{ method, url: shownUrl(url), signedUrl: url, status: 0, at: Date.now() },
    requestHeaders: isForm ? [['content-type', 'multipart/form-data']] : [...Object.entries(headers), ['content-length', String(body.size)]],
    requestBody: isForm ? shownFields(fields) : undefined,
    sent: { method, url, headers: isForm ? { 'content-type': 'multipart/form-data' } : headers, bodySize: isForm ? undefined : body.size, fields: isForm ? { ...fields, file: body.get('file').name ?? 'file' } : undefined },
    signed: { uploadUrl: url, method, headers },
  };
  const end = () => {
    const { status } = xhr;
    const readable = headersOf(xhr.getAllResponseHeaders());
    Object.assign(exchange, { status, headers: readable, answerText: xhr.responseText, etag: readable.etag, responseHeaders: readable.etag ? [['ETag', readable.etag]] : [] });
    if (status >= 400) exchange.responseBody = s3Words(xhr.responseText);
    add(exchange);
  };
  for (const type of ['load', 'error', 'abort']) xhr.addEventListener(type, end);
  add(exchange);
  return exchange;
}

/** The code and the message of an S3 error document. */
function s3Words(xml) {
  const root = new DOMParser().parseFromString(xml || '<none/>', 'application/xml');
  return { Code: root.querySelector('Code')?.textContent ?? '', Message: root.querySelector('Message')?.textContent ?? '' };
}
