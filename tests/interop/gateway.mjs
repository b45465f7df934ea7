// The gateway between counterparties: its files, its process, and the two people who arm it.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { beginString, custom } from './dictionary.mjs';
import { parentOf } from './flow.mjs';
import { freePort } from './tap.mjs';
import { waitFor } from './wait.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const program = path.resolve(process.env.INTERLOCK ?? path.join(here, '../../build/dev/interlock'));
if (!fs.existsSync(program))
  throw new Error(`no gateway at ${program}: build it, or set INTERLOCK`);

export const symbols = ['ACME', 'EMCA', 'MECA', 'CEMA'];
export const account = 'A1';
export const logon = { Username: 'trader', Password: 'correct horse' };
// As each side calls the other.
export const compIds = {
  R1: { ours: 'R1', theirs: 'GATE' },
  R2: { ours: 'R2', theirs: 'GATE' },
  venue: { ours: 'VENUE', theirs: 'FIRM' },
  T1: { ours: 'OMS', theirs: 'GATE' },
  D1: { ours: 'WATCH', theirs: 'GATE' },
};
export const people = { 'm.ortiz': 'token of m.ortiz', 'k.lee': 'token of k.lee' };

// Starts `interlock run` and has it armed once the first venue is logged on. `routers` are
// { id, venue }, `venues` { id, port }; `edit` may change the text of its configuration.
export async function startGateway({ dir, atEnd, version, routers, venues, copies, env,
  edit = (text) => text }) {
  const ports = { router: await freePort(), console: await freePort(), metrics: await freePort() };
  fs.writeFileSync(path.join(dir, 'secrets.toml'), secrets(routers), { mode: 0o600 });
  fs.writeFileSync(path.join(dir, 'prices.txt'), symbols.map((name) => `${name} 10.00\n`).join(''));
  fs.writeFileSync(path.join(dir, 'parents.csv'), parents());
  const file = path.join(dir, 'gateway.toml');
  fs.writeFileSync(file, edit(configuration({ version, routers, venues, ports, copies })));

  const gateway = await runGateway({ dir, atEnd, ports, env });
  await arm(gateway, venues[0].id);
  return gateway;
}

// The program on the files that are in `dir`, as they were left there. `end` is how it has to end.
export async function runGateway({ dir, atEnd, ports, env = {}, end = 0 }) {
  const output = path.join(dir, 'gateway.log');
  const log = fs.openSync(output, 'a');
  const words = ['--pdeathsig', 'KILL', program, 'run', path.join(dir, 'gateway.toml')];
  const child = spawn('setpriv', words, {
    cwd: dir, stdio: ['ignore', log, log], env: { ...process.env, ...env },
  });
  fs.closeSync(log);
  const ended = once(child, 'exit').then(([code, signal]) => signal ?? code);
  let exit = null;
  ended.then((how) => { exit = how; });
  const gateway = {
    port: ports.router, ports, pid: child.pid, ended, expectedEnd: end,
    alive: () => exit === null,
    signal: (name) => child.kill(name),
    log: () => fs.readFileSync(output, 'utf8'),
    ask: (method, target, body, person = 'm.ortiz') =>
      ask(ports.console, method, target, body, people[person]),
    metrics: async () => (await fetch(`http://127.0.0.1:${ports.metrics}/metrics`)).text(),
    journal: () => readJournal(path.join(dir, 'audit')),
    verify: () => run('audit', 'verify', path.join(dir, 'audit')),
  };
  atEnd(async () => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
    const how = await ended;
    clearTimeout(late);
    assert.equal(how, gateway.expectedEnd, `how the gateway ended:\n${gateway.log()}`);
  });
  await waitFor('the gateway to answer', () => {
    assert.ok(gateway.alive(), `the gateway ended:\n${gateway.log()}`);
    return gateway.ask('GET', '/api/v1/state').catch(() => null);
  });
  return gateway;
}

