// The only fetch of the app: one function per request, each giving the answer or an ApiFault. Nothing here throws.
import type {
  CardSetupRequest,
  CardSetupView,
  CaseView,
  CodeRequest,
  ErrorView,
  LocalText,
  MeView,
  PayView,
  PicturesView,
  PushRequest,
  SessionsView,
  SignInRequest,
  UnlockRequest,
  VisitsView,
  VisitView,
  WhyView,
} from '@tapcase/domain/protocol';

/** Why there is no answer. `code` is the server's, or one of ours: `net.unreachable`, `net.timeout`, `answer.invalid`. */
export class ApiFault {
  readonly code: string;
  /** The HTTP status; 0 when nothing came back. */
  readonly status: number;
  /** The shop's own sentence, where it has one. */
  readonly say: LocalText | undefined;
  /** The name of whom somebody's name resembles. */
  readonly like: string | undefined;

  constructor(code: string, status: number, { say, like }: Pick<ErrorView['error'], 'say' | 'like'> = {}) {
    this.code = code;
    this.status = status;
    this.say = say;
    this.like = like;
  }

  /** The request may have had its effect all the same: repeat it with the same id, never with a new one. */
  get outcomeUnknown(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

const TIMEOUT_MS = 15_000;
/** An unlock waits for the bank; the phone rather asks again, with the same id, than stares at one call for longer. */
const UNLOCK_TIMEOUT_MS = 45_000;
const BAD_GATEWAY = 502;

export const api = {
  me: () => get<MeView>('/api/me'),
  shopCase: (id: string) => get<CaseView>(`/api/cases/${encodeURIComponent(id)}`),
  visit: (id: string) => get<VisitView>(`/api/visits/${encodeURIComponent(id)}`),
  /** Asks for the staff's password where the browser has none yet. */
  staffWhy: (visitId: string) => get<WhyView>(`/api/staff/visits/${encodeURIComponent(visitId)}/why`),
  pictures: (visitId: string) => get<PicturesView>(`/api/visits/${encodeURIComponent(visitId)}/pictures`),
  staffPictures: (visitId: string) => get<PicturesView>(`/api/staff/visits/${encodeURIComponent(visitId)}/pictures`),
  visits: () => get<VisitsView>('/api/visits'),
  payDebt: (visitId: string) => post<PayView>(`/api/visits/${encodeURIComponent(visitId)}/pay`, {}),
  askCode: (body: CodeRequest) => post<undefined>('/api/sign-in/code', body),
  signIn: (body: SignInRequest) => post<MeView>('/api/sign-in', body),
  sessions: () => get<SessionsView>('/api/me/sessions'),
  /** `others`: all but this one. */
  endSession: (id: string) => post<undefined>(`/api/me/sessions/${encodeURIComponent(id)}/end`, {}),
  signOut: () => post<undefined>('/api/sign-out', {}),
  setUpCard: (body: CardSetupRequest) => post<CardSetupView>('/api/cards', body),
  unlock: (caseId: string, body: UnlockRequest) =>
    post<VisitView>(`/api/cases/${encodeURIComponent(caseId)}/unlock`, body, UNLOCK_TIMEOUT_MS),
  subscribe: (body: PushRequest) => post<undefined>('/api/push', body),
};

/** The visit's server-sent events. The caller closes it. */
export function openVisitStream(id: string): EventSource {
  return new EventSource(`/api/visits/${encodeURIComponent(id)}/live`);
}

let clockOffsetMs = 0;

/** The cloud's clock, as far as its answers told: a phone that is a minute off must not show a wrong countdown. */
export function cloudNowMs(): number {
  return Date.now() + clockOffsetMs;
}

export const get = <T>(path: string) => call<T>(path, { method: 'GET' }, TIMEOUT_MS);

export const post = <T>(path: string, body: object, timeoutMs = TIMEOUT_MS) =>
  call<T>(
    path,
    { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
    timeoutMs,
  );

async function call<T>(path: string, init: RequestInit, timeoutMs: number): Promise<T | ApiFault> {
  try {
    const response = await fetch(path, { ...init, cache: 'no-store', signal: AbortSignal.timeout(timeoutMs) });
    readClock(response);
    if (response.status === 204) return undefined as T;
    const body = parseJson(await response.text());
    if (!response.ok) {
      const { code = 'answer.invalid', ...more } = (body as Partial<ErrorView>)?.error ?? {};
      return new ApiFault(code, response.status, more);
    }
    return body === null ? new ApiFault('answer.invalid', BAD_GATEWAY) : (body as T);
  } catch (error) {
    const timedOut = error instanceof DOMException && error.name === 'TimeoutError';
    return new ApiFault(timedOut ? 'net.timeout' : 'net.unreachable', 0);
  }
}

/** A proxy's HTML page is not an answer: null. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** `Date` is cut to whole seconds; half of one is the best guess at the rest. */
function readClock(response: Response): void {
  const atMs = Date.parse(response.headers.get('date') ?? '');
  if (Number.isFinite(atMs)) clockOffsetMs = atMs + 500 - Date.now();
}
