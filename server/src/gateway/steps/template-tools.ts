import { AppError, type AnyObject, type PromptKernel, type Scope, type ToolFunction } from '@whetstone/contract';
import { functionOfFile, listCalls, listJinjaCalls, snippetEntries } from '@whetstone/domain';
import type { Snapshot } from '../../files/index.ts';
import type { Room } from '../room.ts';

/** Results of `{{ tool("argument") }}` in a template: snippets of the workspace, found by path or by name. */
export async function snippetResults(room: Room, scope: Scope, kernel: PromptKernel, inputs: AnyObject): Promise<Map<string, string>> {
  const results = new Map<string, string>();
  const calls = kernel.template_language === 'jinja' ? listJinjaCalls(kernel.template, inputs) : listCalls(kernel.template, inputs);
  for (const call of calls) {
    const { snapshot } = await room.files.resolve(scope, 'tool', { path: call.name }).catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'not_found') throw unknownTool(call.name);
      throw error;
    });
    results.set(call.key, snippet(snapshot as Snapshot<'tool'>, call.args));
  }
  return results;
}

function snippet(tool: Snapshot<'tool'>, args: readonly unknown[]): string {
  const { kernel } = tool.version;
  const { name } = tool.file;
  if (kernel.tool_type !== 'snippet') throw refused(`The tool \`${name}\` is no snippet; only snippets can stand in a template.`);
  const key = typeof args[0] === 'string' ? args[0] : args[0] === undefined ? '' : JSON.stringify(args[0]);
  const entries = snippetEntries(kernel.setup_values ?? {});
  const value = entries.get(key);
  if (value === undefined)
    throw refused(
      `The snippet \`${name}\` has nothing under \`${key}\`; it has ${
        [...entries.keys()]
          .slice(0, 10)
          .map((item) => `\`${item}\``)
          .join(', ') || 'no entries'
      }.`,
    );
  return value;
}

/** The functions of a version's linked tools. Versions never change, so each is read once. */
export async function linkedTools(room: Room, scope: Scope, kernel: PromptKernel): Promise<ToolFunction[]> {
  const ids = kernel.linked_tools ?? [];
  if (ids.length === 0) return [];
  const found = await room.files.versionsById(scope, ids);
  return ids.map((id) => {
    const snapshot = found.get(id);
    if (snapshot?.kind !== 'tool') throw refused(`The linked tool \`${id}\` does not exist.`);
    return functionOfFile(snapshot.file, (snapshot as Snapshot<'tool'>).version.kernel.function, snapshot.inputs);
  });
}

function unknownTool(name: string): AppError {
  return refused(`The template calls \`${name}\`, but there is no tool at this path.`);
}

function refused(message: string): AppError {
  return new AppError('invalid_input', message, { details: [{ loc: ['body', 'template'], msg: message, type: 'value_error.template' }] });
}
