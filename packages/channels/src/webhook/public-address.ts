import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** @see https://www.iana.org/assignments/iana-ipv4-special-registry */
const privateIpv4 = [
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
] as const;

/**
 * Within what is given out for the public net (2000::/3) these are not, or carry an IPv4 address that may be private.
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const privateIpv6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const;

const privateNets = new BlockList();
for (const [net, prefix] of privateIpv4) privateNets.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of privateIpv6) privateNets.addSubnet(net, prefix, 'ipv6');
const publicIpv6 = new BlockList();
publicIpv6.addSubnet('2000::', 3, 'ipv6');

/** Whether an IP address is of the public net: not of this machine, a private network, a cloud's own services. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !privateNets.check(address, 'ipv4');
  if (!isIPv6(address)) return false;
  return publicIpv6.check(address, 'ipv6') && !privateNets.check(address, 'ipv6');
}
