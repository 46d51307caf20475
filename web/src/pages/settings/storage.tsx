import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { type Answer } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { Badge } from '../../kit/badge.tsx';
import { formatBytes, formatCount, formatDuration } from '../../kit/format.ts';
import { Notice } from '../../kit/notice.tsx';
import { Loaded, Panel, Row, Rows, Title } from './panel.tsx';

type Status = Answer<'storage.get'>;
const askMs = 3_000;

export function StorageSettings(): ReactNode {
  const status = useQuery({ ...query('storage.get'), refetchInterval: askMs });
  return (
    <Panel title="Storage and intake" about="Where this server keeps things, and how far it is behind. Looked at every few seconds.">
      <Loaded query={status} rows={4}>
        {(data) => (
          <>
            {data.intake.error !== null && (
              <Notice kind="error" title="The intake queue is in trouble" className="mb-4">
                {data.intake.error}
              </Notice>
            )}
            <Rows>
              {[
                <Row key="pg">
                  <Title
                    sub={
                      data.edition.control === 'embedded'
                        ? 'embedded PostgreSQL: files, versions, people, keys'
                        : 'PostgreSQL server: files, versions, people, keys'
                    }
                  >
                    Control data
                  </Title>
                  <Health ok={data.postgres.ok} error={data.postgres.error} />
                  <Figure>{formatBytes(data.postgres.bytes)}</Figure>
                </Row>,
                <Row key="ch">
                  <Title
                    sub={
                      data.edition.logs === 'embedded' ? 'embedded ClickHouse: logs and judgments' : 'ClickHouse server: logs and judgments'
                    }
                  >
                    Logs
                  </Title>
                  <Health ok={data.clickhouse.ok} error={data.clickhouse.error} />
                  <Figure>
                    {data.clickhouse.logs === null ? '–' : `${formatCount(data.clickhouse.logs)} logs`},{' '}
                    {formatBytes(data.clickhouse.bytes)}
                  </Figure>
                </Row>,
                <Row key="intake">
                  <Title sub="written to disk, not yet in the store; readable by id all the same">Intake queue</Title>
                  <Waiting intake={data.intake} />
                  <Figure>{formatCount(data.intake.waiting)} waiting</Figure>
                </Row>,
                <Row key="disk">
                  <Title sub="of the data directory">Disk</Title>
                  <Figure>{formatBytes(data.disk.free_bytes)} free</Figure>
                </Row>,
                <Row key="sandbox">
                  <Title sub={wallsOf(data.sandbox)}>Sandbox</Title>
                  <span>{data.sandbox.level ?? 'not probed yet'}</span>
                  <Figure>{data.sandbox.python === null ? 'no Python' : `Python ${data.sandbox.python}`}</Figure>
                </Row>,
              ]}
            </Rows>
            {data.intake.dropped > 0 && (
              <Notice kind="warning" className="mt-4" title={`${formatCount(data.intake.dropped)} logs could not be kept`}>
                The disk refused them. Free some space; new logs are tried again at once.
              </Notice>
            )}
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function Health({ ok, error }: { ok: boolean; error: string | null }): ReactNode {
  return (
    <span className="flex items-center gap-2">
      {error !== null && <span className="max-w-64 truncate text-meta text-worse">{error}</span>}
      <Badge tone={ok ? 'better' : 'worse'}>{ok ? 'answers' : 'away'}</Badge>
    </span>
  );
}

function Waiting({ intake }: { intake: Status['intake'] }): ReactNode {
  const behind = intake.oldest_seconds ?? 0;
  if (behind < 10) return <Badge tone="better">keeps up</Badge>;
  return <Badge tone="undecided">{formatDuration(behind * 1000)} behind</Badge>;
}

function Figure({ children }: { children: ReactNode }): ReactNode {
  return <span className="num text-right max-sm:ml-auto sm:min-w-40">{children}</span>;
}

const walls: Record<string, string> = {
  'hardened+ns': 'code of evaluators and tools runs in a jail with namespaces of its own',
  hardened: 'code of evaluators and tools runs in a jail, without namespaces of its own',
  'wasm-only': 'JavaScript runs in WebAssembly without a jail, Python not at all',
  'python-disabled': 'JavaScript runs in a jail, Python not at all',
};

/** What the level means, and why it is no higher. */
function wallsOf({ level, why }: { level: string | null; why: string | null }): string {
  const said = walls[level ?? ''] ?? 'where code of evaluators and tools runs';
  return why === null ? said : `${said}: ${why}`;
}
