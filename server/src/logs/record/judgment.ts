import type { EditMeasures, JudgmentValue, Origin } from '@whetstone/contract';
import type { JudgmentSource, NewJudgment, StoredJudgment } from '../index.ts';
import { editMeasuresOf } from '@whetstone/domain';
import { timeText, microsOf } from './line.ts';
import { type SummaryRow } from './row.ts';

/** One row of table `judgments` as it is queued. */
export interface JudgmentRow {
  workspace_id: string;
  id: string;
  /** Microseconds since 1970. */
  at: number;
  row_version: number;
  deleted: 0 | 1;
  received_at: number;
  /** When the judge said it, by his clock but not later than ours. */
  said_at: number;
  evaluator_id: string;
  evaluator_version_id: string;
  log_id: string;
  source: JudgmentSource;
  judge: string;
  value_type: '' | 'boolean' | 'number' | 'labels' | 'text';
  value_boolean: 0 | 1 | null;
  value_number: number | null;
  value_labels: string[];
  value_text: string;
  reason: string;
  error: string;
  start_time: number | null;
  end_time: number | null;
  metadata_json: Record<string, unknown> | null;
  stdout: string;
  origin: Origin;
  key_id: string;
  log_at: number | null;
  log_kind: string;
  log_file_id: string;
  log_version_id: string;
  log_environment_id: string;
  log_unit: string;
  log_user: string;
  log_experiment_id: string;
  log_arm_id: string;
  log_session: string;
  monitor_id: string;
  edited: number | null;
  kept: number | null;
  edit_kind: '' | EditMeasures['kind'];
  edit_inserted: number;
  edit_deleted: number;
}

/** What a judgment copies from its log. */
export type JudgedRow = Pick<
  SummaryRow,
  'at' | 'kind' | 'file_id' | 'version_id' | 'environment_id' | 'unit' | 'end_user' | 'experiment_id' | 'arm_id' | 'session'
>;

export interface JudgmentContext {
  workspaceId: string;
  id: string;
  at: number;
  receivedAt: number;
  saidAt: number;
  rowVersion: number;
  /** The judged log when it is known. */
  log: JudgedRow | null;
  /** Its answer, where the judgment corrects it. */
  answer?: string | null;
}

export function judgmentRow(
  judgment: NewJudgment,
  { workspaceId, id, at, receivedAt, saidAt, rowVersion, log, answer }: JudgmentContext,
): JudgmentRow {
  return {
    workspace_id: workspaceId,
    id,
    at,
    row_version: rowVersion,
    deleted: 0,
    received_at: receivedAt,
    said_at: saidAt,
    evaluator_id: judgment.evaluatorId,
    evaluator_version_id: judgment.evaluatorVersionId,
    log_id: judgment.logId,
    source: judgment.source,
    judge: judgment.judge ?? '',
    ...typedValue(judgment.value),
    reason: judgment.reason ?? '',
    error: judgment.error ?? '',
    start_time: judgment.startTime ? judgment.startTime.getTime() * 1000 : null,
    end_time: judgment.endTime ? judgment.endTime.getTime() * 1000 : null,
    metadata_json: judgment.metadata ?? null,
    stdout: judgment.stdout ?? '',
    origin: judgment.origin,
    key_id: judgment.keyId ?? '',
    log_at: log?.at ?? null,
    log_kind: log?.kind ?? '',
    log_file_id: log?.file_id ?? '',
    log_version_id: log?.version_id ?? '',
    log_environment_id: log?.environment_id ?? '',
    log_unit: log?.unit ?? '',
    log_user: log?.end_user ?? '',
    log_experiment_id: log?.experiment_id ?? '',
    log_arm_id: log?.arm_id ?? '',
    log_session: log?.session ?? '',
    monitor_id: judgment.monitorId ?? '',
    ...editedValue(judgment.value, answer ?? null),
  };
}

function typedValue(
  value: JudgmentValue | null,
): Pick<JudgmentRow, 'value_type' | 'value_boolean' | 'value_number' | 'value_labels' | 'value_text'> {
  const none = { value_type: '' as const, value_boolean: null, value_number: null, value_labels: [], value_text: '' };
  if (value === null) return none;
  if (typeof value === 'boolean') return { ...none, value_type: 'boolean', value_boolean: value ? 1 : 0 };
  if (typeof value === 'number') return { ...none, value_type: 'number', value_number: value };
  if (Array.isArray(value)) return { ...none, value_type: 'labels', value_labels: value };
  return { ...none, value_type: 'text', value_text: value };
}

type Edited = Pick<JudgmentRow, 'edited' | 'kept' | 'edit_kind' | 'edit_inserted' | 'edit_deleted'>;
export const notEdited: Edited = { edited: null, kept: null, edit_kind: '', edit_inserted: 0, edit_deleted: 0 };

function editedValue(value: JudgmentValue | null, answer: string | null): Edited {
  if (answer === null || typeof value !== 'string') return notEdited;
  const { amount, kept, kind, inserted, deleted } = editMeasuresOf(answer, value);
  return { edited: amount, kept, edit_kind: kind, edit_inserted: inserted, edit_deleted: deleted };
}

export function valueOf(
  row: Pick<JudgmentRow, 'value_type' | 'value_boolean' | 'value_number' | 'value_labels' | 'value_text'>,
): JudgmentValue | null {
  switch (row.value_type) {
    case 'boolean':
      return row.value_boolean === 1;
    case 'number':
      return row.value_number;
    case 'labels':
      return row.value_labels;
    case 'text':
      return row.value_text;
    default:
      return null;
  }
}

const orNull = (text: string): string | null => (text === '' ? null : text);
const dateOf = (micros: number | null): Date | null => (micros === null ? null : new Date(micros / 1000));

export function toStoredJudgment(row: JudgmentRow): StoredJudgment {
  return {
    id: row.id,
    at: new Date(row.said_at / 1000),
    rowVersion: row.row_version,
    evaluatorId: row.evaluator_id,
    evaluatorVersionId: row.evaluator_version_id,
    logId: row.log_id,
    source: row.source,
    judge: orNull(row.judge),
    value: valueOf(row),
    reason: orNull(row.reason),
    error: orNull(row.error),
    startTime: dateOf(row.start_time),
    endTime: dateOf(row.end_time),
    metadata: row.metadata_json,
    stdout: orNull(row.stdout),
    origin: row.origin,
    keyId: orNull(row.key_id),
    monitorId: orNull(row.monitor_id),
    receivedAt: new Date(row.received_at / 1000),
    edit:
      row.edited === null || row.edit_kind === ''
        ? null
        : { amount: row.edited, kept: row.kept ?? 0, kind: row.edit_kind, inserted: row.edit_inserted, deleted: row.edit_deleted },
  };
}

const timeColumns = ['at', 'received_at', 'said_at', 'start_time', 'end_time', 'log_at'] as const;

export function toJudgmentLine(row: JudgmentRow): Buffer {
  const { workspace_id, id, ...rest } = row;
  const line: Record<string, unknown> = { workspace_id, id, ...rest };
  for (const column of timeColumns) line[column] = row[column] === null ? null : timeText(row[column]);
  return Buffer.from(JSON.stringify(line));
}

export function fromJudgmentLine(line: Buffer): JudgmentRow {
  const row = JSON.parse(line.toString('utf8')) as Record<string, unknown>;
  for (const column of timeColumns) row[column] = typeof row[column] === 'string' ? microsOf(row[column]) : null;
  // Lines that were queued before a judgment had these.
  return { ...notEdited, ...row, said_at: row['said_at'] ?? row['at'] } as unknown as JudgmentRow;
}
