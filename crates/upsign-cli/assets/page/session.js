// Who is signed in: a token for each user and issuer, kept until it is about to expire.

import { signIn } from '/calls.js';
import { page } from '/page.js';

/** A token is not used in its last seconds. */
const SPARE_SECONDS = 30;

let accounts = new Map();

/**
 * Returns the account of a user, with a token of an issuer: `{ token, claims, isReused, … }`. `isRejected`: the API has just refused
 * the last token, so that another one is needed.
 */
export async function account(choice, { isRejected = false, signal } = {}) {
  const name = JSON.stringify([choice.user.name, choice.issuer.issuer]);
  const known = accounts.get(name);
  if (known && !isRejected && known.claims.exp - SPARE_SECONDS > Date.now() / 1000) return { ...known, isReused: true };
  const fresh = await signIn(page.config, choice, signal);
  accounts.set(name, fresh);
  return { ...fresh, isReused: false };
}

/** Forgets all tokens: the issuers of another run have other keys. */
export const signOut = () => { accounts = new Map(); };
