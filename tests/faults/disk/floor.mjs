// The real gateway between a router and a venue that keeps its own ledger, on a disk that a test
// spoils: calls made to fail or to take their time (strace), full, or read-only.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { frames, message, timestamp, value } from '../../interop/fix.mjs';
import { freePort } from '../../interop/tap.mjs';
import { waitFor } from '../../interop/wait.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const program = process.env.INTERLOCK ?? path.join(root, 'build/hil/interlock');
const configs = path.join(root, 'tests/scenarios/configs');
const tokens = { ann: 'token of ann', bob: 'token of bob' };

// Calls on these are the ones that strace may change.
const files = ['audit', 'audit/lock', 'audit/seal', 'audit/seal.new', 'audit/spare-1',
  'audit/spare-2', 'audit/journal-00000001.seg', 'audit/journal-00000002.seg', 'state',
  'state/latch', 'state/latch.reserve'];

class End {
  constructor(ours, theirs) {
    Object.assign(this, { ours, theirs, on: false, next: 1, bytes: Buffer.alloc(0), socket: null });
  }
  adopt(socket) {
    this.socket = socket;
    this.bytes = Buffer.alloc(0);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => { if (this.socket === socket) this.on = false; });
    socket.on('data', (more) => {
      const { found, rest } = frames(Buffer.concat([this.bytes, more]));
      this.bytes = rest;
      for (const frame of found) this.take(frame);
    });
  }
  take(frame) {
    const type = value(frame, 35);
    if (type === '1') this.say('0', [[112, value(frame, 112)]]);
    if (type === 'A') this.on = this.answers ?? true;
    if (type === '5') {
      this.say('5', []);
      this.socket.end();
    }
    this.heard(type, frame);
  }
  say(type, pairs) {
    this.socket.write(message('FIX.4.4', [[35, type], [49, this.ours], [56, this.theirs],
      [34, this.next++], [52, timestamp()], ...pairs]));
  }
  close() { this.socket?.destroy(); }
}

// Fills every other order by half when it comes. Its ledger is the truth.
class Venue extends End {
  constructor() {
    super('X', 'ACME');
    this.orders = new Map(); // by ClOrdID: { executed, open }
    this.answers = true; // a Logon
    this.expected = 1; // the number that comes next from the gateway
    this.numbers = false; // looks at them: a number that it has had is the end of the session
    this.cancels = 0;
    this.server = net.createServer((socket) => this.adopt(socket));
  }
  async listen() {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }
  get port() { return this.server.address().port; }
  heard(type, frame) {
    const number = Number(value(frame, 34));
    if (this.numbers && number < this.expected) {
      const words = `MsgSeqNum too low, expecting ${this.expected} but received ${number}`;
      this.say('5', [[58, words]]);
      this.on = false;
      return this.socket.end();
    }
    this.expected = Math.max(this.expected, number + 1);
    if (type === 'A' && this.answers) return this.say('A', [[98, 0], [108, 30]]);
    if (type === 'F') return this.cancel(frame);
    if (type !== 'D') return;
    const id = value(frame, 11);
    const order = { executed: 0, open: Number(value(frame, 38)) };
    this.orders.set(id, order);
    this.report(id, order, id, '0', '0', []);
    if (this.orders.size % 2 === 1) return;
    order.executed = order.open = order.open / 2;
    this.report(id, order, id, 'F', '1', [[32, order.executed], [31, '10.00']]);
  }
  cancel(frame) {
    ++this.cancels;
    const order = this.orders.get(value(frame, 41));
    if (!order) return;
    order.open = 0;
    this.report(value(frame, 41), order, value(frame, 11), '4', '4', [[41, value(frame, 41)]]);
  }
  report(id, order, clOrdId, execution, status, more) {
    this.say('8', [[37, `v${id}`], [17, `e${this.next}`], [150, execution], [39, status],
      [11, clOrdId], ...more, [55, 'ACME'], [54, 1], [151, order.open], [14, order.executed],
      [6, order.executed ? '10.00' : '0']]);
  }
  // What its books hold of the one parent: executed, and what may still be.
  exposure() {
    let all = 0;
    for (const { executed, open } of this.orders.values()) all += executed + open;
    return all;
  }
  stop() { this.close(); this.server.close(); }
}

