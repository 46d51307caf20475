/** What a developer copies to send one kind of feedback: it runs as it is, with the workspace's own address. */

export type Sent = 'votes' | 'actions' | 'corrections';
export type Program = 'curl' | 'typescript' | 'python' | 'browser';
export const programs = [
  { value: 'curl', label: 'curl' },
  { value: 'typescript', label: 'TypeScript' },
  { value: 'python', label: 'Python' },
  { value: 'browser', label: 'Browser script' },
] as const satisfies { value: Program; label: string }[];

export interface Facts {
  /** Origin of the server, without a slash at its end. */
  url: string;
  key: string;
  /** Of a log that is there, else a place for one. */
  logId: string;
}

const said: Record<Sent, { kind: string; value: string }> = {
  votes: { kind: 'vote', value: 'good' },
  actions: { kind: 'action', value: 'copied' },
  corrections: { kind: 'correction', value: 'What the user made of it' },
};

export function snippet(program: Program, sent: Sent, facts: Facts): string {
  return makers[program](sent, facts);
}

const makers: Record<Program, (sent: Sent, facts: Facts) => string> = {
  curl: (sent, { url, key, logId }) =>
    [
      `curl ${url}/v5/feedback \\`,
      `  -H "X-API-KEY: ${key}" -H "Content-Type: application/json" \\`,
      `  -d '{`,
      `    "log_id": "${logId}",`,
      `    "kind": "${said[sent].kind}",`,
      `    "value": "${said[sent].value}",`,
      `    "user": "user-42"`,
      `  }'`,
    ].join('\n'),
  typescript: (sent, { url, key, logId }) =>
    [
      `await fetch('${url}/v5/feedback', {`,
      `  method: 'POST',`,
      `  headers: { 'X-API-KEY': '${key}', 'Content-Type': 'application/json' },`,
      `  body: JSON.stringify({`,
      `    log_id: '${logId}', // header x-whetstone-log-id of the answer`,
      `    kind: '${said[sent].kind}',`,
      `    value: '${said[sent].value}',`,
      `    user: 'user-42',`,
      `  }),`,
      `});`,
    ].join('\n'),
  python: (sent, { url, key, logId }) =>
    [
      `import requests`,
      ``,
      `requests.post("${url}/v5/feedback", headers={"X-API-KEY": "${key}"}, json={`,
      `    "log_id": "${logId}",  # header x-whetstone-log-id of the answer`,
      `    "kind": "${said[sent].kind}",`,
      `    "value": "${said[sent].value}",`,
      `    "user": "user-42",`,
      `}).raise_for_status()`,
    ].join('\n'),
  browser: (sent, { url, key, logId }) =>
    [`<script src="${url}/whetstone.js" data-key="${key}" data-user="user-42" defer></script>`, ``, ...pages[sent](logId)].join('\n'),
};

const pages: Record<Sent, (logId: string) => string[]> = {
  votes: (logId) => [`<div data-whetstone-log="${logId}">`, `  The answer. Two thumbs appear below it.`, `</div>`],
  actions: (logId) => [
    `<div data-whetstone-log="${logId}">`,
    `  <p data-whetstone="answer">Copying a part of this is heard.</p>`,
    `  <button data-whetstone="action:accepted">Use it</button>`,
    `  <button data-whetstone="action:regenerated">Try again</button>`,
    `</div>`,
  ],
  corrections: (logId) => [
    `<form>`,
    `  <textarea data-whetstone-log="${logId}">The answer, to be edited</textarea>`,
    `  <button>Send</button>`,
    `</form>`,
  ],
};
