// Small notes kept on the phone. A browser that keeps none (private mode, blocked storage) is no error: it just forgets.

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {}
}

export function forget(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch {}
}
