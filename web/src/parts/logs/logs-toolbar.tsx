import { Columns3, Download } from 'lucide-react';
import type { ReactNode } from 'react';
import { urlOf } from '../../api/client.ts';
import { IconButton } from '../../kit/button.tsx';
import { Button } from '../../kit/button.tsx';
import { formatExact } from '../../kit/format.ts';
import { Menu, MenuCheck, MenuItem, MenuLabel } from '../../kit/menu.tsx';
import { Select } from '../../kit/select.tsx';
import { AddToDatasetButton } from '../dataset/add-to-dataset-button.tsx';
import type { LogsToAdd } from '../dataset/add-to-dataset.tsx';
import { downloadFrom } from '../download.ts';
import { columns as allColumns } from './columns.tsx';
import { FacetsMenu } from './facets-menu.tsx';
import { FilterBar } from './filter-bar.tsx';
import type { LogFilters } from './filters.ts';
import { defaultRange, type LogSearch, type Range, ranges } from './log-range.ts';
import type { LogsViewProps } from './logs-view.tsx';
import type { Facets } from './use-facets.ts';

export interface LogsToolbarProps {
  search: LogSearch;
  onSearch: LogsViewProps['onSearch'];
  filters: LogFilters;
  facets: Facets;
  error: string | null;
  columns: string[];
  onColumns: (columns: string[]) => void;
  hiddenFacets: string[];
}

export function LogsToolbar({ search, onSearch, filters, facets, error, columns, onColumns, hiddenFacets }: LogsToolbarProps): ReactNode {
  const setText = (q: string) => onSearch({ q: q === '' ? undefined : q }, true);
  const brushed = search.from !== undefined || search.to !== undefined;
  const save = (format: 'csv' | 'jsonl') => void downloadFrom(urlOf('logs.export', { query: { ...filters, format } }), `logs.${format}`);
  return (
    <div className="flex flex-wrap items-center gap-2 px-4 pt-3">
      <FilterBar value={search.q ?? ''} facets={facets} error={error} onChange={setText} />
      <FacetsMenu facets={facets} value={search.q ?? ''} onChange={setText} hidden={hiddenFacets} />
      {brushed ? (
        <Button
          onClick={() => onSearch({ from: undefined, to: undefined }, true)}
          title={`${search.from ? formatExact(search.from) : 'start'} to ${search.to ? formatExact(search.to) : 'now'}`}
          className="h-8 text-accent-ink"
        >
          Chosen time ×
        </Button>
      ) : (
        <Select
          label="Time"
          value={(search.range ?? defaultRange) as Range}
          options={ranges}
          onChange={(range) => onSearch({ range: range === defaultRange ? undefined : range }, true)}
          className="w-36 max-md:flex-1"
        />
      )}
      <Menu trigger={<IconButton icon={Columns3} label="Columns" className="size-8 max-md:hidden" />} className="w-52">
        <MenuLabel>Columns</MenuLabel>
        {allColumns.map((column) => (
          <MenuCheck
            key={column.id}
            checked={columns.includes(column.id)}
            onChange={(on) => onColumns(on ? [...columns, column.id] : columns.filter((id) => id !== column.id))}
          >
            {column.label}
          </MenuCheck>
        ))}
      </Menu>
      <Menu trigger={<IconButton icon={Download} label="Export this list" className="size-8 max-md:hidden" />}>
        <MenuLabel>Every log of this list</MenuLabel>
        <MenuItem onSelect={() => save('csv')}>CSV</MenuItem>
        <MenuItem onSelect={() => save('jsonl')}>JSON lines</MenuItem>
      </Menu>
      <span className="max-md:hidden">
        <AddToDatasetButton iconOnly logs={logsOf(filters)} what="every log of this list" />
      </span>
    </div>
  );
}

/** The list as a rule: what it finds when the cases are made. */
function logsOf({ filter, file_id, start_date, end_date }: LogFilters): LogsToAdd {
  const [file] = Array.isArray(file_id) ? file_id : [file_id];
  return { filter: filter ?? '', file_id: file, start_date, end_date };
}
