// Every refusal, for every kind of message and every reason, against the QuickFIX dictionaries that
// jspurefix ships: an engine that validates must be able to read what it is told.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

const here = path.dirname(fileURLToPath(import.meta.url));
const build = path.dirname(
  path.resolve(process.env.INTERLOCK ?? path.join(here, '../../build/dev/interlock')),
);
const data = path.join(
  path.dirname(createRequire(import.meta.url).resolve('jspurefix/package.json')),
  'data',
);

// The dictionary as a tree of { kind, ...attributes, children }.
function read(file) {
  const root = { children: [] };
  const open = [root];
  for (const [, closing, kind, text, empty] of fs
    .readFileSync(path.join(data, file), 'utf8')
    .matchAll(/<(\/?)([a-z]+)([^>]*?)(\/?)>/g)) {
    if (closing) {
      open.pop();
      continue;
    }
    const node = { kind, children: [] };
    for (const [, name, , value] of text.matchAll(/(\w+)=(['"])(.*?)\2/g)) node[name] = value;
    open.at(-1).children.push(node);
    if (!empty) open.push(node);
  }
  const section = (name) => root.children[0].children.find((node) => node.kind === name).children;
  const byName = (nodes) => new Map(nodes.map((node) => [node.name, node]));
  return {
    header: section('header'),
    messages: new Map(section('messages').map((node) => [node.msgtype, node])),
    components: byName(section('components')),
    names: byName(section('fields')),
    tags: new Map(section('fields').map((node) => [node.number, node])),
  };
}

const versions = {
  'FIX.4.2': read('FIX42.xml'), 'FIX.4.4': read('FIX44.xml'), 'FIXT.1.1': read('FIX50SP2.xml'),
};

// Fields and groups of a message, components opened; in an optional component nothing is required.
function members(dictionary, nodes, needed = true) {
  return nodes.flatMap((node) => {
    const required = needed && node.required === 'Y';
    if (node.kind === 'component')
      return members(dictionary, dictionary.components.get(node.name).children, required);
    return [{ ...node, required, tag: dictionary.names.get(node.name).number }];
  });
}

function checkValue(dictionary, tag, value) {
  const field = dictionary.tags.get(tag);
  assert.ok(field, `tag ${tag} is not in the dictionary`);
  if (field.type === 'CHAR') assert.equal(value.length, 1, `tag ${tag} is one character`);
  if (['INT', 'NUMINGROUP', 'SEQNUM'].includes(field.type))
    assert.match(value, /^\d+$/, `tag ${tag} is digits`);
  const allowed = field.children.map((child) => child.enum);
  if (allowed.length > 0) assert.ok(allowed.includes(value), `tag ${tag} may not be ${value}`);
}

// Takes the fields of this level from the front of `fields`; stops at one that is not of it, or
// that was there before.
function take(dictionary, level, fields) {
  const seen = new Set();
  while (fields.length > 0) {
    const [tag, value] = fields[0];
    const member = level.find((candidate) => candidate.tag === tag);
    if (!member || seen.has(tag)) break;
    seen.add(tag);
    fields.shift();
    checkValue(dictionary, tag, value);
    if (member.kind !== 'group') continue;
    const entry = members(dictionary, member.children);
    for (let count = Number(value); count > 0; --count) {
      assert.equal(fields[0]?.[0], entry[0].tag, `group ${tag} begins with its first field`);
      take(dictionary, entry, fields);
    }
  }
  for (const member of level)
    assert.ok(!member.required || seen.has(member.tag), `tag ${member.tag} is required`);
}

const fieldsOf = (line) => line.split('|').slice(0, -1).map((field) => field.split(/=(.*)/s, 2));

// The tags that a level requires, and those that each entry of its groups requires.
function required(dictionary, level) {
  return level.flatMap((member) => [
    ...(member.required ? [member.tag] : []),
    ...(member.kind === 'group' ? required(dictionary, members(dictionary, member.children)) : []),
  ]);
}

// Returns the tags that the dictionary requires of such a message.
function check(whole) {
  const fields = [...whole];
  const values = new Map(fields);
  const dictionary = versions[values.get('8')];
  const header = members(dictionary, dictionary.header);
  const message = members(dictionary, dictionary.messages.get(values.get('35')).children);
  fields.pop(); // 10
  take(dictionary, [...header, ...message], fields);
  assert.deepEqual(fields, [], 'all fields belong to the message');
  return new Set(required(dictionary, [...header, ...message]));
}

// The refusals as test_gateway writes them, one a line.
function refusals() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'rejects-'));
  const file = path.join(dir, 'rejects.txt');
  try {
    execFileSync(path.join(build, 'test_gateway'), ['--test-case=refusals:*,reports:*'], {
      env: { ...process.env, INTERLOCK_REJECTS: file },
    });
    return fs.readFileSync(file, 'utf8').trimEnd().split('\n').map(fieldsOf);
  } finally {
    fs.rmSync(dir, { recursive: true });
  }
}

test('every refusal is valid by the dictionaries of FIX 4.2, 4.4 and 5.0SP2', () => {
  const all = refusals();
  assert.ok(all.length > 1500, `${all.length} refusals`);
  const faults = new Map();
  for (const fields of all) {
    try {
      check(fields);
    } catch (error) {
      faults.set(error.message, fields.join('|'));
    }
  }
  assert.deepEqual(Object.fromEntries(faults), {});
});

test('a refusal without any one of its required fields is found out', () => {
  const kinds = new Map(
    refusals().map((fields) => {
      const values = new Map(fields);
      return [`${values.get('8')} ${values.get('35')}`, fields];
    }),
  );
  assert.ok(kinds.size >= 17, [...kinds.keys()].join(', '));
  let dropped = 0;
  for (const [kind, fields] of kinds) {
    const needed = check(fields);
    fields.forEach(([tag], at) => {
      if (!needed.has(tag) || tag === '8' || tag === '35') return; // without these two: no message
      const rest = fields.filter((_, other) => other !== at);
      assert.throws(() => check(rest), undefined, `${kind} without ${tag}`);
      dropped += 1;
    });
  }
  assert.ok(dropped > 200, `${dropped} fields dropped`);
});
