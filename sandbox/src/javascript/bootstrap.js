// The first thing that a jailed Node runs (`node -e`). It can open no file, so what it runs comes in on its first pipe:
// a JSON table of CommonJS modules by name, then the WebAssembly of QuickJS.
const fs = process.getBuiltinModule('node:fs');
const readExactly = (fd, length) => {
  const bytes = Buffer.allocUnsafe(length);
  for (let place = 0; place < length;) {
    const read = fs.readSync(fd, bytes, place, length - place, null);
    if (read === 0) process.exit(0);
    place += read;
  }
  return bytes;
};
const readFrame = (fd) => readExactly(fd, readExactly(fd, 4).readUInt32LE(0));
const sources = JSON.parse(readFrame(0).toString());
const wasm = readFrame(0);
const loaded = new Map();
const load = (name) => {
  const known = loaded.get(name);
  if (known !== undefined) return known.exports;
  if (name === 'node:fs') return {};
  if (sources[name] === undefined) throw new Error(`there is no module ${name} here`);
  const module = { exports: {} };
  loaded.set(name, module);
  // oxlint-disable-next-line typescript/no-implied-eval -- the one way to load a module without a file
  const run = new Function('module', 'exports', 'require', '__dirname', 'parts', sources[name]);
  run(module, module.exports, load, '/', { wasm, fs, readExactly, readFrame });
  return module.exports;
};
load('runner');
