import type { Storage } from '../../storage/index.ts';
import type { Price } from '../index.ts';

interface Tables {
  prices: {
    workspace_id: string;
    provider: string;
    model: string;
    input_per_million: string | null;
    output_per_million: string | null;
    cached_input_per_million: string | null;
    updated_at: Date;
  };
}

/** A workspace's own rows of the price table. */
export interface PriceStore {
  read(workspaceId: string): Promise<Price[]>;
  write(workspaceId: string, price: Omit<Price, 'source'>): Promise<void>;
  remove(workspaceId: string, model: string, provider: string): Promise<void>;
  removeAll(workspaceId: string): Promise<void>;
}

export function createPriceStore(storage: Pick<Storage, 'database'>, clock: () => Date): PriceStore {
  const db = storage.database<Tables>();
  return {
    async read(workspaceId) {
      const rows = await db
        .selectFrom('prices')
        .selectAll()
        .where('workspace_id', '=', workspaceId)
        .orderBy('provider')
        .orderBy('model')
        .execute();
      return rows.map((row) => ({
        model: row.model,
        provider: row.provider,
        inputPerMillion: numberOf(row.input_per_million),
        outputPerMillion: numberOf(row.output_per_million),
        cachedInputPerMillion: numberOf(row.cached_input_per_million),
        source: 'workspace' as const,
      }));
    },
    async write(workspaceId, price) {
      const values = {
        input_per_million: textOf(price.inputPerMillion),
        output_per_million: textOf(price.outputPerMillion),
        cached_input_per_million: textOf(price.cachedInputPerMillion),
        updated_at: clock(),
      };
      await db
        .insertInto('prices')
        .values({ workspace_id: workspaceId, provider: price.provider, model: price.model, ...values })
        .onConflict((conflict) => conflict.columns(['workspace_id', 'provider', 'model']).doUpdateSet(values))
        .execute();
    },
    async remove(workspaceId, model, provider) {
      await db
        .deleteFrom('prices')
        .where('workspace_id', '=', workspaceId)
        .where('model', '=', model)
        .where('provider', '=', provider)
        .execute();
    },
    async removeAll(workspaceId) {
      await db.deleteFrom('prices').where('workspace_id', '=', workspaceId).execute();
    },
  };
}

function numberOf(value: string | null): number | null {
  return value === null ? null : Number(value);
}
function textOf(value: number | null): string | null {
  return value === null ? null : String(value);
}
