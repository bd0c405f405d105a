// Starts the app, and the worker beside it once the page is there.
import { mount } from 'svelte';
import './variables.css';
import './base.css';
import App from './App.svelte';

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no #app');
mount(App, { target });

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  // Without the worker the app lacks only notifications and the offline page.
  addEventListener(
    'load',
    () => void navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' }).catch(() => {}),
  );
}

// Back from the payment page by the browser's own button, the page may be a frozen copy from before: start afresh.
addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
