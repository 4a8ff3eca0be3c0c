// Makes gen/ from proto/: the messages as TypeScript, and the comments of the schema, which are the help texts of the page.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

function protoFilesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return protoFilesIn(path);
    return entry.name.endsWith('.proto') ? [path] : [];
  }).sort();
}

function run(program, args) {
  try {
    execFileSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  } catch (error) {
    if (error.code === 'ENOENT') {
      throw new Error(`${program} is missing; Debian has it in the package protobuf-compiler`);
    }
    throw new Error(`${program} failed`);
  }
}

// Only what the page shows goes along: all comments of the configuration, and those of the values of these enums.
const COMMENTED_FILES = new Set(['logexport/v1/config.proto']);
const COMMENTED_ENUMS = new Set(['Role', 'RunKind', 'RunState', 'StopReason', 'RunErrorReason', 'FilterReason', 'WarningCode',
  'DeadLetterReason', 'ExporterState', 'Health']);

// The comment of a descriptor as one line a paragraph.
function asText(comment) {
  return comment.split(/\n\s*\n/).map((paragraph) => paragraph.replace(/\s+/g, ' ').trim()).filter(Boolean).join('\n');
}

function commentsOf(file) {
  const at = new Map();
  for (const location of file.sourceCodeInfo?.location ?? []) {
    if (location.leadingComments) at.set(location.path.join('.'), asText(location.leadingComments));
  }
  const comments = {};
  const keep = (name, path) => {
    const text = at.get(path);
    if (text) comments[name] = text;
  };
  file.enumType.forEach((type, t) => {
    if (!COMMENTED_FILES.has(file.name) && !COMMENTED_ENUMS.has(type.name)) return;
    type.value.forEach((value, v) => {
      if (value.number !== 0) keep(value.name, `5.${t}.2.${v}`);
    });
  });
  if (COMMENTED_FILES.has(file.name)) {
    file.messageType.forEach((message, m) => {
      keep(message.name, `4.${m}`);
      message.field.forEach((field, f) => keep(`${message.name}.${field.name}`, `4.${m}.2.${f}`));
    });
  }
  return comments;
}

export function generate(root, protoRoot) {
  const gen = join(root, 'gen');
  rmSync(gen, { recursive: true, force: true });
  mkdirSync(gen, { recursive: true });
  const files = ['logexport', 'google/rpc']
    .flatMap((folder) => protoFilesIn(join(protoRoot, folder)))
    .map((path) => relative(protoRoot, path));
  const plugin = join(root, 'node_modules/.bin/protoc-gen-es');
  if (!existsSync(plugin)) throw new Error('node_modules/ is missing or incomplete; run npm ci first');
  run('protoc', [`-I${protoRoot}`, `--plugin=protoc-gen-es=${plugin}`, `--es_out=${gen}`, '--es_opt=target=ts,import_extension=none', ...files]);

  const scratch = mkdtempSync(join(tmpdir(), 'console-'));
  try {
    const setFile = join(scratch, 'set.pb');
    run('protoc', [`-I${protoRoot}`, '--include_source_info', `--descriptor_set_out=${setFile}`, ...files]);
    const set = fromBinary(FileDescriptorSetSchema, readFileSync(setFile));
    const comments = Object.assign({}, ...set.file.filter((file) => file.package.startsWith('logexport')).map(commentsOf));
    writeFileSync(join(gen, 'comments.ts'),
      `// What the schema says of its fields and values.\nexport const comments: Readonly<Record<string, string>> = ${JSON.stringify(comments, null, 1)};\n`);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
