import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Journeys first: they take longest, and what waits in one leaves the processor to the small tests that fill up the end. */
class JourneysFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isJourney = ({ moduleId }: TestSpecification): number => (moduleId.includes('/e2e/') ? 1 : 0);
    return (await super.sort(files)).toSorted((a, b) => isJourney(b) - isJourney(a));
  }
}

export default defineConfig({
  test: {
    globalSetup: ['server/src/test/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: JourneysFirst },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'journeys',
          include: ['e2e/src/**/*.test.ts'],
          // Published clients put tracers and more into globals.
          isolate: true,
          // They drive browsers, several processes and published clients against the clock of whatever machine they are on.
          // One that passes only when tried again is named at the end of the run: a defect to mend, not a reason to hold work back.
          retry: 1,
        },
      },
      {
        extends: true,
        test: {
          name: 'rooms',
          include: ['{contract,statistics,simulate,domain,evaluators,sandbox,sdk,server,web}/src/**/*.test.ts'],
          // Nothing in the project keeps state in a module or mocks one, so files that share a process cannot disturb each
          // other; a process for each would spend a second of processor on reading the same modules again.
          isolate: false,
        },
      },
    ],
  },
});
