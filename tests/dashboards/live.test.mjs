// A real Prometheus scrapes `interlock demo`, and each expression has to find something.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../interop/tap.mjs';
import { waitFor } from '../interop/wait.mjs';
import { alerts, dashboardExpressions, metricsIn, read, root } from './files.mjs';

const interlock = process.env.INTERLOCK ?? path.join(root, 'build/dev/interlock');

// A child that dies with us, and is gone when the test ends.
function start(t, program, ...words) {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...words],
    { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { text: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes) => { output.text += bytes; });
  const ended = once(child, 'exit').then(([status]) => { output.status = status ?? 'a signal'; });
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return output;
}

async function startDemo(t) {
  const demo = start(t, interlock, 'demo', '--no-color');
  const url = await waitFor('the metrics of `interlock demo`', () => {
    assert.equal(demo.status, undefined, `interlock demo ended:\n${demo.text}`);
    return demo.text.match(/Metrics: (http:\/\/127\.0\.0\.1:\d+)/)?.[1];
  });
  return url.replace(/\/$/, '');
}

async function startPrometheus(t, target) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'interlock-prometheus-'));
  t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
  const config = read('dashboards/prometheus.yml')
    .replaceAll(/_interval: 5s/g, '_interval: 1s')
    .replace('scrape_timeout: 2s', 'scrape_timeout: 1s')
    .replace('127.0.0.1:9464', target);
  assert.ok(config.includes(target));
  fs.writeFileSync(path.join(dir, 'prometheus.yml'), config);
  fs.copyFileSync(path.join(root, 'dashboards/rules.yml'), path.join(dir, 'rules.yml'));
  const port = await freePort();
  const server = start(t, 'prometheus', `--config.file=${dir}/prometheus.yml`,
    `--storage.tsdb.path=${dir}/data`, `--web.listen-address=127.0.0.1:${port}`);

  const ask = async (what) => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/${what}`);
    const { status, data, error } = await answer.json();
    assert.equal(status, 'success', `${what}: ${error}`);
    return data;
  };
  const query = async (expr) => (await ask(`query?query=${encodeURIComponent(expr)}`)).result;
  await waitFor('five scrapes', async () => {
    assert.equal(server.status, undefined, `prometheus ended:\n${server.text}`);
    const scrapes = await query('sum_over_time(up{job="interlock"}[1m])').catch(() => []);
    return scrapes.length > 0 && Number(scrapes[0].value[1]) >= 5;
  }, { seconds: 60 });
  return { ask, query };
}

// A comparison filters: quiet is no series. With `bool` it says 0 instead, so that a name or a label
// that does not exist can be told from quiet.
const unfiltered = (expr) => expr.split(/(\{[^}]*\})/)
  .map((part) => (part.startsWith('{') ? part : part.replaceAll(/ (==|!=|<=|>=|<|>) /g, ' $1 bool ')))
  .join('');

test('each expression of the dashboard and of the rules finds something in `interlock demo`',
  { timeout: 120_000 }, async (t) => {
    const url = await startDemo(t);
    const prometheus = await startPrometheus(t, new URL(url).host);

    const { groups } = await prometheus.ask('rules');
    const loaded = groups.flatMap(({ rules }) => rules);
    const names = loaded.filter(({ type }) => type === 'alerting').map(({ name }) => name);
    assert.deepEqual(names, alerts().map(({ name }) => name));
    for (const rule of loaded) assert.equal(rule.health, 'ok', `${rule.name}: ${rule.lastError}`);

    const asked = [...dashboardExpressions(), ...loaded.map(({ name, query }) => ({ of: name, expr: query }))];
    for (const { of, expr } of asked) {
      const found = await prometheus.query(unfiltered(expr));
      assert.ok(found.length > 0, `${of} finds nothing: ${expr}`);
    }
    t.diagnostic(`${asked.length} expressions`);
  });

test('docs/metrics.md describes what `interlock demo` serves, and nothing else',
  { timeout: 60_000 }, async (t) => {
    const url = await startDemo(t);
    const page = await (await fetch(`${url}/metrics`)).text();
    const served = [...page.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name).sort();
    const documented = [...metricsIn(read('docs/metrics.md'))].sort();
    assert.deepEqual(served, documented);
  });
