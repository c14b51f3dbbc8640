/* Whose mails change a meeting (RFC 6047 section 2.2.3). */
#include <tests/unit/mailbox/meeting_scene.h>

#define OFF EVENT("plan", BY_BOB AT("10") "SEQUENCE:1\r\nSTATUS:CANCELLED\r\n")
/* As iCloud sends them: the organizer is an address of its own. */
#define APPLE(user) "From: " user " <noreply@email.apple.com>\r\nReply-To: " user "@icloud.test\r\n"
#define BY_ICLOUD "ORGANIZER;CN=Bob;EMAIL=bob@icloud.test:mailto:2_GEZDGMBT@imip.me.com\r\n" ANN
#define BY_GROUP "ORGANIZER;CN=Team:mailto:c_1234@group.calendar.google.com\r\n" ANN
#define BY_SECRETARY "ORGANIZER;SENT-BY=\"mailto:sam@x.test\":mailto:bob@x.test\r\n" ANN

static void only_the_organizer_changes_a_meeting(void **unused)
{
	static const struct case_of cases[] = {
		{ "the organizer changes it", NULL, { INVITED, { FROM_BOB, "REQUEST", LATER } }, "plan 12" },
		{ "the organizer calls it off", NULL, { INVITED, { FROM_BOB, "CANCEL", OFF } }, "plan 10 off" },
		{ "a stranger changes it", NULL, { INVITED, { FROM_EVE, "REQUEST", LATER } }, "plan 10" },
		{ "a stranger calls it off", NULL, { INVITED, { FROM_EVE, "CANCEL", OFF } }, "plan 10" },
		{ "a stranger writes the organizer's address into Sender",
		  NULL,
		  { INVITED, { FROM_EVE "Sender: bob@x.test\r\n", "CANCEL", OFF } },
		  "plan 10" },
		{ "and into Reply-To",
		  NULL,
		  { INVITED, { FROM_EVE "Reply-To: bob@x.test\r\n", "CANCEL", OFF } },
		  "plan 10" },
		{ "and beside his own in From",
		  NULL,
		  { INVITED, { "From: eve@evil.test, bob@x.test\r\n", "CANCEL", OFF } },
		  "plan 10" },
		{ "and behind his own, where others read his",
		  NULL,
		  { INVITED, { "From: eve@evil.test bob@x.test\r\n", "CANCEL", OFF } },
		  "plan 10" },
		{ "and in brackets, with his own behind",
		  NULL,
		  { INVITED, { "From: <bob@x.test> eve@evil.test\r\n", "CANCEL", OFF } },
		  "plan 10" },
		{ "and into a second From",
		  NULL,
		  { INVITED, { "From: bob@x.test\r\nFrom: eve@evil.test\r\n", "CANCEL", OFF } },
		  "plan 10" },
		{ "a stranger says that he sends for the organizer",
		  NULL,
		  { INVITED,
		    { FROM_EVE, "CANCEL",
		      EVENT("plan", "ORGANIZER;SENT-BY=\"mailto:eve@evil.test\":mailto:bob@x.test\r\n" ANN AT(
					    "10") "SEQUENCE:1\r\n") } },
		  "plan 10" },
		{ "nobody's mail", NULL, { INVITED, { "", "CANCEL", OFF } }, "plan 10" },
		{ "in other letters", NULL, { INVITED, { "From: BOB@X.TEST\r\n", "CANCEL", OFF } }, "plan 10 off" },
		{ "an organizer of ours, by another of his addresses",
		  NULL,
		  { { "From: carl@example.test\r\n", "REQUEST",
		      EVENT("plan", "ORGANIZER:mailto:c.alt@example.test\r\n" ANN AT("10")) },
		    { "From: c.alt@example.test\r\n", "CANCEL",
		      EVENT("plan", "ORGANIZER:mailto:c.alt@example.test\r\n" ANN AT("10") "SEQUENCE:1\r\n") } },
		  "plan 10 off" },
		{ "the owner's appointment, which has no organizer",
		  "BEGIN:VCALENDAR\r\n" EVENT("plan", AT("10")) "END:VCALENDAR\r\n",
		  { { FROM_EVE, "CANCEL", EVENT("plan", AT("10") "SEQUENCE:1\r\n") },
		    { FROM_EVE, "REQUEST", EVENT("plan", AT("12") "SEQUENCE:1\r\n") } },
		  "plan 10" },
	};

	(void)unused;
	check_cases(cases, countof(cases));
}

