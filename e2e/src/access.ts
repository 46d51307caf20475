import axe from 'axe-core';
import type { Page } from 'playwright-core';

interface Finding {
  id: string;
  nodes: { target: unknown[]; failureSummary?: string }[];
}

/** What axe finds against WCAG 2.2 A and AA in the page as it stands, a line each. */
export async function accessProblems(page: Page): Promise<string[]> {
  await page.locator('h1, h2').first().waitFor();
  await page.waitForTimeout(400);
  await page.evaluate(axe.source);
  const findings = await page.evaluate<Finding[]>(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then((result) => result.violations)`,
  );
  return findings.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} at ${String(target[0])}: ${failureSummary}`));
}
