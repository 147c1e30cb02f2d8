// Requests that a permission does not allow. Each of the table resolves to what was sent and answered if it was accepted, and throws
// `Refused` otherwise.

import { page } from '/page.js';
import { callApi, requestUploadUrl, sendToS3 } from '/raw.js';
import { account } from '/session.js';

const otherKey = (key) => key.replace(/[^/]+$/, 'another-users-photo.jpg');

const withOtherKey = (url) => {
  const [path, query] = url.split('?');
  return `${otherKey(path)}?${query}`;
};

const withQuery = (url, change) => {
  const [path, query] = url.split('?');
  return `${path}?${query.split('&').map(change).join('&')}`;
};

/** Returns the grant with lower-case names of its headers, so that one of them can be replaced. */
const lowerCase = (grant) => ({ ...grant, headers: Object.fromEntries(Object.entries(grant.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])) });

const tokenOf = async ({ choice }) => (await account(choice)).token;

/** Requests a grant of one request, whatever the last upload was sent in. */
const granted = async (last, members) => (await requestUploadUrl(page.config, last.choice, await tokenOf(last), last.file, members)).grant;

/** Returns a cheat that requests a grant and sends another request than that. */
const changed = (change) => async (last) => {
  const grant = await granted(last);
  const [other, body] = change(lowerCase(grant), last.file);
  return sendToS3(other, body, { issued: { ...grant, contentLength: last.file.size } });
};

/** The grant of the last upload again. That of an upload in parts cannot be sent again: another one is used up instead. */
async function twice(last) {
  const { file } = last;
  const grant = last.grant.uploadUrl ? last.grant : await granted(last);
  const issued = { ...grant, contentLength: file.size };
  if (!last.grant.uploadUrl) await sendToS3(lowerCase(grant), file, { issued });
  return sendToS3(lowerCase(grant), file, { issued });
}

/** The dev server issues the grant at a time in the past, so that it is over. */
async function expired(last) {
  const grant = await granted(last, { path: '/dev/expired-grant' });
  return sendToS3(lowerCase(grant), last.file, { issued: { ...grant, contentLength: last.file.size } });
}

/** The header or the field that a request can leave out. Browsers add a content type by themselves. */
const droppable = (names) => names.find((name) => name === 'if-none-match') ?? names.find((name) => name.startsWith('x-amz-') && !/signature|credential|date|algorithm/.test(name)) ?? names.find((name) => name.toLowerCase() === 'content-type');

const without = (values) => {
  const name = droppable(Object.keys(values));
  return Object.fromEntries(Object.entries(values).filter(([other]) => other !== name));
};

const OTHER_SUBJECT = 'somebody-else';

