// How an application in TypeScript uses the browser client. It is compiled, and not run.
import { ApiError, NetworkError, StoreError, type Uploaded, UploadError, forgetAll, interrupted, paused, readUrl, remove, upload, uploadAll } from 'upsign';

import type { UpsignUpload } from 'upsign/element';
import { type UploadItem, useUpload } from 'upsign/react';

export async function application(file: File, handle: FileSystemFileHandle, token: () => Promise<string>): Promise<string> {
  const options = { endpoint: 'https://api.example.com', token };
  const abort = new AbortController();
  const uploaded: Uploaded = await upload(file, { ...options, signal: abort.signal, onProgress: ({ loaded, total }) => console.log(loaded / total) });
  await upload(handle, { ...options, route: 'videos', checksum: 'crc64nvme', readUrl: { expiresIn: 60 }, onPart: ({ number, state }) => console.log(number, state) });
  abort.abort(paused());
  for (const result of await uploadAll([file], { ...options, together: true, onProgress: (_, index) => console.log(index) })) {
    if (result.status === 'fulfilled') console.log(result.value.key);
  }
  for (const left of await interrupted({ owner: 'alice' })) await (left.route ? left.discard({ token }) : left.discard());
  await upload(file, { ...options, owner: 'alice', onGrant: ({ uploadToken, confirm }) => console.log(uploadToken?.length, confirm === true) });
  await forgetAll();
  if (uploaded.receipt) {
    console.log((await readUrl(uploaded.receipt, options)).readUrl);
    await remove(uploaded.receipt, options);
  }
  // @ts-expect-error: the address of the service is required
  await upload(file, { token });
  // @ts-expect-error: not an algorithm of this client
  await upload(file, { ...options, checksum: 'md5' });
  return uploaded.key;
}

export function explain(error: unknown): string {
  if (error instanceof ApiError) return error.problem?.detail ?? `${error.diagnose?.cause}: ${error.diagnose?.fix}`;
  if (error instanceof StoreError) return `${error.what} ${error.requestId}`;
  if (error instanceof NetworkError) return 'offline?';
  return error instanceof UploadError ? error.code : 'aborted';
}

export function Uploads(): (string | undefined)[] {
  const { uploads, start, cancel, pause } = useUpload({ endpoint: 'https://api.example.com', onUploaded: ({ key }) => console.log(key) });
  start([new File([], 'a.jpg')]).forEach(cancel);
  uploads.filter(({ state }) => state === 'sending').forEach(({ id }) => pause(id));
  return uploads.map(({ name, state, error }: UploadItem) => (state === 'failed' ? error?.message : name));
}

export function element(token: () => string): void {
  const element: UpsignUpload = document.createElement('upsign-upload');
  Object.assign(element, { token, words: { failed: 'Nie udało się', 'rate-limited': 'za szybko' } });
  if (!element.checkValidity()) element.addEventListener('upsign-error', ({ detail }) => console.log(detail.file?.size, detail.error.message));
  element.addEventListener('upsign-uploaded', ({ detail }) => console.log(detail.result.key));
  element.add([new File([], 'a.jpg')]);
}
