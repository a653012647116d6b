import { ACCOUNT } from './catalogue-account.ts';
import { error, type Kind, note, unanswered, warning } from './kinds.ts';

/** Every kind of finding, by its code. docs/doctor.md lists the same codes. */
export const CATALOGUE = {
  // How the world finds the zone.
  'parent-unseen': unanswered(
    'the name servers of the parent zone could not be asked',
    'Whether the world finds the zone at all is not known.',
    'Run the check from a machine with a working resolver.',
  ),
  'not-delegated': error(
    'the parent zone does not delegate the zone, so nobody asks it',
    'Records in a zone that nobody asks move nobody.',
    "Add NS records for the zone at its registrar or in its parent zone, naming all of the zone's name servers.",
  ),
  'delegated-elsewhere': error(
    "the parent zone delegates the name to other name servers than the zone's",
    'Changes go into one zone while the world asks another, which may answer the same until the night of the failover.',
    "Replace the NS records in the parent zone by the hosted zone's own name servers (Route 53 console, the zone, its NS record).",
  ),
  'delegation-differs': warning(
    'Some resolvers ask a name server that is not one of the zone, or never ask some that are.',
    "Make the NS records in the parent zone those of the zone itself, name by name; all of a hosted zone's four belong there.",
  ),
  'parents-disagree': warning(
    'Which name servers a visitor gets is a matter of chance, and an old set may still be among them.',
    'Wait until the parent zone has been published everywhere, some hours at most; then ask whoever runs its name servers.',
  ),
  'parent-server-silent': warning(
    'New resolvers find the zone only through the parent; with fewer of its servers they find it later, or not at all.',
    'Tell whoever runs the parent zone.',
  ),
  'server-without-address': warning(
    'Resolvers that pick this name server try in vain first, and each has fewer left.',
    'Correct the name in the parent zone, or give it an address record.',
  ),
  'server-silent': warning(
    'Resolvers that pick it wait for seconds before they ask another one.',
    'If it is no name server of the zone any more, remove it from the parent zone; if it is, see why it does not answer.',
  ),
  'server-lame': warning(
    'It is asked for the zone and does not have it: visitors wait, and some resolvers give up.',
    'Remove it from the parent zone, or have whoever runs it serve the zone.',
  ),
  'no-server-answers': error(
    'no name server of the zone answers for it',
    'Only kept answers still lead visitors to the site, and no change reaches anybody.',
    "Put the hosted zone's own name servers into the parent zone; see whether DNS (UDP and TCP port 53) is blocked where this ran.",
  ),
  'name-servers-unanswered': unanswered(
    'the name servers of the zone did not answer',
    'Whether visitors are led to the site, and follow a change, is not known.',
    'Check again in some minutes. If it stays: see whether DNS (UDP and TCP port 53) is blocked where this ran, and the AWS health page.',
  ),
  'glue-differs': warning(
    'The parent hands out an address that the name server does not have; it answers for as long as that old machine lives.',
    "Correct the name server's address where the parent zone keeps it (glue, host object) at the registrar.",
  ),
  'ds-without-dnssec': error(
    'resolvers that check signatures (most of the big public ones) refuse the zone',
    'The parent says that the zone is signed and it is not, so checking resolvers answer SERVFAIL for every name in it.',
    'Remove the DS record in the parent zone, or sign the zone first and then publish the DS record of its key.',
  ),
  'ds-mismatch': error(
    "the parent's DS records are of none of the zone's keys, so resolvers that check signatures refuse the zone",
    'Checking resolvers answer SERVFAIL for every name in the zone.',
    'Publish the DS record of the key that signs now, and remove the others.',
  ),
  'dnssec-without-ds': note(
    'The zone is signed and nothing vouches for its key: it has the costs of DNSSEC and none of its protection.',
    'Publish the DS record of its key in the parent zone, or stop signing.',
  ),
  'delegation-ttl-short': warning(
    'Each time it ends, resolvers depend on the parent zone again: if its servers are in trouble that night, so is the site.',
    'Raise the TTL of the NS records to an hour at least; a day is usual once the delegation is settled.',
  ),
  'delegation-ttl-long': warning(
    'If the zone must ever be given other name servers, resolvers go on asking the old ones for as long.',
    'Lower the TTL of the NS records to two days at most, and to an hour before a planned change.',
  ),
  'negative-ttl-long': warning(
    '"There is no such name" is kept for as long: a name that was missing for a moment, or IPv6 that comes with a failback, stays missing.',
    "Lower the TTL or the last number of the zone's SOA record to 900 or less; the smaller of the two counts.",
  ),

  // How visitors find the site.
  'host-missing': error(
    'the host that visitors type has no address',
    'Nobody reaches the site by name.',
    "Make the host a CNAME of the site's record name, or configure as `host` what visitors type.",
  ),
  'host-elsewhere': error(
    "the host that visitors type does not lead to the site's record",
    'The record moves and visitors do not.',
    "Make the host a CNAME of the site's record name (docs/delegation.md), or correct `host` in the configuration.",
  ),
  'host-copied': warning(
    'Something copies the address instead of pointing to the name (a flattened CNAME, say), and follows a failover when it pleases.',
    "Make the host a real CNAME of the site's record name, or hold the host itself in a hosted zone.",
  ),
  'host-unseen': warning(
    'Whether visitors follow the record is not known.',
    'See the reason given. What was trouble for a moment has gone when the check is run again; a local cloud knows its own zones alone, so there this means nothing.',
  ),
  'chain-loop': error(
    'the CNAME records from the host lead round in a circle',
    'Nobody reaches the site by name.',
    'Look at each CNAME record named here, and point the last one to the site.',
  ),
  'chain-long': warning(
    'Each link is one more zone that must answer that night, and some resolvers give up after eight.',
    "Point the host straight to the site's record name.",
  ),
  'chain-ttl-long': warning(
    'A failover does not wait for it. But if the zone itself must be left that night (wrong, hijacked, deleted), visitors follow only when it ends.',
    'Lower the TTL of the CNAME record to an hour or less, at whoever holds the zone of the host.',
  ),
  'record-ttl-differs': warning(
    'Answers given out now are kept for as long as the record says, not as long as the configuration does.',
    'See who changed it: "npm run switchover -- status", then put-back, or adopt and a deployment with the TTL that is meant.',
  ),
  'record-ttl-long': warning(
    'Visitors whose resolver has just asked stay with the dead server for all of that time.',
    'Lower `ttlSeconds` to 60 or so ("npm run switchover -- forecast SITE" says what it costs) and deploy while all is well.',
  ),
  'servers-disagree': warning(
    'Some visitors are sent to another server than the one that the zone names; after a change this should last seconds.',
    'Run the check again in some minutes; if it stays, see whether all name servers are those of the one hosted zone.',
  ),
  'resolver-fails': warning(
    'Visitors behind this resolver do not reach the site by name.',
    'See the findings on the delegation; if there are none, ask another resolver (--dns) to tell whose fault it is.',
  ),
  'nobody-resolves': error(
    'no resolver that was asked finds the host',
    'Visitors do not reach the site by name.',
    'See the findings on the delegation and on the host.',
  ),
  'resolvers-unanswered': unanswered(
    'no resolver answered about the host',
    'Whether visitors reach the site by name is not known.',
    'Check again in some minutes. If it stays, ask another resolver (--dns) to tell whose fault it is.',
  ),
  'resolver-elsewhere': warning(
    "The visitors of this resolver are sent somewhere that is none of the site's servers.",
    'An answer from before a change goes by itself when its TTL is over; else look for a second zone of that name, or a resolver that overrides it.',
  ),
  'standby-blocked': error(
    'Route 53 would refuse the change that makes a standby serve',
    'DNS allows no other record beside a CNAME. The standby may be well, and the move is refused all the same.',
    'Remove the other records at the name (a proof of ownership may stand at another name, or be a CNAME of its own), or give the standby `ipv4` and `ipv6`, or an `alias`, in place of `hostname`.',
  ),
  'server-blocked': warning(
    'Route 53 would refuse to move the site to this server; another one is left.',
    'Remove the other records at the name, or give the server `ipv4` and `ipv6`, or an `alias`, in place of `hostname`.',
  ),
  'address-hints': warning(
    'Browsers may connect to an address hint without asking for anything else, and no switch changes it: after one they try the dead server first.',
    'Leave `ipv4hint` and `ipv6hint` out of the HTTPS and SVCB records; browsers then take the addresses that the switch moves.',
  ),
  'families-differ': warning(
    'A failover takes the IPv6 address away with the server, or brings one: visitors with IPv6 alone lose the site, and kept AAAA answers go on leading to the dead server.',
    'Give all servers of the site addresses of the same families, or none of them IPv6.',
  ),

  // The servers.
  'no-standby': error(
    'there is no standby that is able to take over',
    'If the server that serves dies now, nothing takes over.',
    'Repair SERVER. "npm run switchover -- status SITE" says what each vantage saw; "npm run switchover -- probe URL --server ADDRESS" asks one server alone.',
  ),
  'server-fails': warning(
    'It does not count while it fails: the site has one server less to fall back on.',
    'Repair it, or correct its address or `probe` in the configuration; docs/probes.md explains each code.',
  ),
  'certificate-name': warning(
    "Browsers refuse a certificate that is not for the host they asked for, so this server cannot serve the site's visitors.",
    'Install a certificate for the host on this server.',
  ),
  'certificate-expired': warning(
    'Browsers refuse it, so this server cannot serve visitors.',
    'Renew it on this server; think of how a standby renews while visitors go elsewhere.',
  ),
  'certificate-revoked': warning(
    'Its authority has taken it back, and the server itself says so: browsers refuse it, so this server cannot serve visitors.',
    'Get a new certificate with a new key, install it on every server that has this one, and ask the authority why.',
  ),
  'certificate-untrusted': warning(
    'Browsers refuse a certificate whose issuer they do not know, or whose intermediate the server does not send.',
    "Install the whole chain; name your own authority in `probe.ca` only if your visitors' machines know it.",
  ),
  'hello-refused': warning(
    'The hello of a browser takes two packets, for its post-quantum key share; that of a probe takes one. Browsers do not reach this server, while its probes pass.',
    'Look at what stands before the server (firewall, load balancer, intrusion detection) and bring it up to date: it takes the first packet for the whole hello. See https://tldr.fail.',
  ),
  'certificate-ends': warning(
    'From then on this server is down, and a standby is the one whose renewal nobody notices to fail.',
    'Renew it now, and see why it was not renewed by itself.',
  ),
  'authority-ends': warning(
    "The authority's certificate in the middle of the chain ends before the server's own: from then on every server with this chain is down at once.",
    'Install the chain that the authority hands out today, on every server; where there is no newer one, renew the certificate.',
  ),
  'family-unseen': warning(
    'These addresses have no vote: they move with their site, and if only they fail nobody notices. Lambda functions have no IPv6 of their own.',
    'Watch these addresses from elsewhere too, or leave them out.',
  ),
  'server-unseen': note(
    'This place could not look at it, which says nothing of the server.',
    'Run the check from another place; once deployed, "npm run switchover -- status" says what the vantages see.',
  ),

  ...ACCOUNT,
} as const satisfies Record<string, Kind>;

export type Code = keyof typeof CATALOGUE;
