// Owns where somebody is in the staff's pages: the browser's address, as something Svelte can watch.
import { staffRouteOf } from './route.ts';

let pathname = $state(location.pathname);
const route = $derived(staffRouteOf(pathname));

addEventListener('popstate', () => {
  pathname = location.pathname;
});

export const place = {
  get route() {
    return route;
  },
  go(path: string, { replace = false } = {}) {
    if (replace) history.replaceState(null, '', path);
    else history.pushState(null, '', path);
    pathname = location.pathname;
    scrollTo(0, 0);
  },
};

/** A click on a link of ours changes the page without loading it; any other stays the browser's. */
export function followHere(event: MouseEvent, path: string): void {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  place.go(path);
}
