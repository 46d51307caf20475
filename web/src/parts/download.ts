import { currentWorkspace, send } from '../api/client.ts';
import { messageOf } from '../api/errors.ts';
import { toast, toastError } from '../kit/toast.tsx';
import { gathered } from './gather.ts';

/** Saves what an endpoint streams. A link could not name the workspace, which travels in a header. */
export async function downloadFrom(url: string, name: string): Promise<void> {
  toast(`Preparing ${name}`);
  try {
    const { body, headers } = await send(url, {
      credentials: 'same-origin',
      headers: { 'x-whetstone-workspace': currentWorkspace() ?? '' },
    });
    const type = headers.get('content-type') ?? '';
    saveBlob(body === null ? new Blob([], { type }) : await gathered(body, type), name);
  } catch (error) {
    toastError(`${name} was not saved`, messageOf(error));
  }
}

export function saveBlob(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
