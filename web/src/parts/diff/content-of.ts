import type { FileKind, Kernels } from '@whetstone/contract';
import { kernelOf } from '@whetstone/domain';
import type { VersionedFile } from '../file-query.ts';

/** What a version consists of, out of a file as the API answers it. */
export function contentOf(file: VersionedFile): Kernels[FileKind] {
  switch (file.type) {
    case 'prompt':
      return kernelOf(file);
    case 'tool':
      return {
        function: file.function,
        source_code: file.source_code,
        setup_values: file.setup_values,
        tool_type: file.tool_type,
        attributes: file.attributes,
      };
    case 'evaluator':
      return { spec: file.spec };
    case 'flow':
      return { attributes: file.attributes };
  }
}
