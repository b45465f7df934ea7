// What can be said of the dashboards without a gateway.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { spawnSync } from 'node:child_process';
import { alerts, dashboard, dashboardExpressions, metricsIn, read, root, rules } from './files.mjs';

function promtool(...words) {
  const { status, stdout, stderr } = spawnSync('promtool', words, { cwd: root, encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
}

test('Prometheus takes the configuration and the rules', () => {
  promtool('check', 'config', 'dashboards/prometheus.yml');
});

test('each alert fires when it should, and not before', () => {
  promtool('test', 'rules', 'dashboards/rules_test.yml');
  const tried = read('dashboards/rules_test.yml');
  for (const { name } of alerts()) {
    const expectations = tried.split(`alertname: ${name}`).slice(1);
    assert.ok(expectations.some((rest) => /^\s*exp_alerts:/.test(rest)), `${name} is never seen to fire`);
  }
});

test('each alert has a severity and a runbook, and each runbook an alert', () => {
  const named = alerts();
  assert.ok(named.length >= 11);
  for (const { name, url } of named) assert.equal(url, `docs/runbooks/${name}.md`);
  assert.equal([...rules.matchAll(/severity: (page|ticket|none)\b/g)].length, named.length);
  const pages = fs.readdirSync(path.join(root, 'docs/runbooks')).sort();
  assert.deepEqual(pages, named.map(({ name }) => `${name}.md`).sort());
});

test('each runbook has the six parts in their order, and at most seven steps', () => {
  const parts = ['What you see', 'What is already safe', 'Do now', 'Who to call', 'How it ends',
    'Evidence to keep'];
  for (const { name } of alerts()) {
    const page = read(`docs/runbooks/${name}.md`);
    const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, text]) => text);
    assert.deepEqual(headings, parts, name);
    const steps = page.split('## Do now')[1].split('## ')[0].match(/^\d+\. /gm);
    assert.ok(steps.length >= 1 && steps.length <= 7, `${name} has ${steps.length} steps`);
  }
});

test('each metric that a dashboard, a rule or a page names is described in docs/metrics.md', () => {
  const described = metricsIn(read('docs/metrics.md'));
  const pages = fs.readdirSync(path.join(root, 'docs/runbooks'))
    .map((page) => read(`docs/runbooks/${page}`));
  const texts = [...dashboardExpressions().map(({ expr }) => expr), rules, ...pages,
    read('docs/controls.md')];
  for (const metric of metricsIn(texts.join('\n')))
    assert.ok(described.has(metric), `${metric} is not in docs/metrics.md`);
});

test('the dashboard can be imported anywhere: one datasource variable, a fixed uid, no ids', () => {
  assert.match(dashboard.uid, /^[a-z-]+$/);
  assert.equal(dashboard.templating.list[0].type, 'datasource');
  const walk = (node, at) => {
    if (node === null || typeof node !== 'object') return;
    for (const [key, value] of Object.entries(node)) {
      assert.notEqual(key, '__inputs', at);
      assert.ok(key !== 'id' || typeof value === 'string', `${at} has a number of its own`);
      if (key === 'datasource')
        assert.deepEqual(value, { type: 'prometheus', uid: '${datasource}' }, at);
      walk(value, `${at}/${value?.title ?? key}`);
    }
  };
  walk(dashboard, 'dashboard');
  for (const panel of dashboard.panels)
    for (const node of panel.type === 'row' ? [] : [panel, ...panel.targets])
      assert.ok(node.datasource, `${panel.title} has no datasource`);
});

test('no panel covers another', () => {
  const taken = new Map();
  for (const { title, gridPos: { x, y, w, h } } of dashboard.panels)
    for (let row = y; row < y + h; ++row)
      for (let column = x; column < x + w; ++column) {
        const cell = `${column},${row}`;
        assert.ok(column < 24 && !taken.has(cell), `${title} covers ${taken.get(cell)}`);
        taken.set(cell, title);
      }
});
