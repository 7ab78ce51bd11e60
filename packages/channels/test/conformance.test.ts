import { describeConformance } from './conformance.ts';
import { openEmlSubject } from './eml-subject.ts';
import { openSmtpSubject } from './smtp-subject.ts';
import { openWebhookSubject } from './webhook-subject.ts';

describeConformance('EmlChannel', openEmlSubject);
describeConformance('SmtpChannel', openSmtpSubject);
describeConformance('WebhookChannel', openWebhookSubject);
