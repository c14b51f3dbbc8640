/*
 * Whole folders of mails: ours in samples/mail, and a larger collection where ROOST_SHARED_DIR names one. Each parses
 * alike by the octet and at once, reads back from its blobs, and renders to valid text in each form.
 */
#include "support.h"

#include <base/utf8.h>

#include <dirent.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void check_structure(const char *path, struct mail *m, struct str text)
{
	CLEANUP(buf_release) struct buf whole = BUF_INIT(TEST_FILE_MAX), cut = BUF_INIT(TEST_FILE_MAX);
	CLEANUP(buf_release) struct buf read = BUF_INIT(TEST_FILE_MAX), blob = BUF_INIT(MIME_BLOB_MAX);
	CLEANUP(mail_release) struct mail by_octet;
	struct mime_structure stored;

	mail_load(&by_octet, text, 1);
	structure_text(&whole, &m->mime);
	structure_text(&cut, &by_octet.mime);
	mime_structure_put(&blob, &m->mime);
	if (!str_eq(buf_view(&whole), buf_view(&cut)))
		fail_msg("%s: by the octet it has another structure", path);
	if (mime_structure_get(&m->arena, buf_view(&blob), &stored))
		fail_msg("%s: the blob does not read back", path);
	structure_text(&read, &stored);
	if (!str_eq(buf_view(&whole), buf_view(&read)))
		fail_msg("%s: the blob reads back otherwise", path);
}

static void check_bodies(const char *path, struct mail *m)
{
	static const enum body_type types[] = { BODY_PLAIN, BODY_HTML, BODY_MIME };
	static const uint64_t limits[] = { 0, 1, 100, 4096, UINT64_MAX };

	for (size_t t = 0; t < countof(types); t++) {
		uint64_t estimated = 0;

		for (size_t i = 0; i < countof(limits); i++) {
			CLEANUP(buf_release) struct buf out = BUF_INIT(TEST_FILE_MAX);
			struct body_result result;

			if (mail_render(m, types[t], limits[i], &out, &result))
				fail_msg("%s: type %d fails", path, (int)types[t]);
			if (out.n > limits[i] || (!result.truncated && out.n != result.estimated_bytes))
				fail_msg("%s: type %d, limit %zu", path, (int)types[t], i);
			if (i && estimated != result.estimated_bytes)
				fail_msg("%s: type %d has two sizes", path, (int)types[t]);
			if (types[t] != BODY_MIME && !utf8_valid(buf_view(&out)))
				fail_msg("%s: type %d is no UTF-8", path, (int)types[t]);
			estimated = result.estimated_bytes;
		}
	}
}

static void check_file(const char *path)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(TEST_FILE_MAX);
	CLEANUP(mail_release) struct mail m;
	struct body_attachment *list;
	struct mail_summary s;
	size_t n;

	assert_int_equal(file_read(&text, path), ERR_OK);
	mail_load(&m, buf_view(&text), 0);
	check_structure(path, &m, buf_view(&text));
	check_bodies(path, &m);
	if (mail_summary_make(&m.arena, &m.source, &m.mime, &s) || !utf8_valid(s.subject) || !utf8_valid(s.from))
		fail_msg("%s: summary", path);
	if (body_attachments(&m.arena, &m.mime, 0, &list, &n))
		fail_msg("%s: attachments", path);
}

static size_t check_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	size_t n = 0;

	if (!dir)
		return 0;
	while ((entry = readdir(dir))) {
		CLEANUP(buf_release) struct buf path = BUF_INIT(4096);

		if (!str_ends(str_of(entry->d_name), S(".eml")))
			continue;
		buf_fmt(&path, "%s/%s%c", folder, entry->d_name, '\0');
		check_file(path.p);
		n++;
	}
	closedir(dir);
	return n;
}

static void our_samples_parse_and_render(void **unused)
{
	(void)unused;
	assert_true(check_folder("samples/mail") >= 30);
}

