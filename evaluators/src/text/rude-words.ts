/** English swear words and slurs, also disguised (`sh1t`), by the list of the package obscenity. */

export type FindRudeWords = (text: string) => number;

export async function loadRudeWords(): Promise<FindRudeWords> {
  const { englishDataset, englishRecommendedTransformers, RegExpMatcher } = await import('obscenity');
  const matcher = new RegExpMatcher({ ...englishDataset.build(), ...englishRecommendedTransformers });
  return (text) => matcher.getAllMatches(text).length;
}
