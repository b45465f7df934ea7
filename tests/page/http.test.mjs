// Every way in, tried without rights, from elsewhere, on the wrong port and by a GET; and what the
// server answers against docs/openapi.yaml.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { spawnSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import Ajv from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { rearm } from '../interop/gateway.mjs';
import { waitFor } from '../interop/wait.mjs';
import { root, startFloor, tokens } from './floor.mjs';

const read = (file) => fs.readFileSync(path.join(root, file), 'utf8');
const described = parse(read('docs/openapi.yaml'));
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

// The table of the program itself, so that nobody has to keep a second one.
const source = read('console/api.cpp');
const named = { kill_target: '/api/v1/kill', kill_form_target: '/kill' };
const endpoints = [...source.matchAll(/\{"(GET|POST|PUT)", ("[^"]+"|\w+), Right::(\w+), (true|false),/g)]
  .map(([, method, target, right, onMetrics]) =>
    ({ method, right, onMetrics: onMetrics === 'true', target: named[target] ?? JSON.parse(target) }));

let floor;
const endings = [];
after(async () => {
  for (const close of endings.reverse()) await close();
});
before(async () => {
  floor = await startFloor({ after: (close) => endings.push(close) });
  for (const id of ['R1', 'R2']) await floor.logOn(id);
  await floor.declare('P-1', 'NVDA', 'buy', 500);
});

// One request with exactly these headers; fetch would not send them all.
function send(base, method, target, headers = {}, body = '') {
  const { hostname, port, host } = new URL(base);
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, method, path: target, agent: false,
      headers: { Host: host, ...(body && { 'Content-Length': Buffer.byteLength(body) }), ...headers } });
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.on('data', (bytes) => { text += bytes; });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    request.end(body);
  });
}

const json = { 'Content-Type': 'application/json' };
const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const as = (name) => ({ Authorization: `Bearer ${tokens[name]}` });
const typeOf = (target) => (target === '/kill' ? form : json);

// What must not have changed: kills, policy, parents, alerts, and what the journal says was done.
async function standing() {
  const [state, policy, parents, alerts, { records }] = await Promise.all([
    floor.state(), floor.gateway.ask('GET', '/api/v1/policy'), floor.gateway.ask('GET', '/api/v1/parents'),
    floor.gateway.ask('GET', '/api/v1/alerts'), floor.gateway.ask('GET', '/api/v1/console')]);
  const done = records.filter(({ kind }) => !['alert', 'link', 'signing'].includes(kind));
  return JSON.stringify([state.state, state.kills, state.rearm, policy.policy, policy.raises,
    policy.proposals, parents.parents.map(({ parent, size }) => [parent, size]),
    alerts.alerts.map(({ id, acknowledged_by: by }) => [id, by]), done]);
}

async function unchanged(what) {
  const before_ = await standing();
  await what();
  assert.equal(await standing(), before_);
}

