/** Finding what matters in a text, as far as a simulation needs it. */

const common = new Set(
  'a about after all also am an and any are as at be because been but by can could did do does for from get had has have how i if in into is it its just like me my no not of on or our out please so some than that the their them then there they this to up us was we were what when where which who why will with would you your customer question context answer'.split(
    ' ',
  ),
);

/** Words that carry meaning, cut to a stem of six letters so that "refunds" meets "refunded". */
export function stems(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? []).filter((word) => !common.has(word)).map((word) => word.slice(0, 6));
}

export function overlap(wanted: ReadonlySet<string>, text: string): number {
  const found = new Set(stems(text).filter((stem) => wanted.has(stem)));
  return found.size;
}

export function sentences(text: string): string[] {
  return text
    .split(/(?<=[.!?])\s+|\n+/)
    .map((sentence) => sentence.replace(/^[\s\-*#>•\d.)\]]+(?=\p{L})/u, '').trim())
    .filter((sentence) => sentence.length > 2);
}

/** The retrieved passages of a request: what stands in a context tag or under a heading that says so. */
export function passages(all: string): string[] {
  const tagged = [...all.matchAll(/<(context|documents?|sources?|knowledge|passages?|articles?)[^>]*>([\s\S]*?)<\/\1>/gi)].map(
    (match) => match[2] ?? '',
  );
  const headed = [
    ...all.matchAll(
      /(?:^|\n)#*\s*(?:retrieved |relevant |help[- ]cent(?:er|re) )?(?:context|documents|sources|knowledge base|passages|articles|documentation)[^\n:]{0,30}:\s*\n?([\s\S]*?)(?=\n\s*(?:#+ |question|customer|user|query|instructions?|conversation)\b[^\n]{0,40}:|$)/gi,
    ),
  ].map((match) => match[1] ?? '');
  const found = tagged.length > 0 ? tagged : headed;
  return found
    .flatMap((text) => text.split(/\n\s*\n|\n(?=\s*(?:[-*•]|\[?\d+[\].)]))/))
    .map((text) => text.trim())
    .filter((text) => text.length > 10);
}
