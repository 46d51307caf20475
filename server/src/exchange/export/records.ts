import type { CarriedMonitor } from '../../monitors/index.ts';
import type { CarriedFile, Environment, Snapshot } from '../../files/index.ts';
import type { StoredJudgment, StoredLog } from '../../logs/index.ts';
import type { ExportedPerson } from './people.ts';

/**
 * Records of the export. They are v5's answers without what is counted or follows from other records, with keys of ours for
 * what v5 does not say; a log names its version and does not repeat it.
 */

type Person = (id: string | null) => ExportedPerson | null;
/** What the references of records are looked up in. */
export interface Names {
  environments: ReadonlyMap<string, Environment>;
  files: ReadonlyMap<string, CarriedFile>;
}

export function fileRecord(
  file: CarriedFile,
  versionIds: readonly string[],
  monitors: readonly CarriedMonitor[],
  names: Names,
  by: Person,
) {
  return {
    id: file.id,
    type: file.kind,
    path: file.path,
    name: file.path.split('/').at(-1),
    description: file.description,
    readme: file.readme,
    tags: file.tags,
    created_at: file.createdAt.toISOString(),
    created_by: by(file.createdBy),
    updated_at: file.updatedAt.toISOString(),
    hidden: file.hidden,
    /** Oldest first: some may have been made at one moment. */
    versions: versionIds,
    evaluators: monitors.map((monitor) => monitorRecord(monitor, names, by)),
  };
}

function monitorRecord({ evaluatorId, evaluatorVersionId, environmentId, ...monitor }: CarriedMonitor, names: Names, by: Person) {
  const path = names.files.get(evaluatorId)?.path ?? null;
  const environment = names.environments.get(environmentId ?? '');
  const watched = names.environments.get(monitor.watchedEnvironmentId ?? '');
  return {
    version_reference:
      evaluatorVersionId === null
        ? { type: 'environment', file: { id: evaluatorId, path }, environment: environmentRecord(environment) }
        : { type: 'version', version: { id: evaluatorId, path, version_id: evaluatorVersionId } },
    state: monitor.state,
    // Ours:
    id: monitor.id,
    /** Null: of all. */
    environment: environmentRecord(watched),
    filter: monitor.filter,
    rate: monitor.rate,
    budget_usd: monitor.budgetUsd,
    created_at: monitor.createdAt.toISOString(),
    created_by: by(monitor.createdBy),
    updated_at: monitor.updatedAt.toISOString(),
  };
}

function environmentRecord(environment: Environment | undefined) {
  return environment === undefined ? null : { id: environment.id, name: environment.name, tag: tagOf(environment) };
}

function tagOf({ isDefault }: Environment): 'default' | 'other' {
  return isDefault ? 'default' : 'other';
}

export function versionRecord({ kind, file, version, environments }: Snapshot, by: Person) {
  const { kernel } = version;
  return {
    id: file.id,
    type: kind,
    path: file.path,
    version_id: version.id,
    version_name: version.name,
    version_description: version.description,
    status: version.status,
    created_at: version.createdAt.toISOString(),
    created_by: by(version.createdBy),
    parent_version_id: version.parentVersionId,
    environments: environments.map(environmentRecord),
    ...withoutDigest(kernel),
  };
}

/** It follows from the datapoints. */
function withoutDigest(kernel: object): object {
  const { datapoints_digest: _digest, ...rest } = kernel as { datapoints_digest?: unknown };
  return rest;
}

export function deploymentRecords(versions: readonly Snapshot[]) {
  return versions.flatMap(({ version, environments }) =>
    environments.map((environment) => ({
      version_id: version.id,
      environment_id: environment.id,
      environment_name: environment.name,
      environment_tag: tagOf(environment),
    })),
  );
}

export function logRecord(log: StoredLog, names: Names) {
  return {
    id: log.id,
    type: log.kind,
    created_at: log.at.toISOString(),
    start_time: iso(log.startTime),
    end_time: iso(log.endTime),
    output: log.output,
    output_message: log.outputMessage,
    messages: log.messages,
    inputs: log.inputs,
    error: log.error,
    stdout: log.stdout,
    tool_choice: log.toolChoice,
    source: log.source,
    metadata: log.metadata,
    provider_latency: log.latencyMs === null ? null : log.latencyMs / 1000,
    provider_request: log.providerRequest,
    provider_response: log.providerResponse,
    prompt_tokens: log.promptTokens,
    output_tokens: log.outputTokens,
    reasoning_tokens: log.reasoningTokens,
    prompt_cost: log.promptCost,
    output_cost: log.outputCost,
    finish_reason: log.finishReason,
    source_datapoint_id: log.datapointId,
    trace_parent_id: log.traceParentId,
    trace_id: log.traceId,
    user: log.user,
    environment: names.environments.get(log.environmentId ?? '')?.name ?? null,
    save: log.save,
    log_status: log.logStatus,
    batches: log.runId === null ? [] : [log.runId],
    [log.kind]: { ...fileStub(log.fileId, names), version_id: log.versionId },
    // Ours:
    status: log.status,
    origin: log.origin,
    session: log.session,
    unit: log.unit,
    reference_id: log.referenceId,
    model: log.model,
    provider_name: log.provider,
    latency_ms: log.latencyMs,
    first_token_ms: log.firstTokenMs,
    cached_tokens: log.cachedTokens,
    estimated: log.estimated,
    text_repaired: log.textRepaired,
    late: log.late,
    counterfactual_of: log.counterfactualOf,
    key_id: log.keyId,
    experiment_id: log.experimentId,
    arm_id: log.armId,
  };
}

export function judgmentRecord(judgment: StoredJudgment, names: Names) {
  return {
    id: judgment.id,
    type: 'evaluator',
    parent_id: judgment.logId,
    judgment: judgment.value,
    created_at: judgment.at.toISOString(),
    start_time: iso(judgment.startTime),
    end_time: iso(judgment.endTime),
    error: judgment.error,
    stdout: judgment.stdout,
    metadata: judgment.metadata,
    evaluator: { ...fileStub(judgment.evaluatorId, names), version_id: judgment.evaluatorVersionId },
    // Ours:
    judgment_source: judgment.source,
    judge: judgment.judge,
    reason: judgment.reason,
    origin: judgment.origin,
    key_id: judgment.keyId,
  };
}

function fileStub(id: string, { files }: Names) {
  return { id, path: files.get(id)?.path ?? null };
}

export function iso(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
