/** Nito T.M.'s Efficient Language Detector (ELD): n-grams, 60 languages. Its table is read when it is first needed. */

export interface DetectedLanguage {
  /** ISO 639-1; empty when there is nothing to go by. */
  code: string;
  /** ELD's own judgment by the amount of text and the distance to the next language. */
  reliable: boolean;
}

export type DetectLanguage = (text: string) => DetectedLanguage;

/** Enough to know a language by. */
const sampledChars = 10_000;

export async function loadLanguages(): Promise<{ detect: DetectLanguage; codes: ReadonlySet<string> }> {
  const { eld } = await import('eld/small');
  return {
    codes: new Set(Object.values(eld.info().Languages)),
    detect: (text) => {
      const found = eld.detect(text.slice(0, sampledChars));
      return { code: found.language, reliable: found.isReliable() };
    },
  };
}
