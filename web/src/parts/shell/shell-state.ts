import { createContext, use } from 'react';

/** What the pages may ask of the frame around them. */
export interface ShellState {
  /** Opens the side bar (a drawer on a phone), or closes it. */
  toggle: () => void;
  openCommands: () => void;
}
export const ShellContext = createContext<ShellState>({ toggle: () => undefined, openCommands: () => undefined });
export function useShell(): ShellState {
  return use(ShellContext);
}
