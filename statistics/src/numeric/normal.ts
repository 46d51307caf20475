import { gammaUpper } from './gamma.ts';

/** P(Z ≤ z) of the standard normal, by the incomplete gamma function; relative error under 1e-13 in the lower tail too. */
export function normalCdf(z: number): number {
  const tail = gammaUpper(0.5, (z * z) / 2) / 2;
  return z < 0 ? tail : 1 - tail;
}

const near = {
  over: [
    3.3871328727963665, 133.141_667_891_784_38, 1_971.590_950_306_551_3, 13_731.693_765_509_46, 45_921.953_931_549_87, 67_265.770_927_008_7,
    33_430.575_583_588_13, 2_509.080_928_730_122_7,
  ],
  under: [
    1, 42.313_330_701_600_91, 687.187_007_492_057_9, 5_394.196_021_424_751, 21_213.794_301_586_597, 39_307.895_800_092_71,
    28_729.085_735_721_943, 5226.495278852854,
  ],
};
const middle = {
  over: [
    1.423_437_110_749_683_5, 4.630_337_846_156_546, 5.769_497_221_460_691, 3.647_848_324_763_204_5, 1.270_458_252_452_368_4,
    0.241_780_725_177_450_6, 0.022_723_844_989_269_184, 0.0007745450142783414,
  ],
  under: [
    1, 2.053_191_626_637_759, 1.676_384_830_183_803_8, 0.689_767_334_985_1, 0.148_103_976_427_480_08, 0.015_198_666_563_616_457,
    0.0005475938084995345, 1.050_750_071_644_416_9e-9,
  ],
};
const far = {
  over: [
    6.657_904_643_501_103, 5.463_784_911_164_114, 1.784_826_539_917_291_3, 0.296_560_571_828_504_87, 0.026_532_189_526_576_124,
    0.001_242_660_947_388_078_4, 0.000027115555687434876, 2.010_334_399_292_288_1e-7,
  ],
  under: [
    1, 0.599_832_206_555_888, 0.136_929_880_922_735_8, 0.014_875_361_290_850_615, 0.0007868691311456133, 0.000018463183175100548,
    1.421_511_758_316_446e-7, 2.0442631033899397e-15,
  ],
};

function ratio({ over, under }: { over: number[]; under: number[] }, x: number): number {
  const at = (coefficients: number[]) => coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);
  return at(over) / at(under);
}

/**
 * The standard normal's quantile: M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied
 * Statistics 37 (1988) 477-484, PPND16; relative error about 1e-16. 0 and 1 give ∓Infinity.
 *
 * @throws RangeError outside 0 to 1
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`${p} is not a probability.`);
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(near, 0.180_625 - q * q);
  const tail = q < 0 ? p : 1 - p;
  if (tail === 0) return q < 0 ? -Infinity : Infinity;
  const r = Math.sqrt(-Math.log(tail));
  const z = r <= 5 ? ratio(middle, r - 1.6) : ratio(far, r - 5);
  return q < 0 ? -z : z;
}

/** The z of a two-sided interval: 1.959964 for 0.95. @throws RangeError unless 0 < level < 1 */
export function zOf(level: number): number {
  checkLevel(level);
  return -normalQuantile((1 - level) / 2);
}

/** @throws RangeError unless 0 < level < 1 */
export function checkLevel(level: number): void {
  if (!(level > 0 && level < 1)) throw new RangeError(`A level of ${level} is not between 0 and 1.`);
}
