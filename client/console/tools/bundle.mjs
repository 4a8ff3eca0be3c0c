// Makes dist/: the bundle with hashed names, each file also compressed, and a manifest of all of it for the server.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { notices } from './notices.mjs';

// What all that the first view loads may take, compressed with gzip.
const BUDGET_BYTES = 120 * 1024;

const TYPES = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
};

function hashOf(bytes) {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 12);
}

async function compile(root) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: { app: 'src/main.tsx', style: 'styles/main.css' },
    bundle: true,
    minify: true,
    format: 'esm',
    // What is imported when it is needed becomes a file of its own.
    splitting: true,
    entryNames: 'assets/[name]',
    chunkNames: 'assets/[name]-[hash]',
    target: ['es2022', 'chrome120', 'firefox120', 'safari17'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    metafile: true,
    write: false,
    outdir: 'dist',
    logLevel: 'warning',
  });
  const entry = (name) => Buffer.from(result.outputFiles.find((file) => basename(file.path) === name).contents);
  // Named by their content alone: esbuild's own hashes also tell where the packages were.
  let script = entry('app.js').toString();
  const later = result.outputFiles.filter((file) => !['app.js', 'style.css'].includes(basename(file.path))).map((file) => {
    const bytes = Buffer.from(file.contents);
    const name = basename(file.path).replace(/[.-].*$/, `-${hashOf(bytes)}.js`);
    script = script.replaceAll(basename(file.path), name);
    return [`/assets/${name}`, bytes];
  });
  return { script: Buffer.from(script), style: entry('style.css'), later, inputs: Object.keys(result.metafile.inputs) };
}

// Writes one file plain and compressed; answers what the manifest says of it.
function emit(dist, path, bytes, immutable) {
  const file = path === '/' ? 'index.html' : path.slice(1);
  const entry = { path, file, type: TYPES[file.split('.').pop()], immutable, etag: hashOf(bytes) };
  writeFileSync(join(dist, file), bytes);
  const packed = {
    gzip: [gzipSync(bytes, { level: 9 }), '.gz'],
    br: [brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }), '.br'],
  };
  for (const [encoding, [content, suffix]] of Object.entries(packed)) {
    writeFileSync(join(dist, file + suffix), content);
    entry[encoding] = file + suffix;
  }
  return { entry, gzipped: packed.gzip[0].length };
}

export async function bundle(root) {
  const { script, style, later, inputs } = await compile(root);
  const dist = join(root, 'dist');
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(join(dist, 'assets'), { recursive: true });

  const icon = readFileSync(join(root, 'icon.svg'));
  const names = {
    SCRIPT: [`/assets/app-${hashOf(script)}.js`, script],
    STYLE: [`/assets/style-${hashOf(style)}.css`, style],
    ICON: [`/assets/icon-${hashOf(icon)}.svg`, icon],
  };
  let page = readFileSync(join(root, 'index.html'), 'utf8');
  for (const [word, [path]] of Object.entries(names)) page = page.replace(`{{${word}}}`, path.slice(1));

  const firstView = [emit(dist, '/', Buffer.from(page), false), ...Object.values(names).map(([path, bytes]) => emit(dist, path, bytes, true))];
  const onDemand = later.map(([path, bytes]) => emit(dist, path, bytes, true));
  const licences = emit(dist, '/licences.txt', Buffer.from(notices(root, inputs)), false);
  const files = [...firstView, ...onDemand, licences].map(({ entry }) => entry);
  writeFileSync(join(dist, 'manifest.json'), `${JSON.stringify({ files }, null, 1)}\n`);

  const sum = (group) => group.reduce((total, file) => total + file.gzipped, 0);
  const gzipped = sum(firstView);
  const kilobytes = (bytes) => (bytes / 1024).toFixed(1);
  const told = `${basename(root)}: ${kilobytes(gzipped)} KB compressed for the first view, of at most ${BUDGET_BYTES / 1024}; ${kilobytes(sum(onDemand))} KB more for plots`;
  if (gzipped > BUDGET_BYTES) throw new Error(`the page is too large: ${told}`);
  console.log(told);
}
