import { openaiShape } from './openai.ts';
import type { Shape } from './shape.ts';

/* Azure's OpenAI service on the wire: OpenAI's shapes below /openai/deployments/NAME, with an API version and a key of its own header. */

export const azureShape: Shape = {
  ...openaiShape,
  recognises: (path) => /\/openai\/(?:deployments\/|models$)/.test(path),
  model: (body, path) => /\/deployments\/([^/]+)/.exec(path)?.[1] ?? openaiShape.model(body, path),
  refuse: (_path, _body, { url }) =>
    /^\d{4}-\d{2}-\d{2}(?:-preview)?$/.test(url.searchParams.get('api-version') ?? '')
      ? null
      : { status: 404, body: { error: { code: '404', message: 'Resource not found' } } },
  // The first piece tells what was filtered of the prompt and has no choices.
  events(path, body, behaviour) {
    const filtered = {
      choices: [],
      created: 0,
      id: '',
      model: '',
      object: '',
      prompt_filter_results: [{ prompt_index: 0, content_filter_results: {} }],
    };
    return [`data: ${JSON.stringify(filtered)}\n\n`, ...openaiShape.events(path, body, behaviour)];
  },
  error(status, model) {
    if (status === 401) {
      const message = 'Access denied due to invalid subscription key or wrong API endpoint.';
      return { error: { code: '401', message } };
    }
    if (status === 404)
      return { error: { code: 'DeploymentNotFound', message: `The API deployment for this resource does not exist: ${model}` } };
    if (status === 429)
      return { error: { code: '429', message: 'Requests have exceeded the token rate limit of your current pricing tier.' } };
    return openaiShape.error(status, model);
  },
  authorised: (headers) => (headers['api-key'] ?? '') !== '',
};
