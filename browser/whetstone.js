// Feedback from a web page: votes, copies and edits of the answers that are marked in it. docs/feedback.md tells how.
// Served at /whetstone.js as whetstone.min.js, which `node browser/minify.ts` makes of this file.
// It never throws into the page and changes no text of it.
(() => {
  const script = document.currentScript || document.querySelector('script[src*="whetstone.js"]');
  if (!script || window.whetstone) return;
  const { dataset } = script;
  const place = 'whetstone ' + dataset.key;
  const log = 'data-whetstone-log';
  const reference = 'data-whetstone-reference';
  const marked = `[${log}],[${reference}]`;
  const votes = '[data-whetstone^="vote:"]';
  const editable = 'textarea,input,[contenteditable]';
  let unsent = [];
  let busy;
  let timer;
  let wait = 500;

  // What is not sent yet outlives the page; where storage is refused, it lives as long as the page.
  const read = () => {
    try {
      unsent = JSON.parse(localStorage[place] || '[]');
    } catch {
      // Then from memory.
    }
    return unsent;
  };
  const write = (list) => {
    unsent = list;
    try {
      localStorage[place] = JSON.stringify(list);
    } catch {
      // Then only in memory.
    }
  };
  const later = (ms) => {
    clearTimeout(timer);
    timer = setTimeout(() => void flush(), ms);
  };
  const flush = async () => {
    const batch = read().slice(0, 50);
    if (busy || !batch[0]) return;
    busy = 1;
    try {
      const body = JSON.stringify({ feedback: batch.map((one) => one[1]) });
      const answer = await fetch(new URL('/v5/feedback', script.src), {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': dataset.key },
        body,
        // Browsers refuse to let more than 64 KB outlive the page.
        keepalive: body.length < 2e4,
      });
      if (/5..|408|429/.test(answer.status)) throw 0;
      const said = await answer.text();
      if (!/"refused":0/.test(said)) console.warn(said);
      const sent = batch.map((one) => one[0]);
      write(read().filter((one) => !sent.includes(one[0])));
      wait = 500;
      later();
    } catch {
      later((wait = Math.min(wait * 2, 6e4)));
    }
    busy = 0;
  };
  const send = (item) => {
    write([...read(), [Math.random(), { user: dataset.user, ...item }]].slice(-300));
    later();
  };
  const say = (id, kind, value, remove = value == null) =>
    send({ ...(id.trim ? { [id.startsWith('log_') ? 'log_id' : 'reference_id']: id } : id), kind, value, remove });

  const rootOf = (node) => node?.closest?.(marked);
  const idOf = (root) => ({ log_id: root.getAttribute(log), reference_id: root.getAttribute(reference) });

  // Fields as they were before a person first touched them, and as they were last told.
  const fields = new WeakMap();
  const textOf = (field) => field.value ?? field.innerText;
  const settle = (field, submitted) => {
    const root = rootOf(field);
    if (!root) return;
    const kind = field.dataset.whetstone || (field == root && 'answer');
    if (!kind || /:/.test(kind)) return;
    const isAnswer = kind == 'answer' || kind == 'correction';
    const id = idOf(root);
    const [before, last] = fields.get(field) || [];
    const text = textOf(field);
    const same = before == null || text == before;
    if (before != null && text != last) {
      fields.set(field, [before, text]);
      say(id, isAnswer ? 'correction' : kind, same ? null : text);
      if (isAnswer) say(id, 'action', 'edited', same);
    }
    if (submitted && same && isAnswer) say(id, 'action', 'accepted');
  };

  const on = (type, act) =>
    addEventListener(
      type,
      ({ target }) => {
        try {
          act(target);
        } catch (error) {
          console.warn(error);
        }
      },
      true,
    );
  const press = (button, on) => button.setAttribute('aria-pressed', on);
  on('click', (target) => {
    const button = target.closest('[data-whetstone*=":"]');
    const root = rootOf(button);
    if (!root) return;
    const [kind, text] = button.dataset.whetstone.split(/:(.*)/);
    const pressed = button.getAttribute('aria-pressed');
    const remove = pressed == 'true';
    let value = text;
    try {
      value = JSON.parse(text);
    } catch {
      // A name, neither number nor yes or no.
    }
    say(idOf(root), kind, value, remove);
    if (kind == 'vote') root.querySelectorAll(votes).forEach((one) => press(one, false));
    if (pressed) press(button, !remove);
  });
  on('copy', (target) => {
    const selection = getSelection();
    document.querySelectorAll(marked).forEach((root) => {
      const answer = root.querySelector('[data-whetstone=answer]') || root;
      if (
        answer.contains(target) && target.value
          ? target.selectionEnd > target.selectionStart
          : String(selection) && selection.containsNode(answer, true)
      )
        say(idOf(root), 'action', 'copied');
    });
  });
  on('beforeinput', (target) => {
    const text = textOf(target);
    if (!fields.has(target)) fields.set(target, [text, text]);
  });
  on('focusout', (target) => settle(target));
  on('submit', (form) => [form, ...form.querySelectorAll(editable)].forEach((field) => settle(field, 1)));
  on('online', flush);
  on('pagehide', () => {
    settle(document.activeElement);
    void flush();
  });

  // Thumbs in every marked element that can hold them and has no votes of its own.
  const mark = () =>
    document.querySelectorAll(marked).forEach((root) => {
      if (root.matches(editable + ',[data-whetstone-votes=none]') || root.querySelector(votes)) return;
      const group = root.appendChild(document.createElement('span'));
      group.className = 'whetstone-votes';
      [
        ['good', '👍'],
        ['bad', '👎'],
      ].forEach(([value, sign]) => {
        const button = group.appendChild(document.createElement('button'));
        button.type = 'button';
        button.dataset.whetstone = 'vote:' + value;
        button.textContent = sign;
        button.setAttribute('aria-label', dataset[value] || value);
        press(button, false);
      });
    });
  new MutationObserver(mark).observe(document, { childList: true, subtree: true, attributeFilter: [log, reference] });
  mark();
  void flush();

  window.whetstone = {
    vote: (id, value) => say(id, 'vote', value),
    action: (id, value, remove) => say(id, 'action', value, remove),
    correct: (id, text) => say(id, 'correction', text),
    send,
  };
})();