class Router extends End {
  constructor() {
    super('R1', 'GW');
    this.answered = new Set();
    this.refused = 0;
  }
  async connect(port) {
    const socket = net.connect({ host: '127.0.0.1', port });
    socket.on('error', () => {});
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
    this.adopt(socket);
    this.say('A', [[98, 0], [108, 30]]);
  }
  heard(type, frame) {
    if (type !== '8') return;
    this.answered.add(value(frame, 11));
    if (value(frame, 39) === '8') ++this.refused;
  }
  order(filler) {
    const id = `o${this.next}`;
    const text = filler ? [5020, 5021, 5022, 5023].map((tag) => [tag, filler]) : [];
    this.say('D', [[11, id], [526, 'P-1'], [1, 'ACC'], [55, 'ACME'], [54, 1], [60, timestamp()],
      [38, 100], [40, 2], [44, '10.00'], ...text]);
    return id;
  }
}

function hash(secret) {
  const salt = crypto.randomBytes(16);
  const derived = crypto.pbkdf2Sync(secret, salt, 10_000, 32, 'sha256');
  return `pbkdf2-sha256$10000$${salt.toString('hex')}$${derived.toString('hex')}`;
}

function gone(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1][0] === 'Z';
  } catch {
    return true;
  }
}

// An edit of the configuration: orders wait for the disk.
export const power = (text) => text.replace('[audit]\n', '[audit]\ndurability = "power"\n');

