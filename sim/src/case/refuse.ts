// How the simulated case says no: one shape of answer for every refusal.
import type { Response } from 'express';

export function refuse(response: Response, status: number, code: string, message: string): void {
  response.status(status).json({ error: { code, message } });
}
