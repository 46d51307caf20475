/** English swear words and slurs, also disguised (`sh1t`), by the list of the package obscenity. */

export type HasRudeWords = (text: string) => boolean;

export async function loadRudeWords(): Promise<HasRudeWords> {
  const { englishDataset, englishRecommendedTransformers, RegExpMatcher } = await import('obscenity');
  const matcher = new RegExpMatcher({ ...englishDataset.build(), ...englishRecommendedTransformers });
  return (text) => matcher.hasMatch(text);
}
