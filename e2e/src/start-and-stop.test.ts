import { describe, expect, it } from 'vitest';
import { startWhetstone } from './whetstone.ts';

describe('starting and stopping', () => {
  it('a stop right after ready waits for what was begun in the background, and ends with 0', async () => {
    const whetstone = await startWhetstone({ env: { WHETSTONE_DEMO: '1' } });
    const code = await whetstone.kill('SIGTERM');
    expect(whetstone.stderr()).not.toContain('could not');
    expect(code).toBe(0);
    const again = await startWhetstone({ dataDir: whetstone.dataDir });
    expect((await fetch(`${again.url}/readyz`)).status).toBe(200);
    await again.close();
  }, 90_000);

  it('refuses an address that others reach while there is no owner', async () => {
    await expect(startWhetstone({ firstVisit: true, env: { HOST: '0.0.0.0' } })).rejects.toThrow(/WHETSTONE_INIT_EMAIL/);
  });

  it('names the variable that is wrong in one line', async () => {
    await expect(startWhetstone({ env: { PORT: 'eighty' } })).rejects.toThrow(/PORT is "eighty"/);
  });
});
