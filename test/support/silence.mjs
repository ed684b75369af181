/*
 * unshare -rnm node silence.mjs COMMAND [ARGUMENT ...]: runs a command in the network namespace that it was started in, which
 * leads nowhere: a DNS server of its own answers every name with an address of its own. Prints as JSON what the command
 * asked for and left behind: { status, names, connections, datagrams, files, stdout, stderr }. HOME and TMPDIR of the command
 * are empty folders.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

function must(command, ...args) {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}

/** Counters that the kernel keeps for this namespace, such as Tcp.ActiveOpens. */
function counters() {
  const found = {};
  const lines = readFileSync('/proc/net/snmp', 'utf8').trim().split('\n');
  for (let line = 0; line < lines.length; line += 2) {
    const [names, values] = [lines[line].split(' '), lines[line + 1].split(' ')];
    for (const [index, name] of names.entries()) found[`${names[0].replace(':', '')}.${name}`] = Number(values[index]);
  }
  return found;
}

/** The name that a DNS question asks for. */
function nameIn(question) {
  const labels = [];
  for (let at = 12; question[at] > 0; at += question[at] + 1) {
    labels.push(question.toString('latin1', at + 1, at + 1 + question[at]));
  }
  return labels.join('.');
}

/** An answer with one address, 10.0.0.1. */
function answer(question) {
  const end = 12 + nameIn(question).length + 2 + 4;
  const header = Buffer.from(question.subarray(0, end));
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(1, 6);
  header.writeUInt32BE(0, 8);
  const isAddress = question.readUInt16BE(end - 4) === 1;
  if (!isAddress) header.writeUInt16BE(0, 6);
  return isAddress
    ? Buffer.concat([header, Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 1])])
    : header;
}

const folder = mkdtempSync(join(tmpdir(), 'silence-'));
try {
  must('ip', 'link', 'set', 'lo', 'up');
  must('ip', 'route', 'add', 'local', '0.0.0.0/0', 'dev', 'lo');
  writeFileSync(join(folder, 'resolv.conf'), 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n');
  must('mount', '--bind', join(folder, 'resolv.conf'), '/etc/resolv.conf');
  const names = new Set();
  const dns = createSocket('udp4', (question, { port, address }) => {
    names.add(nameIn(question));
    dns.send(answer(question), port, address);
  });
  const listener = createServer((socket) => socket.destroy());
  dns.bind(53, '127.0.0.1');
  listener.listen(443, '0.0.0.0');
  await Promise.all([once(dns, 'listening'), once(listener, 'listening')]);

  const [home, temporary] = ['home', 'temporary'].map((name) => join(folder, name));
  mkdirSync(home);
  mkdirSync(temporary);
  const before = counters();
  const [command, ...args] = process.argv.slice(2);
  const child = spawn(command, args, { env: { ...process.env, HOME: home, TMPDIR: temporary } });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) child[stream].on('data', (data) => (output[stream] += data));
  const [status] = await once(child, 'close');
  const after = counters();
  dns.close();
  listener.close();
  const files = [home, temporary].flatMap((place) => readdirSync(place, { recursive: true }));
  const since = (counter) => after[counter] - before[counter];
  const connections = since('Tcp.ActiveOpens');
  // Answers of the server here are datagrams, too.
  const datagrams = since('Udp.InDatagrams');
  process.stdout.write(JSON.stringify({ status, names: [...names], connections, datagrams, files, ...output }));
} finally {
  spawnSync('umount', ['/etc/resolv.conf']);
  rmSync(folder, { recursive: true, force: true });
}
