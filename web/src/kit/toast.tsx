import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react';
import { cx } from './cx.ts';

interface Toast {
  id: number;
  title: string;
  description: string | null;
  failed: boolean;
  action: { label: string; run: () => void } | null;
  timeoutMs: number;
}

const most = 4;
const listeners = new Set<() => void>();
let toasts: readonly Toast[] = [];
let count = 0;

function show(toast: Omit<Toast, 'id'>): void {
  count += 1;
  change([...toasts, { ...toast, id: count }].slice(-most));
}
function change(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}
function dismiss(id: number): void {
  change(toasts.filter((toast) => toast.id !== id));
}

/** Says that something worked, with a way back when there is one. */
export function toast(title: string, options: { action?: { label: string; run: () => void }; description?: string } = {}): void {
  show({
    title,
    description: options.description ?? null,
    failed: false,
    action: options.action ?? null,
    timeoutMs: options.action ? 10_000 : 4_000,
  });
}

/** Says that something failed and why, and stays long enough to be read. */
export function toastError(title: string, why: string): void {
  show({ title, description: why, failed: true, action: null, timeoutMs: 15_000 });
}

/** Where toasts appear. Screen readers are told of each; the pointer over one keeps it. */
export function Toasts(): ReactNode {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <div
      role="status"
      aria-live="polite"
      className="pointer-events-none fixed right-3 bottom-3 z-60 flex w-[min(380px,calc(100vw-24px))] flex-col gap-2"
    >
      {shown.map((one) => (
        <ToastView key={one.id} toast={one} />
      ))}
    </div>
  );
}

function ToastView({ toast: { id, title, description, failed, action, timeoutMs } }: { toast: Toast }): ReactNode {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = window.setTimeout(() => dismiss(id), timeoutMs);
    return () => window.clearTimeout(timer);
  }, [held, id, timeoutMs]);
  const Icon = failed ? CircleAlert : CircleCheck;
  return (
    <div
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      className="pointer-events-auto flex animate-[appear_120ms_ease-out] items-start gap-2.5 rounded-lg bg-raised px-3 py-2.5 text-ink shadow-float"
    >
      <Icon size={16} strokeWidth={1.5} className={cx('mt-0.5 shrink-0', failed ? 'text-worse' : 'text-better')} aria-hidden />
      <div className="min-w-0 flex-1">
        <div className="font-medium">{title}</div>
        {description !== null && <div className="text-ink-2 wrap-anywhere">{description}</div>}
      </div>
      {action !== null && (
        <button
          type="button"
          onClick={() => {
            action.run();
            dismiss(id);
          }}
          className="shrink-0 rounded-sm px-1.5 font-medium text-accent-ink hover:bg-hover"
        >
          {action.label}
        </button>
      )}
      <button
        type="button"
        aria-label="Dismiss"
        onClick={() => dismiss(id)}
        className="shrink-0 rounded-sm p-0.5 text-ink-3 hover:bg-hover hover:text-ink"
      >
        <X size={14} strokeWidth={1.5} aria-hidden />
      </button>
    </div>
  );
}
