import { useStored } from '../kit/stored.ts';

export type Theme = 'system' | 'light' | 'dark';

/** The theme of this browser. It is kept as plain text: `public/assets/theme-1.js` reads it before the first paint. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useStored<Theme>('whetstone.theme.choice', initialTheme());
  return [
    theme,
    (next) => {
      setTheme(next);
      if (next === 'system') {
        delete document.documentElement.dataset.theme;
        localStorage.removeItem('whetstone.theme');
      } else {
        document.documentElement.dataset.theme = next;
        localStorage.setItem('whetstone.theme', next);
      }
    },
  ];
}

function initialTheme(): Theme {
  const theme = document.documentElement.dataset.theme;
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}
