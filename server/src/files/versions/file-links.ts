import { AppError } from '@whetstone/contract';
import { listEnvironments } from '../deployments/store.ts';
import { aKind, kinds } from '../kinds/index.ts';
import type { FileLink } from '../kinds/kind.ts';
import type { FileTransaction } from '../tables.ts';
import type { Saving } from './save.ts';
import { filesOfVersions, kindsOfFiles } from './store.ts';

/**
 * Of what an agent links, nothing may lead nowhere. What an import brings is kept as it was: what it linked may be gone.
 * @throws AppError 422 naming the link
 */
export async function checkFileLinks(tx: FileTransaction, { scope, kind, kernel, input }: Saving): Promise<void> {
  const linked = kinds[kind].linkedFiles?.(kernel as never);
  const [first] = linked?.links ?? [];
  if (linked === undefined || first === undefined || input.versionId !== undefined) return;
  const { workspaceId } = scope;
  const { links } = linked;
  const versionIds = links.flatMap(({ versionId }) => (versionId === null ? [] : [versionId]));
  const [known, files, environments] = [
    await kindsOfFiles(tx, workspaceId, [...new Set(links.map(({ fileId }) => fileId))]),
    await filesOfVersions(tx, workspaceId, [...new Set(versionIds)]),
    links.some(({ environmentId }) => environmentId !== null) ? await listEnvironments(tx, workspaceId) : [],
  ];
  for (const link of links) {
    const found = known.get(link.fileId);
    if (found === undefined) throw leadsNowhere(link, 'file_id', `There is no file \`${link.fileId}\``);
    if (!linked.kinds.includes(found))
      throw leadsNowhere(link, 'file_id', `\`${link.fileId}\` is ${aKind(found)}, which no agent can call`);
    if (link.versionId !== null && files.get(link.versionId) !== link.fileId)
      throw leadsNowhere(link, 'version_id', `\`${link.fileId}\` has no version \`${link.versionId}\``);
    if (link.environmentId !== null && !environments.some(({ id }) => id === link.environmentId))
      throw leadsNowhere(link, 'environment_id', `There is no environment \`${link.environmentId}\``);
  }
}

function leadsNowhere(link: FileLink, field: string, msg: string): AppError {
  return new AppError('invalid_input', `${msg}.`, { details: [{ loc: [...link.loc, field], msg, type: 'value_error' }] });
}