// It starts killed.
export async function arm(gateway, venue) {
  await waitFor('the venue to be logged on', async () =>
    (await gateway.ask('GET', '/api/v1/sessions')).sessions
      .some(({ id, state: link }) => id === venue && link === 'on'));
  await rearm(gateway);
}

// One person begins to re-arm each kill in force, another one approves.
export async function rearm(gateway) {
  const state = () => gateway.ask('GET', '/api/v1/state');
  const { kills, rearm: { running: identity } } = await state();
  for (const { kill_id } of kills) {
    const begin = { action: 'begin', kill_id, reason: 'interop test', identity };
    await gateway.ask('POST', '/api/v1/rearm', begin, 'm.ortiz');
    await gateway.ask('POST', '/api/v1/rearm', { action: 'approve', kill_id, identity }, 'k.lee');
  }
  await waitFor('the gateway to be armed', async () => (await state()).state === 'armed');
}

async function ask(port, method, target, body, token) {
  const response = await fetch(`http://127.0.0.1:${port}${target}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${method} ${target}: ${response.status} ${answer}`);
  return JSON.parse(answer);
}

function run(...words) {
  const { status, stdout, stderr } = spawnSync(program, words, {
    encoding: 'latin1', maxBuffer: 1 << 30,
  });
  const what = `interlock ${words.join(' ')}`;
  assert.equal(status, 0, `${what}: ${status} ${stdout.slice(-500)} ${stderr}`);
  return stdout;
}

function readJournal(dir) {
  return run('audit', 'query', dir, '--json').trimEnd().split('\n').map((text) => JSON.parse(text));
}

export function hash(secret) {
  const salt = crypto.randomBytes(16);
  const derived = crypto.pbkdf2Sync(secret, salt, 10_000, 32, 'sha256');
  return `pbkdf2-sha256$10000$${salt.toString('hex')}$${derived.toString('hex')}`;
}

function secrets(routers) {
  const credentials = routers.map(({ id }) =>
    `[router.${id}]\n553 = "${hash(logon.Username)}"\n554 = "${hash(logon.Password)}"\n`);
  const tokens = Object.entries(people).map(([name, token]) =>
    `[person."${name}"]\ntoken = "${hash(token)}"\n`);
  return [...credentials, ...tokens].join('');
}

function parents() {
  const entries = symbols.flatMap((symbol) => ['1', '2'].map((side) =>
    `${parentOf(symbol, side)},${account},${symbol},${side},100000000\n`));
  return `parent,account,symbol,side,size\n${entries.join('')}`;
}

function speaks(version) {
  const stated = beginString(version) === version ? '' : `version = "${version}"\n`;
  return `begin_string = "${beginString(version)}"\n${stated}`;
}

function router({ id, venue }, version, port) {
  return `[[router]]
id = "${id}"
${speaks(version)}dialect = "interop"
listen = "127.0.0.1:${port}"
comp_id = { ours = "${compIds[id].theirs}", theirs = "${compIds[id].ours}" }
parent_id_tag = ${custom.parent}
on_disconnect = "keep"
logon_deadline = "1 s"
[[route]]
router = "${id}"
venue = "${venue}"
`;
}

// A copy of what the OMS sends to R1, and one who receives every report.
function copiesOf(version, port) {
  const table = (kind, id, more) => `[[${kind}]]
id = "${id}"
${speaks(version)}dialect = "interop"
listen = "127.0.0.1:${port}"
comp_id = { ours = "${compIds[id].theirs}", theirs = "${compIds[id].ours}" }
${more}
`;
  return table('tee', 'T1', 'for_router = "R1"') + table('drop_copy', 'D1', 'rejects = true');
}

function venue({ id, port }, version) {
  return `[[venue]]
id = "${id}"
${speaks(version)}dialect = "interop"
connect = ["127.0.0.1:${port}"]
comp_id = { ours = "${compIds.venue.theirs}", theirs = "${compIds.venue.ours}" }
on_disconnect = "keep"
reconnect = "1 s"
`;
}

