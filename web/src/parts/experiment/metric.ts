import type { MetricSpec } from '@whetstone/contract';
import { metricUnit, parseMetric } from '@whetstone/domain';
import { formatCount, formatDuration, formatMoney, formatShare } from '../../kit/format.ts';

/** Metrics in the words of those who ask for them, and their numbers as a person reads them. */

type Whole = Required<Pick<MetricSpec, 'value' | 'per_unit' | 'direction' | 'missing'>>;
export interface MetricChoice extends Whole {
  id: string;
  label: string;
  /** What it is called in a sentence. */
  name: string;
  hint: string;
}

const shareOfUsers = (value: string, direction: 'up' | 'down') => ({ value, per_unit: 'any', direction, missing: 'zero' }) as const;

/** What most teams decide by; the rest is a formula. */
export const metricChoices: readonly MetricChoice[] = [
  {
    id: 'votes',
    label: 'More good votes',
    name: 'users who vote good',
    hint: 'Share of users who ever voted good.',
    ...shareOfUsers('vote:good', 'up'),
  },
  {
    id: 'accepted',
    label: 'More accepted answers',
    name: 'users who accept',
    hint: 'Share of users who accepted an answer.',
    ...shareOfUsers('action:accepted', 'up'),
  },
  {
    id: 'edited',
    label: 'Less editing',
    name: 'amount edited',
    hint: 'How much of an answer users change before they use it; untouched answers count as 0.',
    value: 'edited',
    per_unit: 'mean',
    direction: 'down',
    missing: 'zero',
  },
  {
    id: 'regenerated',
    label: 'Fewer asked again',
    name: 'users who ask again',
    hint: 'Share of users who had an answer regenerated.',
    ...shareOfUsers('action:regenerated', 'down'),
  },
  {
    id: 'errors',
    label: 'Fewer errors',
    name: 'users with an error',
    hint: 'Share of users for whom a call failed.',
    ...shareOfUsers('error', 'down'),
  },
  {
    id: 'latency',
    label: 'Faster answers',
    name: 'latency',
    hint: 'Mean time to the end of an answer, per user.',
    value: 'latency',
    per_unit: 'mean',
    direction: 'down',
    missing: 'drop',
  },
  {
    id: 'cost',
    label: 'Lower cost',
    name: 'cost per user',
    hint: 'What a user’s calls cost together.',
    value: 'cost',
    per_unit: 'sum',
    direction: 'down',
    missing: 'drop',
  },
];

export function choiceOf(spec: Pick<MetricSpec, 'value' | 'per_unit' | 'direction'>): MetricChoice | undefined {
  return metricChoices.find((one) => one.value === spec.value && one.per_unit === spec.per_unit && one.direction === spec.direction);
}

/** What a metric is called: its own name, the usual words, else its formula. */
export function metricName(spec: Pick<MetricSpec, 'name' | 'value' | 'per_unit' | 'direction'>): string {
  return spec.name ?? metricChoices.find((one) => one.value === spec.value && one.per_unit === spec.per_unit)?.name ?? spec.value;
}

/** The same at the beginning of a line; a formula stays as it is. */
export function metricTitle(spec: Parameters<typeof metricName>[0]): string {
  const name = metricName(spec);
  return name === spec.value && spec.name == null && !/^[a-z]+$/.test(name) ? name : name.charAt(0).toUpperCase() + name.slice(1);
}

/** Why a formula cannot be read; null when it can. */
export function metricProblem(value: string): string | null {
  const parsed = parseMetric(value);
  return parsed.ok ? null : `${parsed.error.message} (character ${parsed.error.position + 1})`;
}

/** `%`, `USD`, `ms`, `tokens`, or nothing; a formula that cannot be read has none. */
export function unitOfMetric(spec: Pick<MetricSpec, 'value' | 'per_unit' | 'cap'>): string {
  const parsed = parseMetric(spec.value);
  return parsed.ok ? metricUnit(parsed, spec) : '';
}

export function formatMetric(unit: string, value: number | null): string {
  if (value === null) return '–';
  if (unit === '%') return value < 0 || value > 1 ? `${plain(value * 100)}\u202f%` : formatShare(value);
  if (unit === 'USD') return formatMoney(value);
  if (unit === 'ms') return value < 0 ? `−${formatDuration(-value)}` : formatDuration(value);
  return `${plain(value)}${unit === '' || unit === 'points' ? '' : `\u202f${unit}`}`;
}

/** A difference without its sign: `3.1 points`, `120 ms`. */
export function formatMetricSize(unit: string, value: number): string {
  const size = Math.abs(value);
  if (unit !== '%') return formatMetric(unit, size);
  const points = Number((size * 100).toFixed(size < 0.001 ? 2 : 1));
  return `${points} ${points === 1 ? 'point' : 'points'}`;
}

/** A difference with its sign; zero has none. */
export function formatMetricDifference(unit: string, value: number | null): string {
  if (value === null) return '–';
  return `${value > 0 ? '+' : value < 0 ? '−' : ''}${formatMetricSize(unit, value)}`;
}

function plain(value: number): string {
  const size = Math.abs(value);
  const text = size >= 1000 ? formatCount(size) : String(Number(size.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3)));
  return value < 0 && text !== '0' ? `−${text}` : text;
}

/** In which unit a difference is typed, and how much of the metric's own unit one of it is. */
export function typedUnit(unit: string): { label: string; per: number } {
  if (unit === '%') return { label: 'points', per: 0.01 };
  return { label: unit === 'USD' ? 'USD' : unit, per: 1 };
}

/** Days as people say them. */
export function formatDays(days: number): string {
  if (days < 1 / 24) return `${Math.max(1, Math.ceil(days * 1440))} minutes`;
  if (days < 1) return `${Math.ceil(days * 24)} ${Math.ceil(days * 24) === 1 ? 'hour' : 'hours'}`;
  const said = days < 10 ? Number(days.toFixed(1)) : Math.ceil(days);
  return `${said < 10 ? said : formatCount(said)} ${said === 1 ? 'day' : 'days'}`;
}

/** A window as people say it. */
export function formatWindow(hours: number): string {
  if (hours < 1 / 60) return `${Math.round(hours * 3600)} seconds`;
  if (hours < 1) return `${Number((hours * 60).toFixed(1))} minutes`;
  if (hours < 48) return `${Number(hours.toFixed(1))} ${hours === 1 ? 'hour' : 'hours'}`;
  return `${Number((hours / 24).toFixed(1))} days`;
}
