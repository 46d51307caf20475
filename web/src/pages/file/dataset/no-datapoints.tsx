import { PenLine, Sparkles, Upload } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../../kit/button.tsx';
import { Code } from '../../../kit/code.tsx';
import { Empty } from '../../../kit/notice.tsx';
import type { DatasetTool } from './dataset-page.tsx';

/** An empty dataset: what a datapoint is, and every way to the first. */
export function NoDatapoints({
  path,
  mayWrite,
  onTool,
  onStart,
}: {
  path: string;
  mayWrite: boolean;
  onTool: (tool: DatasetTool) => void;
  onStart: () => void;
}): ReactNode {
  const url = window.location.origin;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <Empty
        title="No datapoints yet"
        action={
          mayWrite && (
            <div className="flex flex-wrap gap-2">
              <Button look="primary" icon={PenLine} onClick={onStart}>
                Write the first
              </Button>
              <Button icon={Upload} onClick={() => onTool('import')}>
                Import CSV or JSONL
              </Button>
              <Button icon={Sparkles} onClick={() => onTool('generate')}>
                Generate with a model
              </Button>
            </div>
          )
        }
      >
        Each is a case to run a prompt on: inputs, messages, and what should come out. From the logs page, select logs and choose “Add to
        dataset”. Or by the API:
      </Empty>
      <div className="mx-auto -mt-8 w-full max-w-xl px-4 pb-10">
        <Code
          text={`curl ${url}/v5/datasets -H "X-API-KEY: YOUR_KEY" -H "Content-Type: application/json" -d '{\n  "path": ${JSON.stringify(path)},\n  "action": "add",\n  "datapoints": [\n    { "inputs": { "question": "Where is my order?" }, "target": { "output": "On its way" } }\n  ]\n}'`}
        />
      </div>
    </div>
  );
}
