import type Validator from 'validator';

/**
 * Personal data that has a form: found by pattern, and where the form has a check digit kept only when it is right.
 * Names, addresses and all else that is known by its meaning is not found.
 */

export const personalKinds = ['email', 'phone', 'credit_card', 'iban', 'us_ssn', 'ip_address', 'secret_key'] as const;
export type PersonalKind = (typeof personalKinds)[number];

export interface PersonalFind {
  kind: PersonalKind;
  /** UTF-16 offsets, end excluded. */
  start: number;
  end: number;
}

interface Detector {
  /** Every part is bounded, so that a search takes linear time. */
  pattern: RegExp;
  /** Whether what the pattern found is what it looks like. */
  holds?: (match: string, validator: typeof Validator) => boolean;
}

const digitsOf = (text: string): string => text.replaceAll(/\D/g, '');

const detectors: Record<PersonalKind, Detector> = {
  email: { pattern: /(?<![\w.+%-])[\w.+%-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![a-z0-9-])/gi },
  // Luhn's check digit (ISO/IEC 7812-1) and the issuers' ranges.
  credit_card: { pattern: /(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])/g, holds: (match, { isCreditCard }) => isCreditCard(digitsOf(match)) },
  // The country's length and modulo 97 (ISO 13616).
  iban: { pattern: /(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![A-Za-z0-9])/g, holds: (match, { isIBAN }) => isIBAN(match) },
  // Never issued: area 000, 666 and 900 to 999, group 00, serial 0000 (Social Security Administration, 2011).
  us_ssn: { pattern: /(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])/g },
  // E.164: a plus and 8 to 15 digits; or North America's ten with separators, neither part beginning with 0 or 1.
  phone: {
    pattern: /(?<![\w+])(?:\+[1-9](?:[ ().-]{0,2}\d){7,14}|(?:1[ .-])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-])[2-9]\d{2}[ .-]\d{4})(?![\w-])/g,
  },
  ip_address: {
    pattern: /(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?![\w:]|\.\d)/gi,
    // `::` stands in code and prose; loopback and the unspecified address are nobody's.
    holds: (match, { isIP }) => isIP(match) && !/^(?:::1?|0\.0\.0\.0|127\.[\d.]+)$/.test(match),
  },
  // Forms that the issuers document: OpenAI and Anthropic, AWS, GitHub, Slack, Google, Stripe, private keys.
  secret_key: {
    pattern:
      /(?<![\w-])(?:sk-[\w-]{20,200}|(?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{36,200}|xox[abposr]-[\w-]{10,200}|AIza[\w-]{35}|[rs]k_live_[A-Za-z0-9]{20,200})(?![\w-])|-----BEGIN (?:[A-Z]{1,20} ){0,2}PRIVATE KEY-----/g,
  },
};

/** In the order of the text; where two kinds claim the same place, the one with the check digit, else the first. */
export async function loadPersonalData(): Promise<(text: string, kinds: readonly PersonalKind[]) => PersonalFind[]> {
  const { default: validator } = await import('validator');
  return (text, kinds) => findPersonalData(text, kinds, validator);
}

function findPersonalData(text: string, kinds: readonly PersonalKind[], validator: typeof Validator): PersonalFind[] {
  const claims = kinds.flatMap((kind) => {
    const { pattern, holds } = detectors[kind];
    return [...text.matchAll(pattern)]
      .filter(([match]) => holds?.(match, validator) ?? true)
      .map((match) => ({
        kind,
        start: match.index,
        end: match.index + match[0].length,
        checked: kind === 'credit_card' || kind === 'iban',
      }));
  });
  const kept: PersonalFind[] = [];
  let end = -1;
  for (const { kind, start, end: to } of claims.sort((a, b) => a.start - b.start || Number(b.checked) - Number(a.checked))) {
    if (start < end) continue;
    kept.push({ kind, start, end: to });
    end = to;
  }
  return kept;
}
