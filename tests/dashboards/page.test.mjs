// From a kill to whoever is paged: the gateway, Prometheus and Alertmanager as they are shipped, and a
// receiver of ours in the place of a pager.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../interop/tap.mjs';
import { waitFor } from '../interop/wait.mjs';
import { read } from './files.mjs';
import { interlock, start, startDemo, startPrometheus } from './live.mjs';

// What Alertmanager tells its receivers: { to, at (ms), alerts }.
async function startReceiver(t) {
  const told = [];
  const server = http.createServer(async (request, response) => {
    const parts = await request.toArray();
    const { status, alerts } = JSON.parse(Buffer.concat(parts));
    told.push({ to: request.url.slice(1), at: Date.now(), status, alerts });
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { told, address: `127.0.0.1:${server.address().port}` };
}

async function startAlertmanager(t, receiver) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'interlock-alertmanager-'));
  t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
  const config = read('dashboards/alertmanager.yml').replaceAll('127.0.0.1:9095', receiver);
  assert.ok(config.includes(receiver));
  fs.writeFileSync(path.join(dir, 'alertmanager.yml'), config);
  const address = `127.0.0.1:${await freePort()}`;
  const server = start(t, 'prometheus-alertmanager', `--config.file=${dir}/alertmanager.yml`,
    `--storage.path=${dir}/data`, `--web.listen-address=${address}`, '--cluster.listen-address=');
  await waitFor('Alertmanager', async () => {
    assert.equal(server.status, undefined, `alertmanager ended:\n${server.text}`);
    return (await fetch(`http://${address}/-/ready`).catch(() => null))?.ok;
  }, { seconds: 60 });
  return address;
}

test('a kill reaches the risk desk\'s pager', { timeout: 180_000 }, async (t) => {
  const { told, address: receiver } = await startReceiver(t);
  const { url, demo } = await startDemo(t);
  const socket = await waitFor('the demo to have played',
    () => demo.text.match(/INTERLOCK_SOCKET=(\S+)/)?.[1], { seconds: 60 });
  const alertmanager = await startAlertmanager(t, receiver);
  await startPrometheus(t, new URL(url).host, alertmanager);
  const paged = (scope) => told.find(({ to, alerts }) => to === 'risk-page'
    && alerts.some(({ labels }) => labels.alertname === 'Killed' && labels.scope === scope));
  await waitFor('the page of the demo\'s own kill', () => paged('router'), { seconds: 60 });

  const before = Date.now();
  const { status, stdout, stderr } = spawnSync(interlock, ['kill', 'everything', '--socket', socket],
    { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
  const page = await waitFor('the page of the kill', () => paged('firm'), { seconds: 60 });
  const seconds = (page.at - before) / 1000;
  t.diagnostic(`${seconds} s from the command to the pager; gate ${stdout.match(/closed after [^,]*/)?.[0]}`);
  assert.ok(seconds < 50, `${seconds} s`); // 5 s is promised; this machine may be busy
  const { annotations } = page.alerts.find(({ labels }) => labels.scope === 'firm');
  assert.match(annotations.runbook_url, /docs\/runbooks\/Killed\.md$/);

  // Two of one kind: the second pages as the first did, and that the first is over is told by nobody.
  const command = (...words) => spawnSync(interlock, [...words, '--socket', socket], { encoding: 'utf8' });
  const { parents } = JSON.parse(command('parents', '--json').stdout);
  const pages = () => told.filter(({ to, alerts }) => to === 'risk-page'
    && alerts.some(({ labels }) => labels.alertname === 'Killed' && labels.scope === 'parent'));
  for (const [index, { parent }] of parents.slice(0, 2).entries()) {
    const killedAt = Date.now();
    const done = command('kill', 'parent', parent);
    assert.equal(done.status, 0, done.stdout + done.stderr);
    const found = await waitFor(`the page of ${parent}`,
      () => pages().length > index && pages(), { seconds: 60 });
    assert.equal(found.length, index + 1);
    t.diagnostic(`${(found[index].at - killedAt) / 1000} s, ${parent}`);
  }
  assert.ok(told.every(({ alerts, status: is }) => is === 'firing' || alerts[0].labels.alertname !== 'Killed'));
  await waitFor('the watchdog', () => told.some(({ to }) => to === 'watchdog'), { seconds: 60 });
});
