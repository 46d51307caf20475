/**
 * The order in which a call tries a route's targets: first one of those that have a weight, by chance in proportion to
 * it; then the others as the route lists them. Without any weight it is the list as it stands.
 *
 * @param random 0 to 1, 1 excluded
 */
export function orderTargets<T extends { weight: number }>(targets: readonly T[], random: number): T[] {
  const total = targets.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return [...targets];
  let left = random * total;
  const chosen = targets.find(({ weight }) => {
    left -= weight;
    return weight > 0 && left < 0;
  });
  const first = chosen ?? targets.findLast(({ weight }) => weight > 0);
  return first === undefined ? [...targets] : [first, ...targets.filter((target) => target !== first)];
}