test('docs/openapi.yaml is sound, and names each address of the program with its right', (t) => {
  const { status, stdout, stderr } = spawnSync(process.execPath,
    [path.join(root, 'tests/node_modules/@redocly/cli/bin/cli.js'), 'lint', '--config',
      path.join(root, 'tests/page/redocly.yaml'), path.join(root, 'docs/openapi.yaml')],
    { encoding: 'utf8', env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' } });
  assert.equal(status, 0, stdout + stderr);
  const listed = Object.entries(described.paths).flatMap(([target, item]) =>
    ['get', 'post', 'put'].filter((method) => item[method]).map((method) =>
      `${method.toUpperCase()} ${target} ${item[method]['x-right'] ?? 'none'}`));
  const real = endpoints.map(({ method, target, right }) => `${method} ${target} ${right}`);
  assert.deepEqual(listed.sort(), real.sort());
  t.diagnostic(`${real.length} ways in`);
});

test('each way in, without rights: only what needs none answers, and nothing changes', () =>
  unchanged(async () => {
    for (const { method, target, right } of endpoints) {
      if (target === '/metrics') continue; // of the other port
      for (const headers of [{}, { Authorization: 'Bearer nobody' }, { Authorization: 'Basic bm9ib2R5' }]) {
        const { status } = await send(floor.url, method, target, { ...typeOf(target), ...headers },
          method === 'GET' ? '' : target === '/kill' ? 'scope=everything&sure=yes' : '{}');
        const wanted = target === '/readyz' ? [200, 503] : right === 'none' ? [200] : [401];
        assert.ok(wanted.includes(status), `${method} ${target}: ${status}`);
      }
      if (right === 'none' || right === 'view') continue;
      const body = target === '/kill' ? `token=${encodeURIComponent(tokens['v.cole'])}&sure=yes` : '{}';
      const { status } = await send(floor.url, method, target, { ...typeOf(target), ...as('v.cole') }, body);
      assert.equal(status, 403, `${method} ${target} by who may only look`);
    }
  }));

test('a GET changes nothing anywhere, and what is no listed method is refused', () =>
  unchanged(async () => {
    const targets = [...new Set(endpoints.map(({ target }) => target))];
    for (const target of targets) {
      const known = endpoints.filter((each) => each.target === target).map(({ method }) => method);
      for (const method of methods) {
        if (known.includes(method) && method !== 'GET') continue;
        const { status, headers } = await send(floor.url, method, target, { ...json, ...as('m.ortiz') });
        const wanted = target === '/metrics' ? 404 : known.includes(method) ? 200 : 405;
        assert.equal(status, wanted, `${method} ${target}`);
        if (status === 405) assert.equal(headers.allow, known.join(', '));
      }
      for (const query of ['?', '?scope=everything&sure=yes', '/'])
        assert.equal((await send(floor.url, 'GET', target + query, as('m.ortiz'))).status, 404, target + query);
    }
  }));

test('the metrics port can change nothing', () => unchanged(async () => {
  for (const { target, onMetrics } of endpoints) {
    for (const method of methods) {
      const body = target === '/kill' ? `token=${encodeURIComponent(tokens['m.ortiz'])}&sure=yes` : '{}';
      const { status } = await send(floor.metrics, method, target, { ...typeOf(target), ...as('m.ortiz') },
        method === 'GET' || method === 'HEAD' ? '' : body);
      assert.equal(status, onMetrics ? (method === 'GET' ? 200 : 405) : 404, `${method} ${target}`);
    }
  }
}));

// Name and labels of each.
const series = async () => new Set((await send(floor.metrics, 'GET', '/metrics')).text.split('\n')
  .filter((line) => line && !line.startsWith('#')).map((line) => line.slice(0, line.lastIndexOf(' '))));

test('twelve times the parents and their orders are the same series', async (t) => {
  // Each parent: an order that fills, and one that is refused; 50 new parents a second are allowed.
  let number = 0;
  const trade = async () => {
    for (const last = number + 10; number < last; ++number) {
      const parent = `S-${number}`;
      await floor.declare(parent, 'NVDA', 'buy', 2);
      floor.order('R1', { parent, symbol: 'NVDA', quantity: 1 });
      floor.order('R1', { parent, symbol: 'NVDA', quantity: 2 });
    }
    await waitFor('all to be counted', async () => {
      const { refusals } = await floor.state();
      return refusals.some(({ text }) => text.includes(`S-${number - 1}'s`));
    });
    await setTimeout(250);
  };
  await trade();
  const few = await series();
  for (let more = 0; more < 11; ++more) await trade();
  const { parents } = await floor.gateway.ask('GET', '/api/v1/parents');
  assert.ok(parents.filter(({ parent }) => parent.startsWith('S-')).length === 120);
  const many = await series();
  assert.deepEqual([...many].filter((each) => !few.has(each)), []);
  assert.equal(many.size, few.size);
  assert.ok(![...many].some((each) => /S-\d|R1-\d/.test(each)));
  t.diagnostic(`${many.size} series`);
});

test('a page from elsewhere can neither kill nor re-arm, whatever it knows', () => unchanged(async () => {
  const { host } = new URL(floor.url);
  const foreign = [{ Origin: 'https://elsewhere.example' }, { Origin: 'null' }, { Origin: `http://${host}.evil.example` },
    { Host: 'elsewhere.example' }, { Host: `elsewhere.example:${new URL(floor.url).port}` }];
  for (const headers of foreign) {
    for (const { method, target } of endpoints.filter((each) => each.method !== 'GET')) {
      const body = target === '/kill' ? `token=${encodeURIComponent(tokens['m.ortiz'])}&sure=yes` : '{}';
      const { status, headers: said } = await send(floor.url, method, target,
        { ...typeOf(target), ...as('m.ortiz'), ...headers }, body);
      assert.equal(status, 403, `${method} ${target} ${JSON.stringify(headers)}`);
      assert.equal(said['access-control-allow-origin'], undefined);
    }
  }
  // What a browser sends without asking first: no JSON.
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
    for (const { method, target } of endpoints.filter((each) => each.method !== 'GET' && each.target !== '/kill')) {
      const { status } = await send(floor.url, method, target, { 'Content-Type': type, ...as('m.ortiz') }, '{}');
      assert.equal(status, 415, `${method} ${target} as ${type}`);
    }
}));

test('the command kills with a token over TCP, and without one on the host', async () => {
  const program = process.env.INTERLOCK ?? path.join(root, 'build/dev/interlock');
  const socket = path.join(floor.dir, 'state/interlock.sock');
  const command = spawnSync(program, ['kill', 'router', 'R2'],
    { encoding: 'utf8', env: { ...process.env, INTERLOCK_SOCKET: socket } });
  // 5: killed, but a busy machine did not confirm the gate within 50 ms.
  assert.ok([0, 5].includes(command.status), command.stdout + command.stderr);
  const { status } = await send(floor.url, 'POST', '/api/v1/kill', { ...json, ...as('m.ortiz') },
    '{"scope":"router","id":"R1"}');
  assert.equal(status, 200); // no Origin: no browser sent it
  await waitFor('both to be killed', async () => (await floor.state()).kills.length === 2);
  await rearm(floor.gateway);
});

// --- what is answered, against what is written ---

const ajv = new Ajv({ strict: false, allErrors: true });
ajv.addSchema({ $id: 'doc', components: described.components });
const absolute = (schema) => JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"doc#/'));
const resolve = (node) => (node?.$ref ? node.$ref.slice(2).split('/').reduce((at, key) => at[key], described) : node);
const tried = new Set();

async function conforms(method, target, body, { person = 'm.ortiz', type = json, base = floor.url } = {}) {
  const answer = await send(base, method, target, { ...(body !== undefined && type), ...as(person) }, body ?? '');
  const { responses } = described.paths[target][method.toLowerCase()];
  const response = resolve(responses[answer.status] ?? responses.default);
  const media = answer.headers['content-type'].split(';')[0];
  const what = `${method} ${target} ${answer.status}: ${answer.text.slice(0, 300)}`;
  assert.ok(responses[answer.status] || answer.status >= 400, `${what} is not described`);
  assert.ok(response.content[media], `${what}: ${media} is not described`);
  tried.add(`${method} ${target} ${answer.status < 400 ? 'done' : 'refused'}`);
  if (media !== 'application/json') return answer;
  const check = ajv.compile(absolute(response.content[media].schema));
  const value = JSON.parse(answer.text);
  assert.ok(check(value), `${what}\n${ajv.errorsText(check.errors)}`);
  return { ...answer, value };
}

async function all() {
  for (const { method, target } of endpoints)
    if (method === 'GET') await conforms(method, target, undefined, { base: target === '/metrics' ? floor.metrics : floor.url });
}

test('what is answered is what docs/openapi.yaml says', async (t) => {
  const post = (target, body, more) => conforms('POST', target, JSON.stringify(body), more);
  await all();
  for (const { method, target } of endpoints) {
    if (method === 'GET') continue;
    await conforms(method, target, '{"no such key": 1}', { type: typeOf(target) });
    await conforms(method, target, '{}', { person: 'v.cole', type: typeOf(target) });
  }
  // Orders that fill, rest and are refused, an alert, and each change once.
  for (let child = 0; child < 6; ++child) floor.order('R1', { parent: 'P-1', symbol: 'NVDA' });
  floor.venues.XNYS.mute = true;
  await post('/api/v1/parents', { parent: 'P-2', account: '7731', symbol: 'KO', side: 'buy', size: '900' });
  await post('/api/v1/parents', { parent: 'P-2', account: '7731', symbol: 'KO', side: 'buy', size: '900' });
  floor.order('R2', { parent: 'P-2', symbol: 'KO', price: '9.90' });
  await floor.openOrders(1);
  await post('/api/v1/parents/change', { action: 'resize', parent: 'P-2', quantity: '800', reason: 'less' });
  await post('/api/v1/policy', { action: 'raise', scope: 'account', id: '7731', key: 'max_order_notional',
    value: '3 M USD', for_s: 60, reason: 'tried' });
  floor.order('R1', { parent: 'P-2', symbol: 'KO', quantity: 1, price: '12.00' });
  const far = await waitFor('a refusal of the collar', async () =>
    (await floor.state()).refusals.find(({ code }) => code === 'PRICE_COLLAR'));
  await post('/api/v1/release', { record: far.record, reason: 'tried' });
  await post('/api/v1/record', { subject: 'review', text: 'tried' });
  await post('/api/v1/sessions/sequence', { action: 'set', session: 'R3', next_in: 1, next_out: 5, reason: 'tried' });
  await conforms('PUT', '/api/v1/prices', JSON.stringify({ prices: [{ symbol: 'KO', price: '10.01',
    as_of: new Date().toISOString().replace(/\.\d+/, '') }] }));
  const open = (await floor.gateway.ask('GET', '/api/v1/alerts')).alerts.find(({ acknowledged_by: by }) => by === '');
  await post('/api/v1/alerts', { action: 'acknowledge', id: open.id, reason: 'tried' });
  await all();
  const { value: kill } = await post('/api/v1/kill', { reason: 'tried' });
  await post('/api/v1/cancel', { kill_id: kill.kill_id });
  await conforms('POST', '/kill', `token=${encodeURIComponent(tokens['m.ortiz'])}&scope=router&id=R1&sure=yes`, { type: form });
  await all();
  await post('/api/v1/cut', { venue: 'XNAS' });
  await post('/api/v1/button', { button: 'desk-2' });
  const [order] = (await floor.state()).kills[0].residual_orders;
  const signed = { orders_signed_off: [`${order.router}/${order.cl_ord_id}`], residual_signed_off: 'dead, by phone' };
  await post('/api/v1/rearm', { action: 'begin', kill_id: kill.kill_id, reason: 'tried', ...signed });
  await all();
  await post('/api/v1/rearm', { action: 'approve', kill_id: kill.kill_id }, { person: 'k.lee' });
  const never = endpoints.flatMap(({ method, target }) =>
    (method === 'GET' ? [] : ['done', 'refused'].map((end) => `${method} ${target} ${end}`)))
    .filter((each) => !tried.has(each) && each !== 'POST /api/v1/rearm done');
  t.diagnostic(`${tried.size} of the answers tried; not: ${never.join(', ') || 'none'}`);
  assert.deepEqual(never, []);
});
