// The real programs: `interlock demo`, Prometheus and Alertmanager with the configuration that is shipped.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../interop/tap.mjs';
import { waitFor } from '../interop/wait.mjs';
import { read, root } from './files.mjs';

export const interlock = process.env.INTERLOCK ?? path.join(root, 'build/dev/interlock');

// A child that dies with us, and is gone when the test ends.
export function start(t, program, ...words) {
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

export async function startDemo(t) {
  const demo = start(t, interlock, 'demo', '--no-color');
  const url = await waitFor('the metrics of `interlock demo`', () => {
    assert.equal(demo.status, undefined, `interlock demo ended:\n${demo.text}`);
    return demo.text.match(/Metrics: (http:\/\/127\.0\.0\.1:\d+)/)?.[1];
  });
  return { url: url.replace(/\/$/, ''), demo };
}

export async function startPrometheus(t, target, alertmanager = '127.0.0.1:9') {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'interlock-prometheus-'));
  t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
  const config = read('dashboards/prometheus.yml')
    .replaceAll('127.0.0.1:9464', target).replaceAll('127.0.0.1:9093', alertmanager);
  for (const address of [target, alertmanager]) assert.ok(config.includes(`"${address}"`), `${address}: ${config}`);
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
