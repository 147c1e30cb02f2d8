// The page of the test of the React hook: every upload of the hook with its buttons.
import { StrictMode, createElement as h, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { useUpload } from 'upsign/react';

function Uploads({ options }) {
  const onUploaded = ({ key }) => {
    window.keys.push(key);
    if (window.failing) throw new Error('of the page');
  };
  const hook = useUpload({ ...options, onUploaded });
  const { uploads, start, cancel, pause, retry, dismiss } = hook;
  Object.assign(window, { start, hook });
  const row = ({ id, name, state, loaded, total, result, error }) => h('li', { key: id, 'data-state': state },
    `${name} ${state} ${loaded}/${total} ${result?.key ?? error?.code ?? ''}`,
    h('button', { onClick: () => cancel(id) }, 'cancel'),
    h('button', { onClick: () => pause(id) }, 'pause'),
    h('button', { onClick: () => retry(id) }, 'retry'),
    h('button', { onClick: () => dismiss(id) }, 'dismiss'));
  return h('ul', null, uploads.map(row));
}

function App({ options }) {
  const [isShown, setShown] = useState(true);
  const [current, setOptions] = useState(options);
  Object.assign(window, { setShown, setOptions });
  return isShown ? h(Uploads, { options: current }) : null;
}

window.keys = [];
window.render = (options) => createRoot(document.body.appendChild(document.createElement('main'))).render(h(StrictMode, null, h(App, { options })));
