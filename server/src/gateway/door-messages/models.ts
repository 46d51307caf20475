interface Row {
  id: string;
  created: number;
}
interface Model {
  type: 'model';
  id: string;
  display_name: string;
  created_at: string;
}

/** A row of the list of models in Anthropic's shape, for its clients. */
export function anthropicModel({ id, created }: Row): Model {
  return { type: 'model', id, display_name: id, created_at: new Date(created * 1000).toISOString() };
}

/** All of them are one page. */
export function anthropicModels(rows: readonly Row[]): {
  data: Model[];
  has_more: boolean;
  first_id: string | null;
  last_id: string | null;
} {
  return { data: rows.map(anthropicModel), has_more: false, first_id: rows[0]?.id ?? null, last_id: rows.at(-1)?.id ?? null };
}
