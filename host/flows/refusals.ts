// How the editor is told why a Deploy was refused: it shows the body of the answer as it is, so the body is the sentence, in the
// language of whoever asked.
import { Fault } from '@tapcase/domain';
import type { RequestHandler } from 'express';

/** Node-RED hands on a code and one sentence, which also stands in the log: the Spanish one waits here for the answer. */
const spanish = new Map<string, string>();
/** Refusals whose answers are still to be written; one at a time is usual. */
const WAITING_MAX = 16;

/** Call as the fault is thrown to Node-RED; `details.es` is its Spanish sentence. */
export function refused(thrown: unknown): void {
  if (!(thrown instanceof Fault) || typeof thrown.details.es !== 'string') return;
  const [oldest] = spanish.keys();
  if (spanish.size >= WAITING_MAX) spanish.delete(oldest!);
  spanish.set(thrown.message, thrown.details.es);
}

/** For `settings.httpAdminMiddleware`: answers of Node-RED that carry a fault of the flow files become plain text. */
export const refusalsAsSentences: RequestHandler = (request, response, next) => {
  const json = response.json.bind(response);
  response.json = (body: unknown) => {
    const { code, message } = (body ?? {}) as { readonly code?: unknown; readonly message?: unknown };
    if (response.statusCode !== 400 || !String(code).startsWith('flows.')) return json(body);
    const isSpanish = request.acceptsLanguages('en', 'es') === 'es';
    const sentence = (isSpanish ? spanish.get(String(message)) : undefined) ?? String(message);
    return response.type('text/plain').send(`${asText(sentence)} (${code})`);
  };
  next();
};

/** The editor shows it as HTML, and names of nodes and files are in it. */
function asText(message: string): string {
  return message.replace(/[<>&]/g, ' ');
}
