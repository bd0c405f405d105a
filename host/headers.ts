// The security headers of everything that this server answers.
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import { PLAIN_STYLE } from './plain-page.ts';

const POLICY: Readonly<Record<string, string[]>> = {
  defaultSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
  formAction: ["'self'"],
};

/** A year: what was once asked over TLS is never asked without. */
const HSTS_SECONDS = 31_536_000;

export interface SecurityHeaders {
  /** Our own pages and answers. */
  readonly pages: RequestHandler;
  readonly desk: RequestHandler;
  readonly editor: RequestHandler;
}

/** `url`: the origin under which a browser knows what is answered. */
export function securityHeaders(url: string): SecurityHeaders {
  const strictTransportSecurity = url.startsWith('https:') ? { maxAge: HSTS_SECONDS } : false;
  const withPolicy = (more: Readonly<Record<string, string[]>>) =>
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives: { ...POLICY, ...more } },
      strictTransportSecurity,
    });
  return {
    pages: withPolicy({ styleSrc: ["'self'", PLAIN_STYLE] }),
    // Its widgets carry their colours and sizes as inline styles, and its icons as a font in the style sheet.
    desk: withPolicy({ styleSrc: ["'self'", "'unsafe-inline'"], fontSrc: ["'self'", 'data:'] }),
    // The editor builds its dialogs with inline scripts; it gets every other header.
    editor: helmet({ contentSecurityPolicy: false, strictTransportSecurity }),
  };
}