static void the_shared_mails_parse_and_render(void **unused)
{
	CLEANUP(buf_release) struct buf folder = BUF_INIT(4096);
	const char *shared = getenv("ROOST_SHARED_DIR");
	size_t n;

	(void)unused;
	if (!shared)
		skip();
	buf_fmt(&folder, "%s/corpus/mail%c", shared, '\0');
	n = check_folder(folder.p);
	print_message("%zu mails of %s\n", n, folder.p);
	if (n == 0)
		skip();
}

static void load_sample(struct mail *m, const char *name, struct mail_summary *s)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(TEST_FILE_MAX), path = BUF_INIT(4096);

	buf_fmt(&path, "samples/mail/%s%c", name, '\0');
	assert_int_equal(file_read(&text, path.p), ERR_OK);
	mail_load(m, buf_view(&text), 0);
	assert_int_equal(mail_summary_make(&m->arena, &m->source, &m->mime, s), ERR_OK);
}

static void samples_show_what_their_table_says(void **unused)
{
	static const struct {
		const char *file, *subject, *class, *preview;
		uint32_t flags; /* besides MAIL_HAS_DATE */
	} cases[] = {
		{ "01-plain.eml", "Keys for the workshop", "IPM.Note", "Hello Ann, the keys", 0 },
		{ "05-attachments.eml", "Invoice 4711", "IPM.Note", "Please find", MAIL_HAS_ATTACHMENTS },
		{ "06-iso-2022-jp.eml", "会議の日程について", "IPM.Note", "こんにちは。 会議は", 0 },
		{ "07-koi8-r.eml", "Расписание на март", "IPM.Note", "Привет! Расписание", 0 },
		{ "08-gb18030.eml", "关于项目进度", "IPM.Note", "你好， 项目进度正常。𠀀", 0 },
		{ "09-windows-1252.eml", "Le prix est de 40 € – déjà !", "IPM.Note", "Bonjour, le prix est de 40 €",
		  0 },
		{ "10-utf8-header.eml", "Grüße aus Köln", "IPM.Note", "Schöne Grüße!", 0 },
		{ "13-smime-signed.eml", "Signed statement", "IPM.Note.SMIME.MultipartSigned", "This text is signed.",
		  MAIL_SIGNED | MAIL_SMIME },
		{ "15-meeting-request.eml", "Planning", "IPM.Schedule.Meeting.Request", "You are invited",
		  MAIL_MEETING | MAIL_HAS_ATTACHMENTS },
		{ "18-bounce.eml", "Undelivered Mail Returned to Sender", "REPORT.IPM.NOTE.NDR",
		  "Your message could not", MAIL_REPORT | MAIL_AUTOMATIC | MAIL_HAS_ATTACHMENTS },
		{ "19-read-receipt.eml", "Read: Offer", "REPORT.IPM.NOTE.IPNRN", "Your message \"Offer\"",
		  MAIL_REPORT | MAIL_HAS_ATTACHMENTS },
		{ "24-emoji-subject.eml", "🎉 Party on Saturday! 🎈🎂", "IPM.Note", "Bring friends and cake 🍰.", 0 },
		{ "35-utf-16-and-utf-7.eml", "Smørrebrød", "IPM.Note", "Hello æ ø å. Wide characters: æ ø å.", 0 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(mail_release) struct mail m;
		struct mail_summary s;

		load_sample(&m, cases[i].file, &s);
		if (!str_eq(s.subject, str_of(cases[i].subject)) || !str_eq(s.message_class, str_of(cases[i].class)) ||
		    !str_starts(s.preview, str_of(cases[i].preview)) || s.flags != (cases[i].flags | MAIL_HAS_DATE))
			fail_msg("%s: " STR_FMT " | " STR_FMT " | " STR_FMT " | %u", cases[i].file, STR_ARG(s.subject),
				 STR_ARG(s.message_class), STR_ARG(s.preview), s.flags);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_samples_parse_and_render),
		cmocka_unit_test(the_shared_mails_parse_and_render),
		cmocka_unit_test(samples_show_what_their_table_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
