import type { Template, TemplateLanguage } from '@whetstone/contract';
import { jinjaVariables } from './jinja.ts';
import { templateVariables } from './template.ts';

/** The names that a template needs in `inputs`, in order of appearance, in either dialect. */
export function variables(template: Template | null | undefined, language?: TemplateLanguage | null): string[] {
  return language === 'jinja' ? jinjaVariables(template) : templateVariables(template);
}
