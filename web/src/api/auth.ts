import { send } from './client.ts';

/** Calls below `/api/auth`, which are not part of the endpoint table. */
export async function auth<T = unknown>(path: string, body: Record<string, unknown> = {}): Promise<T> {
  const response = await send(`/api/auth${path}`, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return (text === '' ? {} : JSON.parse(text)) as T;
}

/** Reads from below `/api/auth`. */
export async function authGet<T>(path: string): Promise<T> {
  const response = await send(`/api/auth${path}`, { credentials: 'same-origin', headers: { accept: 'application/json' } });
  return (await response.json()) as T;
}

/** Ends this browser's session and forgets what it had loaded. */
export async function signOut(): Promise<void> {
  await auth('/sign-out');
  window.location.assign('/sign-in');
}
