import type { Asked, NativeCall } from '../room.ts';
import type { Provider } from '../providers/table.ts';

/** The call in its own shape when the provider speaks that, else null: it is translated. */
export function nativeFor(asked: Asked, provider: Provider): NativeCall | null {
  return asked.native !== undefined && provider.shapes?.includes(asked.native.shape) === true ? asked.native : null;
}
