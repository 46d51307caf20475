// Runs on Node 20 before anything is installed: installs what is missing and builds the web app when it is stale.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stampFile = join(root, 'node_modules', '.whetstone-lock');

/** Stdout belongs to the ready line, so children write to stderr. */
function run(command, args, options = {}) {
  execFileSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === lock) return;
  say('Installing packages (once, or after they changed) …');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, lock);
}

function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function buildWeb() {
  const built = join(root, 'web', 'dist', 'index.html');
  const sources = [
    'web/src',
    'web/index.html',
    'web/vite.config.ts',
    'web/package.json',
    'contract/src',
    'domain/src',
    'statistics/src',
    'package-lock.json',
  ];
  const newestSource = Math.max(...sources.map((path) => newest(join(root, path))));
  if (existsSync(built) && statSync(built).mtimeMs >= newestSource) return;
  say('Building the web app …');
  const node = join(root, 'node_modules', '.bin', 'node');
  run(node, [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn'], { cwd: join(root, 'web') });
}

/** What a start on an empty data directory copies instead of making it there in 3 s; another one after an upgrade. */
function prepareServer() {
  const stamp = join(root, 'node_modules', '.cache', 'whetstone', 'prepared');
  const sources = ['server/src/storage/migrations', 'server/package.json'];
  if (newest(stamp) >= Math.max(newest(stampFile), ...sources.map((path) => newest(join(root, path))))) return;
  say('Preparing the embedded databases …');
  run(join(root, 'node_modules', '.bin', 'node'), [join(root, 'server', 'src', 'prepare.ts')]);
  writeFileSync(stamp, '');
}

try {
  install();
  prepareServer();
  buildWeb();
} catch (error) {
  say(`Could not prepare the checkout: ${error.message}`);
  say('With a network, remove node_modules and run the command again.');
  process.exit(1);
}
