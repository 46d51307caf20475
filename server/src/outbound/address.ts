import { BlockList, isIP } from 'node:net';

/**
 * Ranges that a user's URL may not reach (IANA special-purpose registries): this machine, its networks, its cloud's
 * metadata, and forms that carry an IPv4 address inside an IPv6 one and are translated on the way.
 */
const denied = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  denied.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 128],
  ['::1', 128],
  // IPv4-compatible, deprecated; some stacks still route it.
  ['::', 96],
  // IPv4-translated (RFC 2765) and NAT64, the local-use one too.
  ['::ffff:0:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  denied.addSubnet(network, prefix, 'ipv6');
}

/** Whether an IP address is one that only an operator may name. What is no address is denied. IPv4-mapped IPv6 counts as the IPv4 address. */
export function isDeniedAddress(address: string): boolean {
  const plain = address.startsWith('[') && address.endsWith(']') ? address.slice(1, -1) : address;
  const bare = plain.split('%', 1)[0] ?? plain;
  const family = isIP(bare);
  if (family === 0) return true;
  if (family === 4) return denied.check(bare, 'ipv4');
  return denied.check(bare, 'ipv6');
}

/** Names that mean this machine or its cloud's metadata, whatever a resolver says. */
export function isDeniedName(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.+$/, '');
  return name === 'localhost' || name.endsWith('.localhost') || name === 'metadata' || name === 'metadata.google.internal';
}