export async function makeFloor(t, { disk, edit = (text) => text } = {}) {
  const dir = fs.mkdtempSync('/dev/shm/interlock-disk-');
  const venue = await new Venue().listen();
  const ports = { router: await freePort(), console: await freePort(), metrics: await freePort() };
  const at = disk ?? dir;
  const put = (before, after) => (text) => {
    assert.ok(text.includes(before), before);
    return text.replace(before, after);
  };
  const text = [
    put('"127.0.0.1:9101"', `"127.0.0.1:${venue.port}"`),
    put('listen = "127.0.0.1:0"', `listen = "127.0.0.1:${ports.router}"`),
    put('"127.0.0.1:9301"', `"127.0.0.1:${ports.console}"`),
    put('"127.0.0.1:9302"', `"127.0.0.1:${ports.metrics}"`),
    disk ? put('"state"', `"${at}/state"`) : (same) => same,
    disk ? put('"audit"', `"${at}/audit"`) : (same) => same,
    put('"16 MiB"', '"1 MiB"'), put('[parent]\n', '[parent]\nfile = "parents.csv"\n'),
    edit,
  ].reduce((done, step) => step(done), fs.readFileSync(path.join(configs, 'flood.toml'), 'utf8'));
  fs.writeFileSync(path.join(dir, 'gateway.toml'), text);
  fs.copyFileSync(path.join(configs, 'prices.txt'), path.join(dir, 'prices.txt'));
  fs.writeFileSync(path.join(dir, 'parents.csv'),
    'parent,account,symbol,side,size\nP-1,ACC,ACME,1,100000000\n');
  fs.writeFileSync(path.join(dir, 'secrets.toml'), Object.entries(tokens).map(([name, token]) =>
    `[person."${name}"]\ntoken = "${hash(token)}"\n`).join(''), { mode: 0o600 });

  const floor = {
    dir, venue, ports, at, child: null, exit: 0,
    file: path.join(dir, 'gateway.toml'),
    // `inject`: what strace's -e inject= takes; the calls that it changed are in `injected`.
    async start(inject) {
      const calls = path.join(dir, 'calls');
      const own = [program, 'run', floor.file];
      const traced = ['strace', '-D', '-f', '-y', '-qq', '-o', calls,
        '-e', `trace=${inject?.split(':')[0]}`, '-e', `inject=${inject}`,
        ...files.flatMap((name) => ['-P', path.join(at, name)])];
      const words = ['setpriv', '--pdeathsig', 'KILL', ...(inject ? traced : []), ...own];
      fs.writeFileSync(calls, '');
      const log = fs.openSync(path.join(dir, 'log'), 'a');
      floor.child = spawn(words[0], words.slice(1), { cwd: dir, stdio: ['ignore', log, log] });
      fs.closeSync(log);
      floor.exit = null;
      floor.child.on('exit', (code, signal) => { floor.exit = signal ?? code; });
      floor.calls = () => fs.readFileSync(calls, 'latin1').split('\n')
        .filter((line) => line.includes('INJECTED') || line.includes('DELAYED'));
      await waitFor('the gateway to answer or to end', () => floor.exit !== null ||
        floor.ask('GET', '/api/v1/state').then(() => true, () => false));
      return floor.exit === null;
    },
    async ask(method, target, body, person = 'ann') {
      const response = await fetch(`http://127.0.0.1:${ports.console}${target}`, {
        method, body: body && JSON.stringify(body), signal: AbortSignal.timeout(60_000),
        headers: { Authorization: `Bearer ${tokens[person]}`, 'Content-Type': 'application/json' },
      });
      return response.json();
    },
    state: () => floor.ask('GET', '/api/v1/state'),
    // True: the gate is open. False: it cannot be opened, or the program has ended.
    async arm() {
      await waitFor('the venue to be on', () => floor.exit !== null || venue.on);
      const before = await floor.state().catch(() => null);
      if (before === null) return false;
      const { kills, rearm: { running: identity } } = before;
      for (const { kill_id } of kills) {
        const words = { kill_id, identity };
        const begin = { action: 'begin', reason: 'test', ...words };
        await floor.ask('POST', '/api/v1/rearm', begin).catch(() => {});
        await floor.ask('POST', '/api/v1/rearm', { action: 'approve', ...words }, 'bob')
          .catch(() => {});
      }
      const armed = async () => (await floor.state().catch(() => ({}))).state === 'armed';
      return waitFor('the gate to open', armed, { seconds: 1 }).catch(() => false);
    },
    // Orders that are answered, one after the other; ends early when one is not.
    async trade(router, count, { filler, seconds = 5 } = {}) {
      for (let i = 0; i < count; ++i) {
        const id = router.order(filler);
        const heard = await waitFor('an answer', () => floor.exit !== null ||
          router.answered.has(id) || !router.on, { seconds }).catch(() => false);
        if (!heard || !router.answered.has(id)) return false;
      }
      return true;
    },
    async router() {
      const router = new Router();
      router.next = floor.routerNext ?? 1; // its numbers outlive a connection
      await router.connect(ports.router);
      await waitFor('the router to be on', () => floor.exit !== null || router.on ||
        router.socket.destroyed);
      floor.routers.push(router);
      return router;
    },
    routers: [],
    async kill(signal = 'SIGKILL') {
      if (floor.exit === null) floor.child.kill(signal);
      await waitFor('the gateway to be gone', () => floor.exit !== null &&
        (floor.child === null || gone(floor.child.pid)));
      for (const router of floor.routers) {
        floor.routerNext = router.next;
        router.close();
      }
      floor.routers = [];
      venue.close();
      await waitFor('the venue to notice', () => !venue.on);
    },
    // The books cover what the venue's ledger holds.
    async covers() {
      const { parents } = await floor.ask('GET', '/api/v1/parents');
      const known = parents.find(({ parent }) => parent === 'P-1');
      const covered = Number(known?.cum ?? 0) + Number(known?.open ?? 0);
      assert.ok(covered >= venue.exposure(),
        `books cover ${covered}, the venue holds ${venue.exposure()}, ${venue.orders.size} orders`);
    },
    // A start without faults: its books cover all, and it is killed, unless `resumes`: the last run
    // ended in order.
    async recovers(resumes = false) {
      venue.answers = false;
      assert.ok(await floor.start(), `it does not start again:\n${floor.log()}`);
      const state = await floor.state();
      assert.equal(state.kills.some(({ scope }) => scope === 'firm'), !resumes);
      await floor.covers();
      venue.answers = true;
      return state;
    },
    log: () => fs.readFileSync(path.join(dir, 'log'), 'latin1'),
    async end() {
      if (floor.ended) return;
      floor.ended = true;
      await floor.kill();
      venue.stop();
      fs.rmSync(dir, { recursive: true });
    },
  };
  t.after(() => floor.end());
  return floor;
}
