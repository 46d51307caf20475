// Any code in the jail, as if QuickJS were no wall: it tries what Node can do and tells what it got. A text that is empty is
// contained. `parts` comes from the bootstrap; PORT is replaced by the port of a listener on the host.
const { fs } = parts;
const get = (name) => process.getBuiltinModule(`node:${name}`);
const port = Number('{PORT}');
const tell = (message) => {
  const body = Buffer.from(JSON.stringify(message));
  const head = Buffer.alloc(4);
  head.writeUInt32LE(body.length, 0);
  fs.writeSync(4, Buffer.concat([head, body]));
};
const connected = (socket) =>
  new Promise((resolve) => {
    socket.once('connect', () => resolve('connected')).once('error', () => resolve(''));
    setTimeout(resolve, 1000, '');
  });
const attempts = {
  'read /etc/passwd': () => fs.readFileSync('/etc/passwd', 'utf8'),
  'read /proc/self/environ': () => fs.readFileSync('/proc/self/environ', 'utf8'),
  'read the environment of the host': () => fs.readFileSync(`/proc/${process.ppid}/environ`, 'utf8'),
  'list /': () => fs.readdirSync('/').join(),
  'list the home folder': () => fs.readdirSync(process.env.HOME ?? '/root').join(),
  'environment variables': () =>
    Object.keys(process.env)
      .filter((name) => name !== 'OPENSSL_CONF' && name !== 'TZ')
      .join(),
  'write a file': () => fs.writeFileSync('/tmp/whetstone-attack', 'x') ?? 'wrote',
  'write to /dev/shm': () => fs.writeFileSync('/dev/shm/whetstone-attack', 'x') ?? 'wrote',
  'make a folder': () => fs.mkdirSync('/tmp/whetstone-attack-folder') ?? 'made',
  'make a link': () => fs.symlinkSync('/etc/passwd', '/tmp/whetstone-attack-link') ?? 'made',
  'change a mode': () => fs.chmodSync('/tmp', 0o777) ?? 'changed',
  'change a time': () => fs.utimesSync('/tmp', 1, 1) ?? 'changed',
  'delete a file': () => fs.rmSync('/tmp/whetstone-keep') ?? 'deleted',
  'a second program': () => get('child_process').execFileSync('/bin/sh', ['-c', 'id']).toString(),
  'itself as a second program': () => get('child_process').execFileSync(process.execPath, ['-p', '1']).toString(),
  fork: () =>
    new Promise((resolve) =>
      get('child_process')
        .fork('x')
        .once('spawn', () => resolve('forked'))
        .once('error', () => resolve('')),
    ),
  'signal the parent': () => process.kill(process.ppid, 0) && 'could',
  'signal process 1': () => process.kill(1, 0) && process.pid !== 1 && 'could',
  'become root': () => process.setuid(0) ?? 'did',
  'a native addon': () => process.dlopen({ exports: {} }, '/tmp/x.node') ?? 'loaded',
  fetch: () => fetch(`http://127.0.0.1:${port}/`).then((answer) => `status ${answer.status}`),
  TCP: () => connected(get('net').connect(port, '127.0.0.1')),
  'UNIX socket': () => connected(get('net').connect('/run/docker.sock')),
  'abstract UNIX socket': () => connected(get('net').connect('\0whetstone-attack')),
  listen: () =>
    new Promise((resolve) =>
      get('net')
        .createServer()
        .listen(0, () => resolve('listens'))
        .once('error', () => resolve('')),
    ),
  UDP: () =>
    new Promise((resolve) => {
      const socket = get('dgram')
        .createSocket('udp4')
        .once('error', () => resolve(''));
      socket.send('x', port, '127.0.0.1', (error) => resolve(error ? '' : 'sent'));
    }),
  'look up a name': () =>
    get('dns')
      .promises.lookup('localhost')
      .then(({ address }) => address),
  'the inspector': () => get('inspector').open(0) ?? get('inspector').url(),
  'the real remote import': () => import('https://127.0.0.1/x.js').then(() => 'imported'),
  'open files beside its pipes': () => {
    const kinds = [];
    for (let fd = 5; fd < 64; fd++) {
      try {
        const stat = fs.fstatSync(fd);
        if (stat.isFile() || stat.isDirectory()) kinds.push(`${fd}`);
      } catch {
        // not open
      }
    }
    return kinds.join();
  },
};
void (async () => {
  tell({ ready: true });
  const results = {};
  for (const [name, attempt] of Object.entries(attempts)) {
    try {
      results[name] = String((await attempt()) || '');
    } catch {
      results[name] = '';
    }
  }
  tell({ results });
})();
