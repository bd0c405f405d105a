// Starts the staff's pages.
import { mount } from 'svelte';
import '../variables.css';
import '../base.css';
import './staff.css';
import StaffApp from './StaffApp.svelte';

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no #app');
mount(StaffApp, { target });

// Back by the browser's own button, the page may be a frozen copy from before somebody signed out: start afresh.
addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
