/** A data URL of a kind that browsers show without running anything in it: not SVG. */
export function isPictureData(url: string): boolean {
  return /^data:image\/(?:png|jpe?g|gif|webp|avif);/i.test(url);
}

/** What kind of image a data URL holds and how many bytes, as far as its length tells; null for any other address. */
export function dataFacts(url: string): { type: string; bytes: number } | null {
  const head = /^data:image\/([\w.+-]+)[^,]*,/i.exec(url);
  if (head === null) return null;
  const length = url.replace(/=+$/, '').length - head[0].length;
  return { type: (head[1] ?? '').toLowerCase(), bytes: /;base64,$/i.test(head[0]) ? Math.floor((length * 3) / 4) : length };
}

/** A text with its data URLs cut down to what tells them apart: kind, size and a few characters of a sum. */
export function shortened(text: string): string {
  return text.replaceAll(/data:image\/[\w.+-]+;base64,[A-Za-z0-9+/=]{64,}/g, (url) => {
    const facts = dataFacts(url);
    return `[${facts?.type ?? 'image'}, ${facts?.bytes ?? 0} bytes, ${sum(url)}]`;
  });
}

/** FNV-1a: not to be trusted against malice, but two pictures that differ look different. */
function sum(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