static void who_sends_for_the_organizer_changes_it(void **unused)
{
	static const struct case_of cases[] = {
		{ "one sends for the organizer, as the invitation said",
		  NULL,
		  { { FROM_BOB, "REQUEST", EVENT("plan", BY_SECRETARY AT("10")) },
		    { "From: sam@x.test\r\n", "CANCEL", EVENT("plan", BY_SECRETARY AT("10") "SEQUENCE:1\r\n") } },
		  "plan 10 off" },
		{ "on behalf of, as Outlook writes it",
		  NULL,
		  { INVITED, { FROM_BOB "Sender: sam@x.test\r\n", "CANCEL", OFF } },
		  "plan 10 off" },
		{ "who sent the invitation goes on to do so: Google",
		  NULL,
		  { { GOOGLE, "REQUEST", EVENT("plan", BY_GROUP AT("10")) },
		    { GOOGLE, "REQUEST", EVENT("plan", BY_GROUP AT("12") "SEQUENCE:1\r\n") } },
		  "plan 12" },
		{ "but nobody else",
		  NULL,
		  { { GOOGLE, "REQUEST", EVENT("plan", BY_GROUP AT("10")) },
		    { FROM_EVE, "CANCEL", EVENT("plan", BY_GROUP AT("12") "SEQUENCE:1\r\n") } },
		  "plan 10" },
		{ "iCloud, for the same user",
		  NULL,
		  { { APPLE("bob"), "REQUEST", EVENT("plan", BY_ICLOUD AT("10")) },
		    { APPLE("bob"), "CANCEL", EVENT("plan", BY_ICLOUD AT("10") "SEQUENCE:1\r\n") } },
		  "plan 10 off" },
		{ "iCloud, for another one",
		  NULL,
		  { { APPLE("bob"), "REQUEST", EVENT("plan", BY_ICLOUD AT("10")) },
		    { APPLE("eve"), "CANCEL", EVENT("plan", BY_ICLOUD AT("10") "SEQUENCE:1\r\n") } },
		  "plan 10" },
		{ "iCloud, for one who is read as two",
		  NULL,
		  { { APPLE("bob"), "REQUEST", EVENT("plan", BY_ICLOUD AT("10")) },
		    { "From: bob <noreply@email.apple.com>\r\nReply-To: eve@icloud.test bob@icloud.test\r\n", "CANCEL",
		      OFF } },
		  "plan 10" },
		{ "where another one's Reply-To is read as two, From counts",
		  NULL,
		  { INVITED, { FROM_BOB "Reply-To: eve@x.test bob@x.test\r\n", "CANCEL", OFF } },
		  "plan 10 off" },
		{ "the user writes himself what iCloud had sent",
		  NULL,
		  { { APPLE("bob"), "REQUEST", EVENT("plan", BY_ICLOUD AT("10")) },
		    { "From: bob@icloud.test\r\n", "CANCEL", EVENT("plan", BY_ICLOUD AT("10") "SEQUENCE:1\r\n") } },
		  "plan 10 off" },
		{ "who sends for the organizer, by his word, is followed in their order",
		  NULL,
		  { { "From: sam@x.test\r\n", "REQUEST", EVENT("plan", BY_SECRETARY AT("12") "SEQUENCE:1\r\n") },
		    { FROM_BOB, "REQUEST", EVENT("plan", BY_SECRETARY AT("10")) } },
		  "plan 12" },
	};

	(void)unused;
	check_cases(cases, countof(cases));
}

static void who_hands_an_invitation_on_does_not(void **unused)
{
	static const struct case_of cases[] = {
		{ "a stranger says in his mail who has sent it",
		  NULL,
		  { { FROM_EVE, "REQUEST", EVENT("plan", BY_BOB AT("10") "X-ROOST-SENDER:mallory@evil.test\r\n") },
		    { "From: mallory@evil.test\r\n", "CANCEL", OFF } },
		  "plan 10" },
		{ "what was forwarded is its organizer's from his first mail on",
		  NULL,
		  { { "From: dora@x.test\r\n", "REQUEST", EVENT("plan", BY_BOB AT("10")) },
		    { FROM_BOB, "REQUEST", LATER },
		    { "From: dora@x.test\r\n", "CANCEL", EVENT("plan", BY_BOB AT("12") "SEQUENCE:2\r\n") } },
		  "plan 12" },
		{ "nor does who has forwarded it, or knew its UID first, keep it as it is",
		  NULL,
		  { { FROM_EVE, "REQUEST",
		      "BEGIN:VEVENT\r\nUID:plan\r\nDTSTAMP:99991231T235959Z\r\nSEQUENCE:2147483647\r\n" BY_BOB AT(
			      "10") "END:VEVENT\r\n" },
		    INVITED,
		    { FROM_BOB, "REQUEST", LATER },
		    INVITED },
		  "plan 12" },
	};

	(void)unused;
	check_cases(cases, countof(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_organizer_changes_a_meeting),
		cmocka_unit_test(who_sends_for_the_organizer_changes_it),
		cmocka_unit_test(who_hands_an_invitation_on_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
