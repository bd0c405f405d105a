// A page that stands alone, where no application can be loaded: readable on a phone, in light and in dark, in both languages.
import { createHash } from 'node:crypto';

const STYLE = `:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:12vh auto;padding:0 1.25rem;background:Canvas;color:CanvasText}
h1{font-size:1.4rem;line-height:1.25}
a{display:inline-block;margin:.25rem 0;padding:.6rem 0;color:LinkText}`;

/** What a Content-Security-Policy's `style-src` allows it by. */
export const PLAIN_STYLE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

/** `body` is markup of ours; nothing of a stranger's is in it unless it was escaped. */
export function plainPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${STYLE}</style>
${body}
</html>
`;
}

/** A sentence in English, and below it the same in Spanish. */
export function both(english: string, spanish: string): string {
  return `${english}<br><span lang="es">${spanish}</span>`;
}
