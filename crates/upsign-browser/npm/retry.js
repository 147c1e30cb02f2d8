// Pauses between attempts.

/** Settles as the promise does, or rejects with the reason of the signal without waiting for it. */
export const orAborted = (promise, signal) => new Promise((resolve, reject) => {
  const stop = () => reject(signal.reason);
  signal?.addEventListener('abort', stop);
  promise.then(resolve, reject).finally(() => signal?.removeEventListener('abort', stop));
});

/** Waits, or rejects with the reason of the signal. */
export const sleep = (milliseconds, signal) => orAborted(new Promise((resolve) => { setTimeout(resolve, milliseconds); }), signal);

/** How long to wait for the network before another attempt in any case: a browser can be wrong about it. */
const OFFLINE = 30_000;

/**
 * Repeats `attempt` while it throws retryable errors, up to `retries` times. The pauses are random, up to a limit that doubles from
 * 200 ms to 10 s ("full jitter"), and not shorter than the server demands with `Retry-After`. A demand of more than two minutes, such
 * as that of a daily quota, is not waited for. Attempts that fail while the browser is offline do not count, unless there are none.
 */
export async function retrying({ signal, retries = 8 }, attempt) {
  for (let failed = 1; ; failed += 1) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      signal?.throwIfAborted();
      const demand = Number(error?.retryAfter) || 0;
      // A `token` of the page that uses `fetch` throws a TypeError.
      const isOffline = retries && !navigator.onLine && (error?.code === 'network' || error instanceof TypeError);
      if (!isOffline && (!error?.isRetryable || demand > 120 || failed > retries)) throw error;
      if (isOffline) {
        failed = 0;
        await orAborted(new Promise((resolve) => {
          addEventListener('online', resolve, { once: true });
          setTimeout(resolve, OFFLINE);
        }), signal);
      }
      await sleep(1000 * demand + Math.random() * Math.min(10_000, 100 * 2 ** failed), signal);
    }
  }
}
