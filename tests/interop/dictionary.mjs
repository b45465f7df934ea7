// jspurefix's own QuickFIX dictionaries, plus the custom tags that the orders of these tests carry.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';

const data = path.join(
  path.dirname(createRequire(import.meta.url).resolve('jspurefix/package.json')),
  'data',
);
const sources = {
  'FIX.4.2': 'FIX42.xml', 'FIX.4.4': 'FIX44.xml', 'FIX.5.0SP2': 'FIX50SP2.xml',
};

// What 8 says.
export const beginString = (version) => (version === 'FIX.5.0SP2' ? 'FIXT.1.1' : version);

// Custom tags in the range that FIX leaves to its users; the group has entries of two fields.
export const custom = { parent: 5001, strategy: 5002, hints: 5010, hint: 5011, hintValue: 5012 };

// Tags that a Logon of FIX 4.2 has no place for, and that its users add all the same.
const credentials = { Username: 553, Password: 554 };

// Writes the dictionary of that version into `dir` and returns its path.
export function dictionaryFile(version, dir) {
  const file = path.join(dir, sources[version]);
  if (!fs.existsSync(file)) {
    const text = fs.readFileSync(path.join(data, sources[version]), 'utf8');
    fs.writeFileSync(file, extended(text, version));
  }
  return file;
}

function extended(text, version) {
  const optional = (name) => `<field name='${name}' required='N'/>`;
  const onOrders = `${optional('ParentID')}${optional('Strategy')}
    <group name='NoHints' required='N'>${optional('HintName')}${optional('HintValue')}</group>`;
  const added = [
    [custom.parent, 'ParentID', 'STRING'], [custom.strategy, 'Strategy', 'STRING'],
    [custom.hints, 'NoHints', 'NUMINGROUP'], [custom.hint, 'HintName', 'STRING'],
    [custom.hintValue, 'HintValue', 'STRING'],
  ];
  for (const name of ['NewOrderSingle', 'OrderCancelReplaceRequest', 'OrderCancelRequest'])
    text = atEndOf(text, name, onOrders);
  if (version === 'FIX.4.2') {
    text = atEndOf(text, 'Logon', Object.keys(credentials).map(optional).join(''));
    added.push(...Object.entries(credentials).map(([name, tag]) => [tag, name, 'STRING']));
  }
  const fields = added.map(
    ([tag, name, type]) => `<field number='${tag}' name='${name}' type='${type}'/>`,
  );
  return text.replace('<fields>', `<fields>\n${fields.join('\n')}`);
}

function atEndOf(text, message, addition) {
  const start = text.search(new RegExp(`<message name=['"]${message}['"]`));
  const end = text.indexOf('</message>', start);
  if (start < 0 || end < 0) throw new Error(`no message ${message} in the dictionary`);
  return `${text.slice(0, end)}${addition}\n${text.slice(end)}`;
}
