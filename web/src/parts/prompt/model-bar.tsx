import type { PromptKernel } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { Braces, SlidersHorizontal, Wrench } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { query } from '../../api/query.ts';
import { Button } from '../../kit/button.tsx';
import { Popover } from '../../kit/popover.tsx';
import { withField } from './kernel.ts';
import { ModelPicker } from './model-picker.tsx';
import { Parameters } from './parameters.tsx';
import { ResponseFormatEditor } from './response-format.tsx';
import { ToolsEditor } from './tools-editor.tsx';

export interface ModelBarProps {
  kernel: PromptKernel;
  onChange: (kernel: PromptKernel) => void;
  /** Of a judge: it calls no tools, and the form of its answer is given. */
  judge?: boolean;
}

/** Model, parameters, tools and answer format in one line; each opens where it stands. */
export function ModelBar({ kernel, onChange, judge = false }: ModelBarProps): ReactNode {
  const models = useQuery({ ...query('models.list'), staleTime: 60_000 });
  const routes = useQuery({ ...query('routes.list'), staleTime: 60_000 });
  const [tools, setTools] = useState(false);
  const toolCount = (kernel.tools?.length ?? 0) + (kernel.linked_tools?.length ?? 0);
  const format = kernel.response_format?.type ?? 'text';
  return (
    <div className="hairline-b flex shrink-0 flex-wrap items-center gap-1 px-2 py-1.5 lg:px-4">
      <ModelPicker
        model={kernel.model}
        provider={kernel.provider ?? null}
        choices={models.data?.records ?? []}
        routes={(routes.data?.records ?? []).map(({ name }) => name)}
        onChange={(model, provider) => onChange(withField({ ...kernel, model }, 'provider', provider))}
      />
      <Popover
        className="w-[min(380px,calc(100vw-16px))]"
        trigger={
          <Button look="quiet" icon={SlidersHorizontal} className="gap-2">
            <Summary kernel={kernel} />
          </Button>
        }
      >
        <Parameters kernel={kernel} onChange={onChange} />
      </Popover>
      {!judge && (
        <>
          <Button look="quiet" icon={Wrench} onClick={() => setTools(true)}>
            {toolCount === 0 ? 'Tools' : toolCount === 1 ? '1 tool' : `${toolCount} tools`}
          </Button>
          <Popover
            align="end"
            className="w-[min(520px,calc(100vw-16px))]"
            trigger={
              <Button look="quiet" icon={Braces}>
                {format === 'text' ? 'Text' : format === 'json_object' ? 'JSON' : 'JSON schema'}
              </Button>
            }
          >
            <ResponseFormatEditor
              value={kernel.response_format ?? null}
              onChange={(value) => onChange(withField(kernel, 'response_format', value))}
            />
          </Popover>
          <ToolsEditor open={tools} onClose={() => setTools(false)} kernel={kernel} onChange={onChange} />
        </>
      )}
    </div>
  );
}

/** The parameters that are set, in the fewest characters. */
function Summary({ kernel }: { kernel: PromptKernel }): ReactNode {
  const parts: [string, unknown][] = [
    ['temp', kernel.temperature],
    ['max', kernel.max_tokens === -1 ? null : kernel.max_tokens],
    ['top p', kernel.top_p],
    ['effort', kernel.reasoning_effort],
    ['seed', kernel.seed],
    ['stop', kernel.stop == null ? null : [kernel.stop].flat().length],
  ];
  const set = parts.filter(([, value]) => value !== null && value !== undefined);
  if (set.length === 0) return 'Parameters';
  return set.map(([name, value]) => (
    <span key={name} className="flex items-baseline gap-1">
      <span className="text-ink-3">{name}</span>
      <span className="num">{String(value)}</span>
    </span>
  ));
}
