import { error, type Kind, note, unanswered, warning } from './kinds.ts';

/** The kinds of findings about what only the account knows. */
export const ACCOUNT = {
  'not-deployed': error(
    'nothing that is deployed could be asked',
    'What is not deployed moves nothing.',
    'Deploy ("npm run cdk -- deploy --all"), or sign in to the account where it is deployed (AWS_PROFILE).',
  ),
  'not-as-deployed': warning(
    'What was checked here is not what runs.',
    'Look at "npm run switchover -- diff", then deploy, or check with the configuration that is deployed (--config).',
  ),
  'controller-silent': error(
    'the controller decides nothing',
    'Nobody watches, and nothing moves.',
    'Look at the log of the controller, at its schedule (EventBridge Scheduler), and at docs/runbook.md under the silence alarm.',
  ),
  'sites-unread': unanswered(
    'how the sites stand could not be read in time',
    'Whether a site is held, pinned or edited by hand is not known here; the controller knows it by itself.',
    'Check again in some minutes. If it stays, look at the log of the controller for calls that are slow.',
  ),
  'zone-gone': error(
    'the hosted zone does not exist',
    'There is nothing to write to.',
    'Correct the id of the zone in the configuration, or make the zone anew; then delegate to its name servers.',
  ),
  'zone-unread': error(
    'the hosted zone cannot be read',
    'What cannot be read is not moved.',
    "See the reason given: a permission that is missing, or trouble of Route 53's (the AWS health page). Where STS refuses, look at the role in the account of the zone (docs/zone-in-another-account.md).",
  ),
  'zone-unanswered': unanswered(
    'Route 53 did not answer about the zone',
    'Whether the zone is there and may be read is not known.',
    "Check again in some minutes. If it stays, it is trouble of Route 53's (the AWS health page): nothing can be moved by hand either.",
  ),
  'second-zone': warning(
    'On a bad night somebody edits the wrong one, in the console or by a tool that takes the first of that name.',
    'Delete the zone that the parent does not delegate to, once nothing in it is needed, or give it a comment that says so.',
  ),
  'accelerated-recovery-off': warning(
    'Changes go through us-east-1. When that region fails, a zone with this option can be changed again within about an hour; without it nobody says when.',
    'Route 53 console, the zone, accelerated recovery: enable. It is free, takes up to hours, and refuses changes for some minutes at its end: not tonight.',
  ),
  'zone-locked': warning(
    'Changes may be refused for some minutes while accelerated recovery is switched on or off.',
    'Wait until it is done, and check again.',
  ),
  'edited-by-hand': error(
    'its records are not as Switchover left them, and it waits for a person',
    'Nothing moves by itself until somebody says whose word holds.',
    'To take the edit: npm run switchover -- adopt SITE --reason "why". To undo it: npm run switchover -- put-back SITE --reason "why"',
  ),
  'no-record': error(
    'the zone has no record for it yet',
    'There is nothing to move; the first record is made once a server is up.',
    'See that a server of the site is up, and look at "npm run switchover -- explain SITE".',
  ),
  held: {
    severity: 'warning',
    stops: 'a person holds it',
    why: 'Nothing moves by itself until it ends.',
    mend: 'If the reason for it is over: npm run switchover -- release SITE --reason "why"',
  },
  pinned: {
    severity: 'warning',
    stops: 'a person pinned it to a server',
    why: 'That server is served whatever its health, until it ends.',
    mend: 'If the reason for it is over: npm run switchover -- release SITE --reason "why"',
  },
  'state-away': warning(
    'A failover is still made on fresh evidence; nothing moves back, and holds that were not yet in DNS are not known.',
    'See whether the state table exists and the functions may use it; the log of the controller has the error.',
  ),
  'state-unreadable': error(
    'its stored state is not one that the deployed version understands',
    'It is watched and not moved.',
    'Deploy the version that wrote it or a later one, or see docs/runbook.md under state-unreadable.',
  ),
  'nobody-is-told': error(
    undefined,
    'A failover, and worse, one that could not be made, is told to nobody.',
    'Confirm a subscription of the topic (the mail from AWS), or add one in the SNS console.',
  ),
  'subscription-pending': warning(
    'This address is told nothing until it clicks the link that AWS sent; the link ends within days.',
    'Click it, or in the SNS console: the subscription, request confirmation.',
  ),
  'subscription-gone': warning(
    'Somebody clicked "unsubscribe", or it was deleted: this address is told nothing, and a deployment does not bring it back.',
    'In the SNS console, create the subscription again, and have the person click the link in the mail.',
  ),
  'subscriptions-unread': warning(
    'Whether anybody is told is not known.',
    'See the reason given; deploy this version, which is permitted to look.',
  ),
  'permission-write': error(
    'it may not change the records',
    'The failover would be decided, and refused.',
    'Deploy again; if it stays, look for a permissions boundary, a service control policy, or an edit of the role. Where STS refuses, look at the role in the account of the zone (docs/zone-in-another-account.md).',
  ),
  'write-unanswered': unanswered(
    'Route 53 did not answer the call that shows whether the records may be changed',
    'Whether a failover would be accepted is not known.',
    "Check again in some minutes. If it stays, it is trouble of Route 53's (the AWS health page).",
  ),
  'permission-announce': error(
    undefined,
    'A failover would be made and told to nobody.',
    'Deploy again; if it stays, look at the policy of the topic and of the role.',
  ),
  'permission-store': warning(
    'Holds, history and what is owed are not kept; a failover is still made on fresh evidence.',
    'Deploy again; if it stays, look at the role for an edit or a boundary.',
  ),
  'permission-follow': warning(
    'Nobody is told when a change has reached all name servers.',
    'Deploy again; if it stays, look at the role for an edit or a boundary.',
  ),
  'permission-unproven': note(
    'The call that should have shown the permission came to something else, so it proves nothing.',
    'Check again later; see the answer given.',
  ),
  'record-protected': error(
    'a protection in Route 53 keeps its records from being changed',
    'The failover would be decided, and refused.',
    'If it is meant as a hold, use "npm run switchover -- hold" instead, which ends and is told; else delete the protection.',
  ),
  'vantage-blind': warning(
    'It counts as having seen nothing. With one more of them blind there may be no majority, and nothing would move.',
    'Where it sees none of its references, look at `references`; else see whether the prober exists and runs in that region, and whether AWS reports trouble there.',
  ),
  'quorum-blind': error(
    'too few vantages see anything',
    'Without a majority of all vantages nothing moves by itself.',
    'Where they see none of their references, look at `references`; else see whether the probers exist and run in their regions, and whether AWS reports trouble there.',
  ),
  'announcements-waiting': warning(
    'What happened has not been told yet; if it stays so, neither will what happens next.',
    'Look at the log of the controller for errors of SNS.',
  ),
  'sharing-may-order': warning(
    'Whoever has the link to that dashboard can hold, move and release every site.',
    'IAM console, the role: leave it lambda:InvokeFunction on the status function alone, never on `*`; or stop sharing the dashboard.',
  ),
  'checkup-overdue': warning(
    'What breaks silently (a subscription, a delegation, a permission) would not be noticed before the night.',
    'Look at the log of the controller for errors during "checkup".',
  ),
} as const satisfies Record<string, Kind>;
