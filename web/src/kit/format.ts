/** Numbers and times as a person reads them. Durations are milliseconds, money is USD. */

const thin = '\u202f';

/** 950, 12,400, 1.24 M. */
export function formatCount(value: number): string {
  if (Math.abs(value) < 1_000_000) return Math.round(value).toLocaleString('en-US');
  return Math.abs(value) < 1e9 ? `${(value / 1e6).toPrecision(3)}${thin}M` : `${(value / 1e9).toPrecision(3)}${thin}B`;
}

/** Axis and tile form: 950, 12.4k, 1.2M. */
export function formatShort(value: number): string {
  const size = Math.abs(value);
  if (size < 1000) return Number.isInteger(value) ? String(value) : Number(value.toPrecision(2)).toString();
  for (const [by, unit] of [
    [1e9, 'B'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (size >= by) return `${Number((value / by).toPrecision(size / by >= 100 ? 3 : 2))}${unit}`;
  }
  return String(value);
}

/** 340 ms, 1.24 s, 2 min 05 s. */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–';
  if (ms < 1) return `${ms <= 0 ? 0 : '<1'}${thin}ms`;
  if (ms < 1000) return `${Math.round(ms)}${thin}ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(ms < 9_995 ? 2 : 1)}${thin}s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}${thin}min ${String(seconds % 60).padStart(2, '0')}${thin}s`;
  return `${Math.floor(seconds / 3600)}${thin}h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')}${thin}min`;
}

/** Money with enough digits to be true: $1,204.50, $0.42, $0.00042. Unknown is not free. */
export function formatMoney(usd: number | null | undefined): string {
  if (usd === null || usd === undefined) return '–';
  if (usd === 0) return '$0';
  if (Math.abs(usd) >= 0.1) return `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  const digits = Math.min(8, 1 - Math.floor(Math.log10(Math.abs(usd))));
  return `$${usd.toFixed(digits)}`;
}

export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return '–';
  let value = bytes;
  for (const unit of ['B', 'KB', 'MB', 'GB']) {
    if (value < 1000) return `${value < 10 && unit !== 'B' ? value.toFixed(1) : Math.round(value)}${thin}${unit}`;
    value /= 1000;
  }
  return `${value.toFixed(1)}${thin}TB`;
}

/** A proportion from 0 to 1: 0.4 %, 12 %. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent === 0 || percent === 100) return `${percent}${thin}%`;
  return `${percent < 10 || percent > 90 ? percent.toFixed(1) : Math.round(percent)}${thin}%`;
}

/** `now`, `4 min`, `3 h`, `2 d`, then the date. */
export function formatAgo(at: string | Date, now: number): string {
  const time = new Date(at).getTime();
  if (Number.isNaN(time)) return '–';
  const seconds = Math.round((now - time) / 1000);
  if (seconds < -5) return `in ${span(-seconds)}`;
  if (seconds < 5) return 'now';
  if (seconds < 14 * 86_400) return `${span(seconds)} ago`;
  return formatDate(at, now);
}

function span(seconds: number): string {
  if (seconds < 60) return `${seconds}${thin}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}${thin}min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}${thin}h`;
  return `${Math.floor(seconds / 86_400)}${thin}d`;
}

/** 3 Nov, or 3 Nov 2025 when that is not this year. */
export function formatDate(at: string | Date, now: number): string {
  const date = new Date(at);
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }) });
}

/** In the viewer's zone, to the second: Mon 3 Nov 2025, 14:02:09. */
export function formatExact(at: string | Date): string {
  return new Date(at).toLocaleString('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
}

/** The end of an id, enough to tell one from another in a list. */
export function shortId(id: string): string {
  const dash = id.indexOf('_');
  const body = dash > 0 && dash < 6 ? id.slice(dash + 1) : id;
  return body.length <= 7 ? body : body.slice(-7);
}
