import { Toast } from '@base-ui/react/toast';
import { CircleAlert, CircleCheck, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from './cx.ts';
import { popupClass } from './popup.ts';

const manager = Toast.createToastManager();

/** Says that something worked, with a way back when there is one. */
export function toast(title: string, options: { action?: { label: string; run: () => void }; description?: string } = {}): void {
  manager.add({
    title,
    ...(options.description === undefined ? {} : { description: options.description }),
    timeout: options.action ? 10_000 : 4_000,
    ...(options.action ? { actionProps: { children: options.action.label, onClick: options.action.run } } : {}),
  });
}

/** Says that something failed, why, and stays until it is read. */
export function toastError(title: string, why: string): void {
  manager.add({ title, description: why, type: 'error', timeout: 12_000, priority: 'high' });
}

export function ToastProvider({ children }: { children: ReactNode }): ReactNode {
  return (
    <Toast.Provider toastManager={manager} limit={4}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="fixed right-3 bottom-3 z-60 flex w-[min(380px,calc(100vw-24px))] flex-col gap-2">
          <Toasts />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function Toasts(): ReactNode {
  const { toasts } = Toast.useToastManager();
  return toasts.map((item) => (
    <Toast.Root key={item.id} toast={item} className={cx(popupClass, 'flex items-start gap-2.5 px-3 py-2.5')}>
      {item.type === 'error' ? (
        <CircleAlert size={16} strokeWidth={1.5} className="mt-0.5 shrink-0 text-worse" aria-hidden />
      ) : (
        <CircleCheck size={16} strokeWidth={1.5} className="mt-0.5 shrink-0 text-better" aria-hidden />
      )}
      <div className="min-w-0 flex-1">
        <Toast.Title className="font-medium" />
        <Toast.Description className="text-ink-2 wrap-anywhere" />
      </div>
      <Toast.Action className="shrink-0 rounded-sm px-1.5 font-medium text-accent-ink hover:bg-hover" />
      <Toast.Close aria-label="Dismiss" className="shrink-0 rounded-sm p-0.5 text-ink-3 hover:bg-hover hover:text-ink">
        <X size={14} strokeWidth={1.5} />
      </Toast.Close>
    </Toast.Root>
  ));
}
