import type { Reasons } from './report.ts';

/** Grants that nothing on this machine can use, each with its reason. The report counts all others. */
export const REASONS: Reasons = {
  '* logs:CreateLogStream':
    "Lambda itself opens the log's streams under the function's role; no call comes by the endpoint",
  '* logs:PutLogEvents': 'and it writes them',
  'notifier sqs:SendMessage':
    'Lambda itself writes what the function broke on into the queue, under its role; no queue is played here',
};
