import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { TipProvider } from '../kit/tip.tsx';
import { ToastProvider } from '../kit/toast.tsx';
import '../styles.css';
import { queryClient } from './query-client.ts';
import { router } from './router.tsx';

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <TipProvider delay={400}>
          <ToastProvider>
            <RouterProvider router={router} />
          </ToastProvider>
        </TipProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
