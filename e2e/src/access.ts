import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const engine = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Finding {
  id: string;
  nodes: { target: unknown[]; failureSummary?: string }[];
}

/** What axe finds against WCAG 2.2 A and AA in the page as it stands, a line each. */
export async function accessProblems(page: Page): Promise<string[]> {
  await page.locator('h1, h2').first().waitFor();
  await page.waitForTimeout(400);
  await page.evaluate(engine);
  const findings = await page.evaluate<Finding[]>(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then((result) => result.violations)`,
  );
  return findings.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} at ${String(target[0])}: ${failureSummary}`));
}
