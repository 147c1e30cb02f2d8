// What the panels share: their places in the page, and questions to the dev server.

export const slot = (name) => document.querySelector(`[data-panel="${name}"]`);

/** Asks the dev server. Returns nothing if it cannot answer: the upload itself is shown anyway. */
export async function ask(path, body, headers = {}) {
  const init = body === undefined ? {} : { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) };
  try {
    const response = await fetch(path, { cache: 'no-store', ...init });
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}

/** Shows these children in a place, or hides it if there are none. */
export function fill(name, ...children) {
  const place = slot(name);
  place.hidden = children.length === 0;
  place.replaceChildren(...children);
}

const explanations = new WeakMap();

/** Returns what of an upload has a signature of its own: the grant, or the request of its first part. */
function signedOf({ grant, exchanges }) {
  if (grant?.method !== 'MULTIPART') return grant;
  const part = exchanges.find(({ kind }) => kind === 'part');
  return part && { method: 'PUT', uploadUrl: part.signedUrl, headers: part.signed.headers, contentLength: part.signed.contentLength };
}

/** Returns the explanation of an upload: `{ signed, explanation, parts, fields, limits }`, or nothing if it has no URL yet. */
export async function explained(upload) {
  const signed = signedOf(upload);
  if (!signed) return undefined;
  const known = explanations.get(upload);
  if (known?.signed.uploadUrl === signed.uploadUrl) return known.answer;
  // Asked once, although several panels show it.
  const answer = ask('/dev/explain', { grant: signed, route: upload.choice.route.name }).then((found) => found && { ...found, signed });
  explanations.set(upload, { signed, answer });
  return answer;
}
