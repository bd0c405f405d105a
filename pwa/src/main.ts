// Starts the app, and the worker beside it once the page is there.
import { mount } from 'svelte';
import './variables.css';
import './base.css';
import App from './App.svelte';
import { routeOf } from './route.ts';

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no #app');
mount(App, { target });

// Staff's pages come from another address, which has no worker: nothing stands between it and them.
const isCustomers = routeOf(location.pathname).kind !== 'staff-why';
if (import.meta.env.PROD && isCustomers && 'serviceWorker' in navigator) {
  // Without the worker the app lacks only notifications and the offline page.
  addEventListener(
    'load',
    () => void navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' }).catch(() => {}),
  );
}

// Back from the payment page by the browser's own button, the page may be a frozen copy from before: start afresh.
addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
