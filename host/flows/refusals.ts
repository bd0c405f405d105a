// How the editor is told why a Deploy was refused: it shows the body of the answer as it is, so the body is the sentence.
import type { RequestHandler } from 'express';

/** For `settings.httpAdminMiddleware`: answers of Node-RED that carry a fault of the flow files become plain text. */
export const refusalsAsSentences: RequestHandler = (_request, response, next) => {
  const json = response.json.bind(response);
  response.json = (body: unknown) => {
    const { code, message } = (body ?? {}) as { readonly code?: unknown; readonly message?: unknown };
    if (response.statusCode !== 400 || !String(code).startsWith('flows.')) return json(body);
    return response.type('text/plain').send(`${asText(String(message))} (${code})`);
  };
  next();
};

/** The editor shows it as HTML, and names of nodes and files are in it. */
function asText(message: string): string {
  return message.replace(/[<>&]/g, ' ');
}
