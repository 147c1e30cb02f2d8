// Pauses between attempts.

/** Waits, or rejects with the reason of the signal. */
export const sleep = (milliseconds, signal) => new Promise((resolve, reject) => {
  setTimeout(resolve, milliseconds);
  signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
});

/**
 * Repeats `attempt` while it throws retryable errors, up to `retries` times. The pauses are random, up to a limit that doubles from
 * 200 ms to 10 s ("full jitter"), and not shorter than the server demands with `Retry-After`, up to two minutes.
 */
export async function retrying({ signal, retries }, attempt) {
  for (let failed = 1; ; failed += 1) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      signal?.throwIfAborted();
      if (!error.isRetryable || failed > retries) throw error;
      const demand = Math.min(120, Number(error.retryAfter) || 0);
      await sleep(1000 * demand + Math.random() * Math.min(10_000, 100 * 2 ** failed), signal);
    }
  }
}
