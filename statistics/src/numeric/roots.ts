/**
 * Where a rising or falling function crosses zero between two points, by the ITP method: I. F. D. Oliveira and R. H. C.
 * Takahashi, "An enhancement of the bisection method average performance preserving minmax optimality", ACM TOMS 47 (2020) 5;
 * never more steps than bisection plus one. A function that does not change sign gives the end at which it is nearer to zero.
 */
export function bisect(f: (x: number) => number, from: number, to: number, tolerance = 1e-13): number {
  let a = from;
  let b = to;
  let fa = f(a);
  let fb = f(b);
  if (fa === 0) return a;
  if (fb === 0) return b;
  if (fa > 0 === fb > 0) return Math.abs(fa) <= Math.abs(fb) ? a : b;
  const epsilon = Math.max(tolerance * Math.max(1, Math.abs(a), Math.abs(b)), 1e-300);
  const limit = Math.ceil(Math.log2((b - a) / (2 * epsilon))) + 1;
  const k1 = 0.2 / (b - a);
  for (let j = 0; b - a > 2 * epsilon && j < limit + 2; j += 1) {
    const half = (a + b) / 2;
    const radius = Math.max(0, epsilon * 2 ** (limit - j) - (b - a) / 2);
    const delta = k1 * (b - a) ** 2;
    const finite = Number.isFinite(fa) && Number.isFinite(fb);
    const secant = finite ? (fb * a - fa * b) / (fb - fa) : half;
    const sign = Math.sign(half - secant);
    const truncated = delta <= Math.abs(half - secant) ? secant + sign * delta : half;
    const x = Math.abs(truncated - half) <= radius ? truncated : half - sign * radius;
    const fx = f(x);
    if (fx === 0) return x;
    if (fx > 0 === fb > 0) {
      b = x;
      fb = fx;
    } else {
      a = x;
      fa = fx;
    }
  }
  return (a + b) / 2;
}

/** Where a function with one valley between two points is lowest: golden section (J. Kiefer 1953). */
export function minimise(f: (x: number) => number, from: number, to: number, tolerance = 1e-8): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  let a = from;
  let b = to;
  let c = b - golden * (b - a);
  let d = a + golden * (b - a);
  let fc = f(c);
  let fd = f(d);
  while (b - a > tolerance) {
    if (fc < fd) {
      [b, d, fd] = [d, c, fc];
      c = b - golden * (b - a);
      fc = f(c);
    } else {
      [a, c, fc] = [c, d, fd];
      d = a + golden * (b - a);
      fd = f(d);
    }
  }
  return (a + b) / 2;
}

/** Simpson's rule with an even number of panels. */
export function simpson(f: (x: number) => number, from: number, to: number, panels: number): number {
  const step = (to - from) / panels;
  let sum = f(from) + f(to);
  for (let i = 1; i < panels; i += 1) sum += (i % 2 === 1 ? 4 : 2) * f(from + i * step);
  return (sum * step) / 3;
}
