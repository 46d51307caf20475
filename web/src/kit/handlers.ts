/** Both handlers of one event, the given one first. */
export function joined<E>(given: ((event: E) => void) | undefined, own: (event: E) => void): (event: E) => void {
  return (event) => {
    given?.(event);
    own(event);
  };
}