/** The token with another subject: a caller who changes it cannot sign it. */
function forged(token) {
  const [header, claims, signature] = token.split('.');
  const text = new TextDecoder().decode(Uint8Array.from(atob(claims.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0)));
  const changedClaims = JSON.stringify({ ...JSON.parse(text), sub: OTHER_SUBJECT });
  const encoded = btoa(String.fromCharCode(...new TextEncoder().encode(changedClaims))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  return `${header}.${encoded}.${signature}`;
}

/** Another user's token for the upload of this one, or else a token whose subject was changed. */
async function otherCaller(last) {
  const { config } = page;
  const { choice, grant } = last;
  const own = await account(choice);
  const user = config.users.find(({ name }) => name !== choice.user.name);
  const isOther = user && grant.uploadToken;
  const other = isOther ? await account({ ...choice, user }) : { token: forged(own.token), claims: { sub: OTHER_SUBJECT } };
  try {
    if (isOther) return await callApi(config, `${config.uploadsPath}/status`, other.token, { uploadToken: grant.uploadToken });
    return await requestUploadUrl(config, choice, other.token, last.file);
  } catch (error) {
    const decides = isOther
      ? { sentence: 'the upload belongs to the user who began it, and the token is another user’s', fix: 'send the token of the user who began the upload' }
      : { sentence: 'the claim sub was changed after the token was signed, so its signature does not match: no setting decides that', fix: 'send the token as the issuer signed it' };
    throw Object.assign(error, { decides, differs: [{ field: 'claim:sub', signed: own.claims.sub, sent: other.claims.sub }] });
  }
}

/** Begins an upload in parts, sends another request than that of its first part, and discards the upload. */
const wrongPart = (change) => async (last) => {
  const { config } = page;
  const token = await tokenOf(last);
  const grant = await granted(last, { multipart: true, checksum: undefined });
  const { uploadToken } = grant;
  try {
    const { answer: { parts: [part] } } = await callApi(config, `${config.uploadsPath}/parts`, token, { uploadToken, partNumbers: [1] });
    const bytes = last.file.slice(0, grant.partSize);
    const issued = { method: 'PUT', ...part, contentLength: bytes.size };
    const [other, body] = change(lowerCase(issued), bytes.slice());
    return await sendToS3(other, body, { issued });
  } finally {
    await callApi(config, `${config.uploadsPath}/abort`, token, { uploadToken }).catch(() => {});
  }
};

const inParts = ({ route }) => route.multipart;

export const CHEATS = {
  type: {
    title: 'Another content type',
    explanation: 'The upload was signed for the type of the file; the request has the content type text/html.',
    send: changed((grant, file) => [grant.fields
      ? { ...grant, fields: { ...grant.fields, 'Content-Type': 'text/html' } }
      : { ...grant, headers: { ...grant.headers, 'content-type': 'text/html' } }, file.slice(0, file.size, 'text/html')]),
  },
  size: {
    title: 'One byte more',
    explanation: 'The upload was signed for the declared length; the body is one byte longer.',
    send: changed((grant, file) => [grant, new Blob([file, new Uint8Array(1)], { type: file.type })]),
  },
  twice: {
    title: 'The URL twice',
    explanation: 'The upload worked; the same URL is used again to replace the object.',
    nothing: 'Nothing differs: the request is the one that was signed. S3 compares its condition, if-none-match: *, with what is stored.',
    send: twice,
  },
  key: {
    title: 'Another key',
    explanation: 'The upload was signed for one key; the request names another.',
    send: changed((grant, file) => [grant.fields
      ? { ...grant, fields: { ...grant.fields, key: otherKey(grant.fields.key) } }
      : { ...grant, uploadUrl: withOtherKey(grant.uploadUrl) }, file]),
  },
  expired: {
    title: 'An expired URL',
    explanation: 'The dev server signs the same upload at a time in the past, so that its lifetime is over.',
    nothing: 'Nothing differs but the time: the request is the one that was signed, and it comes too late.',
    send: expired,
  },
  caller: {
    title: 'Another caller’s token',
    explanation: 'The token names another user than the one that it was issued to, or that the upload was granted to.',
    send: otherCaller,
  },
  dropped: {
    title: 'A header less',
    explanation: 'The request leaves out a header, or a field of the form, that was signed.',
    send: changed((grant, file) => [grant.fields ? { ...grant, fields: without(grant.fields) } : { ...grant, headers: without(grant.headers) }, file]),
  },
  'part-number': {
    title: 'Part 1 as part 2',
    explanation: 'The URL was signed for the first part of an upload; the request says that it is the second one.',
    isOffered: inParts,
    send: wrongPart((part, bytes) => [{ ...part, uploadUrl: withQuery(part.uploadUrl, (pair) => pair.replace(/^partNumber=1$/, 'partNumber=2')) }, bytes]),
  },
  'part-size': {
    title: 'A longer part',
    explanation: 'The URL was signed for the length of the part; the body is one byte longer.',
    isOffered: inParts,
    send: wrongPart((part, bytes) => [part, new Blob([bytes, new Uint8Array(1)])]),
  },
  'part-upload': {
    title: 'Another upload’s part',
    explanation: 'The URL was signed for a part of one upload; the request says that it belongs to another.',
    isOffered: inParts,
    send: wrongPart((part, bytes) => [{ ...part, uploadUrl: withQuery(part.uploadUrl, (pair) => pair.replace(/^(uploadId=)(.*)$/, (_, name, id) => `${name}${[...id].reverse().join('')}x`)) }, bytes]),
  },
};