function dialect(version) {
  const names = {
    parent: 'ParentID', strategy: 'Strategy', hint: 'HintName', hintValue: 'HintValue',
  };
  const fields = Object.entries(names).map(([key, name]) => [custom[key], name]);
  const credentials = version === 'FIX.4.2' ? [[553, 'Username'], [554, 'Password']] : [];
  const declared = [...fields, ...credentials].map(([tag, name]) =>
    `fields.${tag} = { name = "${name}", type = "string" }\n`);
  return `[[dialect]]
id = "interop"
base = "${version}"
${declared.join('')}[dialect.add]
D = [${custom.parent}, ${custom.strategy}]
F = [${custom.parent}, ${custom.strategy}]
G = [${custom.parent}, ${custom.strategy}]
${credentials.length > 0 ? 'A = [553, 554]' : ''}
[[dialect.groups]]
messages = ["D", "F", "G"]
count = ${custom.hints}
first = ${custom.hint}
members = [${custom.hint}, ${custom.hintValue}]
`;
}

// Limits are wide: these tests are about what passes.
function policy() {
  const none = (keys) => keys.map((key) => `${key} = "none"\n`).join('');
  const why = 'why = "of this test"\nowner = "tests"\nreview = 2099-12-31\n';
  const always = why + 'max_orders = "100_000 / 1 s"\nmax_gross_notional = "none"\n';
  const orders = 'max_order_qty = 100_000\nmax_order_notional = "5 M USD"\nmax_position = "none"\n';
  const net = none(['max_net_notional', 'max_notional_rate']);
  const day = none(['max_turnover', 'reduce_only_at_loss', 'kill_at_loss']);
  const child = none(['max_child_messages', 'max_child_shares', 'max_executions']);
  const flow = none(['max_messages', 'max_rejects']);
  const orphans = none(['max_orphan_fills', 'max_orphan_shares', 'max_orphan_notional']);
  const router = none(['max_duplicates', 'max_new_parents', 'max_peer_divergence']);
  const open = none(['max_open_orders']);
  const self = none(['self_match']);
  return `[defaults]
warn_at = "75 %"
[defaults.router]
${always}${router}${child}${flow}${day}${open}[defaults.venue]
${always}${flow}${orphans}${none(['max_over_fill'])}[defaults.account]
${orders}${always}${net}${day}${open}${self}[defaults.symbol]
${orders}price_collar = "20 %"
${always}${net}${open}[firm]
${always}${net}${day}${self}${orphans}[parent]
${why}${child}max_orders = "100_000 / 1 s"
file = "parents.csv"
[account.${account}]
${symbols.map((symbol) => `[symbol.${symbol}]\nunmarked_short_sales = "none"\n`).join('')}[prices]
file = "prices.txt"
max_age = "1 h"
max_age_pre_open = "1 h"
max_age_closed = "1 h"
[day]
roll = "17:00"
zone = "America/New_York"
[alerts]
acknowledge_within = "none"
[stale]
journal = "none"
tee = "none"
drop_copy = "none"
`;
}

function configuration({ version, routers, venues, ports, copies }) {
  const persons = Object.keys(people).map((name) =>
    `[[person]]\nname = "${name}"\nmay = ["view", "kill", "rearm"]\n`);
  return `schema = 1
[node]
name = "interop"
environment = "demo"
currency = "USD"
state_dir = "state"
secrets = "secrets.toml"
[kill]
on_start = "killed"
[stop]
cancel_open = false
drain = "1 s"
[audit]
dir = "audit"
[http]
console = "127.0.0.1:${ports.console}"
metrics = "127.0.0.1:${ports.metrics}"
${persons.join('')}${dialect(version)}${policy()}
${venues.map((one) => venue(one, version)).join('')}
${routers.map((one) => router(one, version, ports.router)).join('')}
${copies ? copiesOf(version, ports.router) : ''}`;
}
