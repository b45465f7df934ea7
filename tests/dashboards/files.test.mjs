// What can be said of the dashboards without a gateway.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { spawnSync } from 'node:child_process';
import { alerts, dashboardExpressions, dashboards, metricsIn, read, root, rules } from './files.mjs';

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

test('each dashboard can be imported anywhere: one datasource variable, a fixed uid, no ids', () => {
  for (const { name, ...dashboard } of dashboards) {
    assert.equal(dashboard.uid, `interlock-${name}`);
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
    walk(dashboard, name);
    for (const panel of dashboard.panels)
      for (const node of panel.type === 'row' ? [] : [panel, ...panel.targets])
        assert.ok(node.datasource, `${panel.title} has no datasource`);
  }
});

test('each variable of a dashboard is used there, and each that is used is declared', () => {
  const builtIn = ['__rate_interval', '__range'];
  for (const { name, templating, ...rest } of dashboards) {
    const declared = templating.list.map((variable) => variable.name);
    assert.equal(new Set(declared).size, declared.length, name);
    const used = new Set([...JSON.stringify([rest, templating]).matchAll(/\$\{?(\w+)/g)].map(([, word]) => word));
    for (const word of builtIn) used.delete(word);
    assert.deepEqual([...used].sort(), declared.sort(), name);
    for (const { type, query, refresh } of templating.list)
      if (type === 'query') {
        assert.match(query.query, /^label_values\(interlock_\w+(\{instance=~"\$instance"\})?, \w+\)$/);
        assert.equal(refresh, 2, 'a gateway that is new shows without a reload');
      }
    for (const panel of rest.panels)
      for (const { expr } of panel.targets ?? [])
        assert.match(expr, /instance=~"\$instance"/, `${name}: ${panel.title} shows gateways that nobody chose`);
  }
});

// Grafana's own types, with its enumerations as the words that stand in JSON.
const types = `import type * as grafana from '@grafana/schema';
type Plain<T> = T extends string ? \`\${T}\` : T extends number ? (number extends T ? T : \`\${T}\` extends \`\${infer N extends number}\` ? N : never)
  : T extends readonly (infer E)[] ? Plain<E>[] : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;
// What the data source of Prometheus adds to an annotation.
type Annotation = Plain<grafana.AnnotationQuery> & { expr: string; step: string; titleFormat: string; textFormat: string };
type Dashboard = Plain<Omit<grafana.Dashboard, 'panels' | 'annotations'>> & { annotations: { list: Annotation[] } };
type Panel = Plain<grafana.Panel>;
type Row = Omit<Plain<grafana.RowPanel>, 'id'>;
`;

test('each dashboard is what the types of Grafana say', { timeout: 120_000 }, (t) => {
  const dir = fs.mkdtempSync(path.join(root, 'tests/dashboards/types-'));
  t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
  for (const { name, ...dashboard } of dashboards) {
    let text = types + `export const dashboard: Dashboard = ${JSON.stringify({ ...dashboard, panels: undefined })};\n`;
    dashboard.panels.forEach((panel, i) => {
      text += `export const p${i}: ${panel.type === 'row' ? 'Row' : 'Panel'} = ${JSON.stringify(panel)};\n`;
    });
    fs.writeFileSync(path.join(dir, `${name}.ts`), text);
  }
  const { status, stdout } = spawnSync(path.join(root, 'tests/node_modules/.bin/tsc'), ['--noEmit', '--strict',
    '--skipLibCheck', '--module', 'nodenext', '--target', 'es2022', ...dashboards.map(({ name }) => path.join(dir, `${name}.ts`))],
  { encoding: 'utf8' });
  assert.equal(status, 0, stdout.slice(0, 4000));
});

test('no panel covers another', () => {
  for (const { name, panels } of dashboards) {
    const taken = new Map();
    for (const { title, gridPos: { x, y, w, h } } of panels)
      for (let row = y; row < y + h; ++row)
        for (let column = x; column < x + w; ++column) {
          const cell = `${column},${row}`;
          assert.ok(column < 24 && !taken.has(cell), `${name}: ${title} covers ${taken.get(cell)}`);
          taken.set(cell, title);
        }
  }
});

test('Alertmanager takes its configuration, and each alert goes where its severity and team say', () => {
  const amtool = (...words) => {
    const { status, stdout, stderr } = spawnSync('amtool', words, { cwd: root, encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
    return stdout.trim();
  };
  amtool('check-config', 'dashboards/alertmanager.yml');
  for (const { name, severity, team } of alerts()) {
    const to = amtool('config', 'routes', 'test', '--config.file=dashboards/alertmanager.yml',
      `alertname=${name}`, `severity=${severity}`, `team=${team}`);
    const wanted = { page: `${team}-page`, ticket: 'desk', none: 'watchdog' }[severity];
    assert.equal(to, { ButtonLost: 'risk-page,sre-page', Killed: 'risk-kill' }[name] ?? wanted, name);
  }
});
