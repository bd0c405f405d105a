// Owns where the customer is: the browser's address, as something Svelte can watch.
import { routeOf } from './route.ts';

let pathname = $state(location.pathname);
const route = $derived(routeOf(pathname));

addEventListener('popstate', () => {
  pathname = location.pathname;
});

export const place = {
  get route() {
    return route;
  },
  /** To another page of the app. `replace` where going back would only lead here again. */
  go(path: string, { replace = false } = {}) {
    if (replace) history.replaceState(null, '', path);
    else history.pushState(null, '', path);
    pathname = location.pathname;
    scrollTo(0, 0);
  },
};
