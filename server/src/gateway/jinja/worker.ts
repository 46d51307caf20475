import { parentPort } from 'node:worker_threads';
import type { AnyObject, Template } from '@whetstone/contract';
import { renderJinja } from '@whetstone/domain';

/** Renders one template a message: the thread is ended from outside when it takes too long. */
interface Job {
  template: Template;
  inputs: AnyObject;
  results: Map<string, string>;
}

// The first rendering compiles the engine, which is no template's fault.
renderJinja('{% for x in [1] %}{{ x }}{% endfor %}', {});
parentPort?.on('message', ({ template, inputs, results }: Job) => {
  parentPort?.postMessage(renderJinja(template, inputs, { results }));
});
parentPort?.postMessage('ready');
