import type { McpTool } from '../tool.ts';
import { evaluationTools } from './evaluations.ts';
import { fileTools } from './files.ts';
import { logTools } from './logs.ts';

export const tools: readonly McpTool[] = [...fileTools, ...logTools, ...evaluationTools];
