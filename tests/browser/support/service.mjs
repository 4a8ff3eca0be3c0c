// A sandbox, the real service with its HTTP side, and the command line, in a folder of their own.
import { spawn, execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const bin = process.env.LOGEXPORT_BIN;
if (!bin) throw new Error('LOGEXPORT_BIN has to name the folder of the programs');
const START_MS = 60_000;
const EXPORTERS_OF_A_FILE = 1_000;

// Waits for a line that begins so; answers what follows.
function lineOf(child, prefix, log) {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error(`no line '${prefix}' in time; log: ${log()}`)), START_MS);
    child.stdout.on('data', (data) => {
      text += data;
      const line = text.split('\n').slice(0, -1).find((one) => one.startsWith(prefix));
      if (line) {
        clearTimeout(timer);
        resolve(line.slice(prefix.length).trim());
      }
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`ended with ${code} before '${prefix}'; log: ${log()}`));
    });
  });
}

function start(program, args, environment = {}) {
  const child = spawn(join(bin, program), args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stderr.on('data', (data) => {
    log = (log + data).slice(-20_000);
  });
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  return { child, log: () => log, line: (prefix) => lineOf(child, prefix, () => log), ended };
}

const ROLES = ['viewer', 'operator', 'admin'];

export class Installation {
  #folder = mkdtempSync(join(tmpdir(), 'browser-test-'));
  #sandboxes = [];
  #service;
  #config = [];
  #environment = {};
  #httpPort = '0';
  address = '';
  base = '';

  constructor() {
    const lines = ROLES.map((role) => {
      writeFileSync(join(this.#folder, `${role}.token`), this.token(role), { mode: 0o600 });
      return `${role}-person ${role} ${createHash('sha256').update(this.token(role)).digest('hex')}\n`;
    });
    writeFileSync(join(this.#folder, 'tokens'), lines.join(''), { mode: 0o600 });
  }

  token(role) {
    return `token-of-the-${role}-in-this-test`;
  }

  get state() {
    return join(this.#folder, 'state.db');
  }

  file(name, content) {
    const path = join(this.#folder, name);
    writeFileSync(path, content);
    return path;
  }

  // Answers where it listens.
  async startSandbox(...flags) {
    const sandbox = start('logexport-sandbox', ['--listen', '127.0.0.1:0', ...flags]);
    this.#sandboxes.push(sandbox);
    return `http://${(await sandbox.line('listening on ')).replace(/^http:\/\//, '')}`;
  }

  // `exporters`: by id, the base URL of the sandbox and what else is set, as in a configuration file.
  async startService(exporters) {
    const items = Object.entries(exporters).map(([id, { sandbox, domain = 'sandbox.auth0.test', auth0 = {}, segment = {}, ...rest }]) => ({
      id,
      schedule: { cron: '0 0 0 1 1 *' },
      auth0: { domain, base_url: sandbox, audience: `https://${domain}/api/v2/`, client_id: 'sandbox-client', client_secret: 'sandbox-secret', settle_delay: '1s', ...auth0 },
      segment: { write_key: 'sandboxWriteKey0123456789abcdefg', endpoint: sandbox, max_events_per_second: 0, ...segment },
      slack: { webhook: `${sandbox}/slack/services/T00/B00/sandboxSlackSecret` },
      ...rest,
    }));
    // JSON is YAML, too. One file may have 1 MiB.
    for (let n = 0; n < items.length; n += EXPORTERS_OF_A_FILE) {
      this.#config.push('--config', this.file(`config-${n}.yaml`, JSON.stringify({ exporters: items.slice(n, n + EXPORTERS_OF_A_FILE) })));
    }
    await this.#startProcess();
  }

  async #startProcess() {
    this.#service = start('logexportd', ['--listen', '127.0.0.1:0', '--http-listen', `127.0.0.1:${this.#httpPort}`, ...this.#config,
      '--state', `sqlite:${this.state}`, '--auth-token-file', join(this.#folder, 'tokens')], this.#environment);
    const [address, http] = await Promise.all([this.#service.line('listening on '), this.#service.line('http on ')]);
    this.address = address;
    this.base = `http://${http}/`;
    // A page that is open goes on asking where it came from.
    this.#httpPort = http.split(':').pop();
  }

  async stopService() {
    this.#service.child.kill('SIGTERM');
    await this.#service.ended;
  }

  async startServiceAgain() {
    await this.#startProcess();
  }

  get pid() {
    return this.#service.child.pid;
  }

  log() {
    return this.#service.log();
  }

  // Runs a command of the command line as the admin; answers its JSON.
  async ctl(command, ...args) {
    const { stdout } = await promisify(execFile)(join(bin, 'logexportctl'), [command, '-o', 'json', '--yes', '--server', this.address,
      '--token-file', join(this.#folder, 'admin.token'), ...args], { maxBuffer: 1 << 26 }).catch((error) => {
      throw new Error(`logexportctl ${command} ${args.join(' ')}: ${error.stderr || error.message}`);
    });
    return stdout.trim() ? JSON.parse(stdout) : {};
  }

  // As `ctl`, where a run that failed or left dead letters is what is wanted.
  async run(exporter, ...args) {
    await promisify(execFile)(join(bin, 'logexportctl'), ['run-now', '--wait', '--yes', '--exporter', exporter, '--server', this.address,
      '--token-file', join(this.#folder, 'admin.token'), ...args]).catch((error) => {
      if (error.code !== 3 && error.code !== 4) throw new Error(error.stderr || error.message);
    });
    return (await this.ctl('get-report', '--exporter', exporter)).report;
  }

  async stop() {
    for (const process of [this.#service, ...this.#sandboxes]) {
      if (!process) continue;
      process.child.kill('SIGTERM');
      const timer = setTimeout(() => process.child.kill('SIGKILL'), 15_000);
      await process.ended;
      clearTimeout(timer);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
