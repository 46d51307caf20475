import { parseArgs } from 'node:util';
import { type FileKind, fileKinds } from '@whetstone/contract';
import type { Api } from '../client/api.ts';
import { Whetstone } from '../whetstone.ts';
import { readName } from './formats/index.ts';
import { UsageError } from './usage.ts';

export interface Options {
  api: Api;
  directory: string;
  /** A file or directory of the workspace; null: everything. */
  path: string | null;
  environment: string | null;
  kinds: FileKind[];
  dryRun: boolean;
  /** Also delete in the workspace what was deleted here. */
  remove: boolean;
  /** Save what is here although the workspace has something newer. */
  force: boolean;
  /** Exit with 1 when the sides differ. */
  check: boolean;
  message: string | null;
}

const defaultDirectory = 'whetstone';

/** Options of the commands about files, from the words of the call and the environment. */
export function readOptions(args: readonly string[], environment: Record<string, string | undefined>): Options {
  const { values, positionals } = parsed(args);
  if (positionals.length > 1) throw new UsageError(`One path at a time; \`${positionals[1]}\` is one too many.`);
  const unknown = (values.type ?? []).find((type) => !(fileKinds as readonly string[]).includes(type));
  if (unknown !== undefined) throw new UsageError(`--type is one of ${fileKinds.join(', ')}, not \`${unknown}\`.`);
  const apiKey = values['api-key'] ?? environment['WHETSTONE_API_KEY'];
  if (apiKey === undefined || apiKey === '')
    throw new UsageError(
      'Say which workspace: put an API key into WHETSTONE_API_KEY, or give it with --api-key. Keys are made under Settings, API keys.',
    );
  const { api } = new Whetstone({ apiKey, baseUrl: values.url ?? environment['WHETSTONE_BASE_URL'], logging: false });
  return {
    api,
    directory: values.dir ?? environment['WHETSTONE_DIR'] ?? defaultDirectory,
    path: pathOf(positionals[0]),
    environment: values.environment ?? null,
    kinds: (values.type ?? []) as FileKind[],
    dryRun: values['dry-run'] ?? false,
    remove: values.delete ?? false,
    force: values.force ?? false,
    check: values.check ?? false,
    message: values.message ?? null,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        dir: { type: 'string', short: 'd' },
        environment: { type: 'string', short: 'e' },
        type: { type: 'string', short: 't', multiple: true },
        'dry-run': { type: 'boolean', short: 'n' },
        delete: { type: 'boolean' },
        force: { type: 'boolean' },
        check: { type: 'boolean' },
        message: { type: 'string', short: 'm' },
        url: { type: 'string' },
        'api-key': { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message.split('. ')[0] + '.' : 'The options cannot be read.');
  }
}

/** `support/answer`, `support/answer.prompt` and `support/` all name what they look like. */
function pathOf(given: string | undefined): string | null {
  const path = given?.replaceAll('\\', '/').replace(/^\.?\/+|\/+$/g, '') ?? '';
  return path === '' || path === '.' ? null : (readName(path)?.path ?? path);
}
