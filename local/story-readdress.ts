import { ELASTIC_IP } from './demo-config.ts';
import { readMails } from './outside.ts';
import { observe, type Stage, tell } from './story.ts';

/** The same story with an address that moves: DNS stays as it is from beginning to end. */
export const tellReaddress = async (stage: Stage): Promise<void> => {
  await tell({
    ...stage,
    view: {
      addressesWith: () => ELASTIC_IP,
      // The local EC2's forwarder has the address, and nobody behind it.
      deadPage: 'ECONNRESET',
      move: 'The Elastic IP is given to the standby, DNS stays as it is, and people are told.',
    },
  });
  for (const server of [stage.standby, stage.primary]) {
    const subject = `${ELASTIC_IP} answers, ${server.name} has it`;
    await observe(stage, 'a mail says', subject, async () => {
      const mails = readMails(stage.cloud.state).filter(({ attributes }) => attributes.kind === 'moved');
      return mails.some((mail) => mail.subject.includes(subject)) ? subject : 'nothing of the kind';
    });
  }
};
