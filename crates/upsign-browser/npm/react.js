// A React hook: uploads with their progress as state.

import { useCallback, useEffect, useMemo, useReducer, useRef } from 'react';
import { paused, upload } from './upsign.js';

/** Replaces the upload with this id, or adds it. A patch of null removes it. */
function reduce(uploads, { id, patch }) {
  if (patch === null) return uploads.filter((known) => known.id !== id);
  if (!uploads.some((known) => known.id === id)) return [...uploads, { id, ...patch }];
  return uploads.map((known) => (known.id === id ? { ...known, ...patch } : known));
}

/** Calls a function of the page. What it throws does not change what became of the upload. */
function tell(callback, ...values) {
  try {
    callback?.(...values);
  } catch (error) {
    reportError(error);
  }
}

/**
 * Returns `{uploads, start, cancel, pause, retry, dismiss}`. `options` are those of `upload`, and `onUploaded(result, file)`. They may be
 * new objects each time: the hook reads the current ones when an upload starts. Uploads that run are paused when the component goes.
 */
export function useUpload(options) {
  const [uploads, dispatch] = useReducer(reduce, []);
  const current = useRef(options);
  const running = useRef(new Map());
  /** What was started, by id: the source, and whether it can be started again. */
  const started = useRef(new Map());
  const last = useRef(0);
  useEffect(() => { current.current = options; });

  const run = useCallback(async (id) => {
    const { source } = started.current.get(id);
    const controller = new AbortController();
    started.current.set(id, { source });
    running.current.set(id, controller);
    // Not after `dismiss`, nor when the component has gone.
    const set = (patch) => running.current.get(id) === controller && dispatch({ id, patch });
    const { onUploaded, ...rest } = current.current;
    set({ name: source.name, state: 'preparing', loaded: 0, total: source.size ?? 0, error: undefined, result: undefined });
    const onProgress = (progress) => {
      set(progress);
      tell(rest.onProgress, progress);
    };
    let result;
    try {
      result = await upload(source, { ...rest, signal: controller.signal, onProgress });
      set({ state: 'done', result });
    } catch (error) {
      const stopped = controller.signal.reason?.name === 'PauseError' ? 'paused' : 'cancelled';
      set({ state: controller.signal.aborted ? stopped : 'failed', error });
      if (started.current.has(id)) started.current.set(id, { source, canRetry: true });
    } finally {
      if (running.current.get(id) === controller) running.current.delete(id);
    }
    if (result) tell(onUploaded, result, source);
  }, []);

  const start = useCallback((files) => [...(files[Symbol.iterator] ? files : [files])].map((source) => {
    const id = (last.current += 1);
    started.current.set(id, { source });
    run(id);
    return id;
  }), [run]);
  const cancel = useCallback((id) => running.current.get(id)?.abort(), []);
  const pause = useCallback((id) => running.current.get(id)?.abort(paused()), []);
  const retry = useCallback((id) => { if (started.current.get(id)?.canRetry) run(id); }, [run]);
  const dismiss = useCallback((id) => {
    const controller = running.current.get(id);
    running.current.delete(id);
    controller?.abort();
    started.current.delete(id);
    dispatch({ id, patch: null });
  }, []);

  useEffect(() => {
    const { current: controllers } = running;
    return () => {
      const all = [...controllers.values()];
      controllers.clear();
      // What is stored of an upload in parts stays, so that another component can continue it.
      all.forEach((controller) => controller.abort(paused()));
    };
  }, []);
  return useMemo(() => ({ uploads, start, cancel, pause, retry, dismiss }), [uploads, start, cancel, pause, retry, dismiss]);
}
