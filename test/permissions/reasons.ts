import type { Reasons } from './report.ts';

/** Grants that nothing on this machine can use, each with its reason. The report counts all others. */
export const REASONS: Reasons = {
  '* logs:CreateLogStream':
    "Lambda itself opens the log's streams under the function's role; no call comes by the endpoint",
  '* logs:PutLogEvents': 'and it writes them',
  'controller route53:GetHostedZone':
    'for the daily check, which falls on an hour of its own: the name servers of the zone beside those that its parent names',
  'controller sns:ListSubscriptionsByTopic': 'for the daily check, too: who is told',
};
