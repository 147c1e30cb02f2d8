// Requests as a program sends them that does not use our client: for uploads that the permission does not allow, which the client
// would never send.

import { CORS, Refused, Unreachable, authorization, call, jsonOf, reportOf, shorten, shownUrl } from '/calls.js';
import { sentence } from '/elements.js';
import { headersOf, shownFields } from '/exchanges.js';
import { S3_ADVICE, adviceOf, apiReport, s3Error } from '/failure.js';

// The checksums that browsers compute themselves, by their names in the API.
const DIGESTS = { sha256: 'SHA-256', sha1: 'SHA-1' };

/** Returns the members of a request that only some policies need: the name of the route, a checksum, and that one request sends the file. */
async function requirements(route, file) {
  const members = route.member ? { route: route.member } : {};
  if (route.multipart) members.multipart = false;
  const name = route.requiredChecksums.find((checksum) => checksum in DIGESTS);
  if (name) {
    const digest = new Uint8Array(await crypto.subtle.digest(DIGESTS[name], await file.arrayBuffer()));
    members.checksum = { [name]: btoa(String.fromCharCode(...digest)) };
  }
  return members;
}

/** Requests an upload URL for this file. `members` are further members of the request. */
export async function requestUploadUrl(config, { route }, token, file, { path = config.uploadUrlPath, ...members } = {}) {
  const body = { contentType: file.type, contentLength: file.size, fileName: file.name, ...await requirements(route, file), ...members };
  const { answer, exchange } = await callApi(config, path, token, body);
  return { grant: answer, exchange };
}

/** Sends a call to the API. */
export async function callApi(config, path, token, body) {
  const url = config.api + path;
  const headers = { 'Content-Type': 'application/json' };
  const response = await call('the API', url, { method: 'POST', headers: { ...headers, ...authorization(config, token) }, body: JSON.stringify(body) });
  const answer = await jsonOf(response);
  const exchange = {
    method: 'POST',
    url,
    requestHeaders: [...Object.entries(authorization(config, shorten(token))), ...Object.entries(headers)],
    requestBody: body,
    status: response.status,
    responseBody: answer,
  };
  if (!response.ok) {
    const words = sentence(answer.detail ?? answer.title ?? `The API answered ${response.status}.`);
    const advice = adviceOf(response.status, answer.code);
    throw new Refused({ service: 'API', status: response.status, code: answer.code ?? '', words, advice, exchange, report: apiReport(url, { ...authorization(config, token), ...headers }, response, answer) });
  }
  return { answer, exchange };
}

/** Returns a form with the fields of a grant in their order, and the file last. */
function formOf(fields, body) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', body);
  return form;
}

/**
 * Sends a file to S3. The grant has the method, and the headers of a PUT or the fields of a form; the browser adds host and
 * content-length. `issued` is the grant as the API issued it, with the length that was asked for: a diagnosis compares the request
 * with it.
 */
export function sendToS3(grant, body, { issued = grant } = {}) {
  const { method, uploadUrl: url, headers = {}, fields } = grant;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    const sent = { method, url, headers: fields ? { 'content-type': 'multipart/form-data' } : headers, bodySize: fields ? undefined : body.size, fields: fields && { ...fields, file: body.name ?? 'file' } };
    const signed = { uploadUrl: issued.uploadUrl, method: issued.method, headers: issued.headers, contentLength: issued.contentLength };
    const report = (answer) => reportOf(sent, answer, signed);
    request.onerror = () => reject(new Unreachable({ service: 'S3', url, advice: CORS, report: report() }));
    request.onload = () => {
      const { status } = request;
      const etag = request.getResponseHeader('ETag');
      const exchange = {
        method,
        url: shownUrl(url),
        requestHeaders: fields ? [['content-type', 'multipart/form-data']] : [...Object.entries(headers), ['content-length', String(body.size)]],
        ...(fields ? { requestBody: shownFields(fields) } : {}),
        status,
        responseHeaders: etag ? [['ETag', etag]] : [],
      };
      if (status >= 200 && status < 300) return resolve({ status, etag, exchange });
      const { code, message, words } = s3Error(request.responseText, status);
      exchange.responseBody = { Code: code, Message: message };
      const answer = { status, headers: headersOf(request.getAllResponseHeaders()), body: request.responseText };
      return reject(new Refused({ service: 'S3', status, code, words, advice: S3_ADVICE, exchange, report: report(answer) }));
    };
    request.send(fields ? formOf(fields, body) : body);
  });
}
