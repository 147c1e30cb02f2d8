// A React hook: uploads with their progress as state.

import { useCallback, useEffect, useMemo, useReducer, useRef } from 'react';
import { upload } from './upsign.js';

/** Replaces the upload with this id, or adds it. A patch of null removes it. */
function reduce(uploads, { id, patch }) {
  if (patch === null) return uploads.filter((known) => known.id !== id);
  if (!uploads.some((known) => known.id === id)) return [...uploads, { id, ...patch }];
  return uploads.map((known) => (known.id === id ? { ...known, ...patch } : known));
}

/**
 * Returns `{uploads, start, cancel, retry, dismiss}`. `options` are those of `upload`, and `onUploaded(result, file)`. They may be new
 * objects each time: the hook reads the current ones when an upload starts. Uploads that run are aborted when the component goes.
 */
export function useUpload(options) {
  const [uploads, dispatch] = useReducer(reduce, []);
  const current = useRef(options);
  const running = useRef(new Map());
  const sources = useRef(new Map());
  const last = useRef(0);
  useEffect(() => { current.current = options; });

  const run = useCallback(async (id) => {
    const source = sources.current.get(id);
    const controller = new AbortController();
    running.current.set(id, controller);
    // Not after `cancel` and `dismiss`, nor when the component has gone.
    const set = (patch) => running.current.get(id) === controller && dispatch({ id, patch });
    const { onUploaded, ...rest } = current.current;
    set({ name: source.name, state: 'preparing', loaded: 0, total: source.size ?? 0, error: undefined, result: undefined });
    try {
      const result = await upload(source, { ...rest, signal: controller.signal, onProgress: (progress) => {
        set(progress);
        rest.onProgress?.(progress);
      } });
      set({ state: 'done', result });
      onUploaded?.(result, source);
    } catch (error) {
      set({ state: controller.signal.aborted ? 'cancelled' : 'failed', error });
    } finally {
      if (running.current.get(id) === controller) running.current.delete(id);
    }
  }, []);

  const start = useCallback((files) => [...(files[Symbol.iterator] ? files : [files])].map((source) => {
    const id = (last.current += 1);
    sources.current.set(id, source);
    run(id);
    return id;
  }), [run]);
  const cancel = useCallback((id) => running.current.get(id)?.abort(), []);
  const retry = useCallback((id) => { if (!running.current.has(id)) run(id); }, [run]);
  const dismiss = useCallback((id) => {
    const controller = running.current.get(id);
    running.current.delete(id);
    controller?.abort();
    sources.current.delete(id);
    dispatch({ id, patch: null });
  }, []);

  useEffect(() => {
    const { current: controllers } = running;
    return () => {
      const all = [...controllers.values()];
      controllers.clear();
      all.forEach((controller) => controller.abort());
    };
  }, []);
  return useMemo(() => ({ uploads, start, cancel, retry, dismiss }), [uploads, start, cancel, retry, dismiss]);
}
