-- Which device sends the text messages that wait (MS-ASMS EnableOutboundSMS): the place in the order in which devices of the
-- account said that they do; the highest is the one. 0: it does not.
ALTER TABLE device ADD COLUMN sends_texts INTEGER NOT NULL DEFAULT 0;
