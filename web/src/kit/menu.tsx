import { type ComponentProps, createContext, type ReactNode, use } from 'react';
import type * as Parts from './menu-popup.tsx';
import { OnDemand } from './on-demand.tsx';

const load = () => import('./menu-popup.tsx');
/** The loaded parts, for what stands in a menu: it is drawn only once the menu is there. */
const Loaded = createContext<typeof Parts | null>(null);

/** A menu that opens from its trigger. */
export function Menu(props: ComponentProps<typeof Parts.Menu>): ReactNode {
  return (
    <OnDemand trigger={props.trigger} popup="menu" load={load}>
      {(parts) => (
        <Loaded value={parts}>
          <parts.Menu {...props} />
        </Loaded>
      )}
    </OnDemand>
  );
}

export function MenuItem(props: ComponentProps<typeof Parts.MenuItem>): ReactNode {
  const parts = use(Loaded);
  return parts && <parts.MenuItem {...props} />;
}
export function MenuCheck(props: ComponentProps<typeof Parts.MenuCheck>): ReactNode {
  const parts = use(Loaded);
  return parts && <parts.MenuCheck {...props} />;
}
export function MenuRadio(props: ComponentProps<typeof Parts.MenuRadio>): ReactNode {
  const parts = use(Loaded);
  return parts && <parts.MenuRadio {...props} />;
}
export function MenuLabel(props: ComponentProps<typeof Parts.MenuLabel>): ReactNode {
  const parts = use(Loaded);
  return parts && <parts.MenuLabel {...props} />;
}
export function MenuLine(): ReactNode {
  const parts = use(Loaded);
  return parts && <parts.MenuLine />;
}
