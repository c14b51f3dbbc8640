/* Tasks and notes over Sync (MS-ASTASK, MS-ASNOTE): properties both ways, recurrence, reminders, filters. */
#include "class_fixture.h"

#include <gateway/activesync/todo.h>

#define TIME "2026-11-22T08:30:00.000Z"
#define TASK "<Tasks:Subject>Feed</><Tasks:Complete>0</>"

static struct eas_reply fetched(struct fixture *f, int64_t folder, const char **key, const char *id)
{
	return sync_command(f, folder, key, fetch_item(f, id));
}

static char *joined(struct fixture *f, const char *a, const char *b)
{
	return commands(f, "%s%s", a, b);
}

/*
 * MS-ASTASK_R366, MS-ASTASK_R368, MS-ASTASK_R16, MS-ASTASK_R108, MS-ASTASK_R349; to another phone it comes as an Add, in every version that
 * has the element.
 */
static void every_property_of_a_task_comes_back(void **unused)
{
	static const struct {
		const char *tag, *value;
		bool late; /* not in 2.5 */
	} cases[] = {
		{ "Subject", "Feed, the; hens", false },
		{ "Importance", "2", false },
		{ "Complete", "1", false },
		{ "DateCompleted", "2026-11-23T10:00:00.000Z", false },
		{ "DueDate", "2026-11-24T00:00:00.000Z", false },
		{ "UtcDueDate", "2026-11-23T23:00:00.000Z", false },
		{ "StartDate", "2026-11-22T00:00:00.000Z", false },
		{ "UtcStartDate", "2026-11-21T23:00:00.000Z", false },
		{ "ReminderTime", TIME, false },
		{ "ReminderSet", "1", false },
		{ "Sensitivity", "3", false },
		{ "OrdinalDate", "2026-11-20T07:00:00.000Z", true },
		{ "SubOrdinalDate", "5555555", true },
	};
	FIXTURE(f);
	int64_t tasks = fixture_role(&f, FOLDER_DEFAULT_TASKS);

	(void)unused;
	for (enum eas_version v = EAS_2_5; v < EAS_VERSION_MAX_; v++) {
		struct buf xml = BUF_INIT(4096);
		const char *key, *id, *text;
		struct eas_reply r;
		size_t adds;

		f.phone.version = eas_version_text(v).p;
		for (size_t i = 0; i < countof(cases); i++)
			if (!cases[i].late || v > EAS_2_5)
				buf_fmt(&xml, "<Tasks:%s>%s</>", cases[i].tag, cases[i].value);
		buf_cstr(&xml, "<Tasks:Categories><Tasks:Category>Farm</><Tasks:Category>a,b</></>");
		assert_ok(arena_cstr(&f.arena, buf_view(&xml), &text));
		key = sync_all(&f, tasks, first_key(&f, tasks), &adds);
		id = added_item(&f, tasks, &key, f.phone.version, text);
		f.phone.device_id = "ANOTHER";
		r = sync_with(&f, tasks, first_key(&f, tasks), "53 03 '1' 00 01");
		assert_int_equal(eas_reply_count(&r, "Add"), v + 1u);
		f.phone.device_id = "ApplDNQXTESTFFG5";
		r = fetched(&f, tasks, &key, id);
		for (size_t i = 0; i < countof(cases); i++)
			if (!cases[i].late || v > EAS_2_5)
				assert_element(&r, cases[i].tag, cases[i].value);
		assert_element(&r, "Category", "Farm");
		assert_element(&r, "Category", "a,b");
		buf_release(&xml);
	}
}

/*
 * MS-ASTASK_R223, MS-ASTASK_R267, MS-ASTASK_R268, MS-ASTASK_R287, MS-ASTASK_R288: these once. MS-ASTASK_R130, MS-ASTASK_R139,
 * MS-ASTASK_R166, MS-ASTASK_R190, MS-ASTASK_R209, MS-ASTASK_R214, MS-ASTASK_R301, MS-ASTASK_R316: these once at
 * most.
 */
static void assert_each_once(const struct eas_reply *r)
{
	static const char *const always[] = { "tasks:Recurrence", "tasks:Type", "tasks:Start" };
	static const char *const at_most[] = { "tasks:DayOfMonth",  "tasks:DayOfWeek",   "tasks:FirstDayOfWeek",
					       "tasks:Interval",    "tasks:IsLeapMonth", "tasks:MonthOfYear",
					       "tasks:Occurrences", "tasks:Until",       "tasks:WeekOfMonth",
					       "tasks:CalendarType" };

	for (size_t i = 0; i < countof(always); i++)
		assert_int_equal(eas_reply_count(r, always[i]), 1);
	for (size_t i = 0; i < countof(at_most); i++)
		assert_in_range(eas_reply_count(r, at_most[i]), 0, 1);
}

/* Every type of recurrence, with what its answer must have. */
static void recurrences_come_back(void **unused)
{
	static const struct {
		const char *what, *sent, *given; /* given NULL: as sent */
	} cases[] = {
		{ "daily", "<Tasks:Type>0</><Tasks:Start>" TIME "</><Tasks:Occurrences>5</><Tasks:Interval>2</>",
		  NULL },
		/* MS-ASTASK_R135, MS-ASTASK_R167, MS-ASTASK_R170, MS-ASTASK_R238 */
		{ "weekly",
		  "<Tasks:Type>1</><Tasks:Start>" TIME "</><Tasks:Interval>1</><Tasks:DayOfWeek>34</>"
		  "<Tasks:FirstDayOfWeek>0</>",
		  NULL },
		/* MS-ASTASK_R404, MS-ASTASK_R82, MS-ASTASK_R409 */
		{ "monthly",
		  "<Tasks:Type>2</><Tasks:Start>" TIME "</><Tasks:Interval>1</><Tasks:DayOfMonth>22</>"
		  "<Tasks:CalendarType>0</>",
		  NULL },
		/* MS-ASTASK_R530, MS-ASTASK_R430, MS-ASTASK_R319, MS-ASTASK_R8211 */
		{ "monthly, on a day of a week",
		  "<Tasks:Type>3</><Tasks:Start>" TIME "</><Tasks:Interval>1</><Tasks:DayOfWeek>2</>"
		  "<Tasks:WeekOfMonth>5</><Tasks:CalendarType>0</>",
		  NULL },
		/* MS-ASTASK_R406, MS-ASTASK_R417, MS-ASTASK_R410, MS-ASTASK_R8212 */
		{ "yearly",
		  "<Tasks:Type>5</><Tasks:Start>" TIME "</><Tasks:Interval>1</><Tasks:DayOfMonth>22</>"
		  "<Tasks:MonthOfYear>11</><Tasks:CalendarType>0</>",
		  NULL },
		/* MS-ASTASK_R531, MS-ASTASK_R418, MS-ASTASK_R431, MS-ASTASK_R433, MS-ASTASK_R8213 */
		{ "yearly, on a day of a week",
		  "<Tasks:Type>6</><Tasks:Start>" TIME "</><Tasks:Interval>1</><Tasks:DayOfWeek>2</>"
		  "<Tasks:WeekOfMonth>2</><Tasks:MonthOfYear>11</><Tasks:CalendarType>0</>",
		  NULL },
		/* MS-ASTASK_R242, MS-ASTASK_R155 */
		{ "regenerating",
		  "<Tasks:Type>0</><Tasks:Start>" TIME "</><Tasks:Interval>3</><Tasks:Regenerate>1</>"
		  "<Tasks:DeadOccur>1</>",
		  NULL },
		{ "until a day",
		  "<Tasks:Type>0</><Tasks:Start>" TIME "</><Tasks:Until>2026-12-01T00:00:00.000Z</>"
		  "<Tasks:Interval>1</>",
		  NULL },
		/* MS-ASTASK_R37013 */
		{ "occurrences before until",
		  "<Tasks:Type>0</><Tasks:Start>" TIME "</><Tasks:Until>2026-12-01T00:00:00.000Z</>"
		  "<Tasks:Occurrences>5</><Tasks:Interval>1</>",
		  "<Tasks:Type>0</><Tasks:Start>" TIME "</><Tasks:Occurrences>5</><Tasks:Interval>1</>" },
	};
	FIXTURE(f);
	int64_t tasks = fixture_role(&f, FOLDER_DEFAULT_TASKS);
	const char *key = first_key(&f, tasks);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		const char *id = added_item(&f, tasks, &key, cases[i].what,
					    commands(&f, "%s<Tasks:Recurrence>%s</>", TASK, cases[i].sent));
		struct eas_reply r = fetched(&f, tasks, &key, id);
		struct str rest = str_of(cases[i].given ? cases[i].given : cases[i].sent), part;

		print_message("%s\n", cases[i].what);
		assert_each_once(&r);
		while (str_cut(&rest, '<', &part)) {
			size_t end = str_index(part, '>');
			const char *name, *value;

			if (part.n < 2 || part.p[0] == '/')
				continue;
			assert_ok(arena_cstr(&f.arena, str_slice(part, 6, end), &name));
			assert_ok(arena_cstr(&f.arena, str_slice(part, end + 1, part.n), &value));
			assert_element(&r, name, value);
		}
		if (cases[i].given)
			assert_int_equal(eas_reply_count(&r, "tasks:Until"), 0);
	}
}

static void what_no_task_has_is_status_6(void **unused)
{
#define RECURRENCE(xml) TASK "<Tasks:Recurrence>" xml "</>"
#define START "<Tasks:Start>" TIME "</>"
#define MONTHLY_BY(calendar) \
	RECURRENCE(START "<Tasks:Type>2</><Tasks:DayOfMonth>2</><Tasks:CalendarType>" calendar "</>")
	static const char *const cases[] = {
		TASK "<Tasks:ReminderSet>2</>", /* MS-ASTASK_R252, MS-ASTASK_R249 */
		TASK "<Tasks:Complete>2</>",    /* MS-ASTASK_R119 */
		TASK "<Tasks:Sensitivity>4</>", /* MS-ASTASK_R259 */
		TASK "<Tasks:DueDate>soon</>",
		TASK "<Contacts:FirstName>no</>",
		RECURRENCE(START),                                                               /* MS-ASTASK_R289 */
		RECURRENCE("<Tasks:Type>0</>"),                                                  /* MS-ASTASK_R37011 */
		RECURRENCE(START "<Tasks:Type>0</><Tasks:CalendarType>1</>"),                    /* MS-ASTASK_R81 */
		RECURRENCE(START "<Tasks:Type>1</><Tasks:DayOfWeek>2</><Tasks:DayOfMonth>2</>"), /* MS-ASTASK_R132 */
		RECURRENCE(START "<Tasks:Type>2</><Tasks:DayOfMonth>2</><Tasks:DayOfWeek>2</>"), /* MS-ASTASK_R532 */
		RECURRENCE(START "<Tasks:Type>5</><Tasks:DayOfMonth>2</><Tasks:MonthOfYear>2</>"
				 "<Tasks:DayOfWeek>2</>"), /* MS-ASTASK_R533 */
		RECURRENCE(START
			   "<Tasks:Type>1</><Tasks:DayOfWeek>2</><Tasks:FirstDayOfWeek>7</>"),    /* MS-ASTASK_R171 */
		RECURRENCE(START "<Tasks:Type>1</><Tasks:DayOfWeek>2</><Tasks:WeekOfMonth>1</>"), /* MS-ASTASK_R320 */
		RECURRENCE(START "<Tasks:Type>4</>"),                                             /* MS-ASTASK_R292 */
		RECURRENCE(START "<Tasks:Type>7</>"),
		RECURRENCE(START "<Tasks:Type>2</><Tasks:DayOfMonth>0</>"), /* MS-ASTASK_R525 */
		RECURRENCE(START "<Tasks:Type>2</><Tasks:DayOfMonth>32</>"),
		RECURRENCE(START "<Tasks:Type>5</><Tasks:DayOfMonth>2</><Tasks:MonthOfYear>13</>"), /* MS-ASTASK_R210 */
		RECURRENCE(START "<Tasks:Type>3</><Tasks:DayOfWeek>2</><Tasks:WeekOfMonth>6</>"),   /* MS-ASTASK_R317 */
		RECURRENCE(START "<Tasks:Type>1</><Tasks:DayOfWeek>128</>"),                        /* MS-ASTASK_R141 */
		RECURRENCE(START "<Tasks:Type>0</><Tasks:Interval>1000</>"),                        /* MS-ASTASK_R192 */
		RECURRENCE(START "<Tasks:Type>0</><Tasks:Regenerate>2</>"), /* MS-ASTASK_R4221 */
		MONTHLY_BY("16"),                                           /* MS-ASTASK_R382, MS-ASTASK_R84 */
		MONTHLY_BY("17"),                                           /* MS-ASTASK_R384 */
		MONTHLY_BY("18"),                                           /* MS-ASTASK_R386 */
		MONTHLY_BY("19"),                                           /* MS-ASTASK_R388 */
		MONTHLY_BY("23"),                                           /* MS-ASTASK_R390 */
		MONTHLY_BY("0</><Tasks:IsLeapMonth>2"),                     /* MS-ASTASK_R201 */
	};
	FIXTURE(f);
	int64_t tasks = fixture_role(&f, FOLDER_DEFAULT_TASKS);
	const char *key = first_key(&f, tasks);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = sync_command(&f, tasks, &key, add_item(&f, commands(&f, "c%zu", i), cases[i]));

		if (!str_eq(eas_reply_text(&r, "Status", 1), S("6")))
			fail_msg("%s: " STR_FMT, cases[i], STR_ARG(r.xml));
	}
	assert_int_equal(only_item(&f, tasks), 0);
}

/* MS-ASTASK_R187, MS-ASTASK_R550: an Importance that means nothing comes back as it was sent, until another is said. */
static void an_odd_importance_is_kept(void **unused)
{
	static const char *const cases[] = { "0", "3", "255", "1", "7", "2" };
	FIXTURE(f);
	int64_t tasks = fixture_role(&f, FOLDER_DEFAULT_TASKS);
	const char *key = first_key(&f, tasks), *id = added_item(&f, tasks, &key, "c1", TASK "<Tasks:Importance>9</>");

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = fetched(&f, tasks, &key, id);

		assert_element(&r, "Importance", i ? cases[i - 1] : "9");
		sync_command(&f, tasks, &key,
			     change_item(&f, id, commands(&f, TASK "<Tasks:Importance>%s</>", cases[i])));
	}
	/* A program that sets the priority means it. */
	put_octets(&f, tasks,
		   "BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nUID:p\r\nSUMMARY:p\r\nPRIORITY:1\r\n"
		   "X-ROOST-IMPORTANCE:9\r\nEND:VTODO\r\nEND:VCALENDAR\r\n");
	sync_command(&f, tasks, &key, delete_item(&f, id));
	f.phone.device_id = "ANOTHER";
	{
		struct eas_reply r = sync_with(&f, tasks, first_key(&f, tasks), "53 03 '1' 00 01");

		assert_element(&r, "Importance", "2");
	}
}

/*
 * MS-ASTASK_R225, MS-ASTASK_R226, MS-ASTASK_R397: each Type, in every version, with the elements that the version has. What is not
 * said of sensitivity, dead occurrences and leap months: MS-ASTASK_R264, MS-ASTASK_R158, MS-ASTASK_R204.
 */
static void recurrences_come_back_in_every_version(void **unused)
{
	static const struct {
		const char *sent, *told[4];
		enum eas_version from;
	} cases[] = {
		{ "<Tasks:Type>0</><Tasks:Occurrences>5</><Tasks:Interval>2</><Tasks:Regenerate>1</"
		  "><Tasks:DeadOccur>1</>",
		  { "Type>0", "Occurrences>5", "Regenerate>1", "DeadOccur>1" },
		  EAS_2_5 },
		{ "<Tasks:Type>1</><Tasks:Until>2026-12-01T00:00:00.000Z</><Tasks:DayOfWeek>34</>",
		  { "Type>1", "Until>2026-12-01T00:00:00.000Z", "DayOfWeek>34" },
		  EAS_2_5 },
		{ "<Tasks:Type>2</><Tasks:DayOfMonth>22</>", { "Type>2", "DayOfMonth>22" }, EAS_2_5 },
		{ "<Tasks:Type>3</><Tasks:DayOfWeek>2</><Tasks:WeekOfMonth>5</>",
		  { "Type>3", "DayOfWeek>2", "WeekOfMonth>5" },
		  EAS_2_5 },
		{ "<Tasks:Type>5</><Tasks:DayOfMonth>22</><Tasks:MonthOfYear>11</>",
		  { "Type>5", "DayOfMonth>22", "MonthOfYear>11" },
		  EAS_2_5 },
		{ "<Tasks:Type>6</><Tasks:DayOfWeek>2</><Tasks:WeekOfMonth>2</><Tasks:MonthOfYear>11</>",
		  { "Type>6", "DayOfWeek>2", "WeekOfMonth>2", "MonthOfYear>11" },
		  EAS_2_5 },
		{ "<Tasks:Type>5</><Tasks:DayOfMonth>22</><Tasks:MonthOfYear>7</><Tasks:CalendarType>15</>"
		  "<Tasks:IsLeapMonth>1</>",
		  { "CalendarType>15", "IsLeapMonth>1", "MonthOfYear>7" },
		  EAS_14_0 },
	};
	FIXTURE(f);
	int64_t tasks = fixture_role(&f, FOLDER_DEFAULT_TASKS);

	(void)unused;
	for (enum eas_version v = EAS_2_5; v < EAS_VERSION_MAX_; v++) {
		const char *key;

		f.phone.version = eas_version_text(v).p;
		key = first_key(&f, tasks);
		for (size_t i = 0; i < countof(cases); i++) {
			const char *id;
			struct eas_reply r;

			if (v < cases[i].from)
				continue;
			id = added_item(
				&f, tasks, &key, commands(&f, "c%zu", i),
				commands(&f, "%s<Tasks:Recurrence><Tasks:Start>" TIME "</>%s</>", TASK, cases[i].sent));
			r = fetched(&f, tasks, &key, id);

			for (size_t k = 0; k < countof(cases[i].told) && cases[i].told[k]; k++)
				assert_true(holds(&r, commands(&f, "<tasks:%s<", cases[i].told[k])));
			assert_int_equal(eas_reply_count(&r, "tasks:Start"), 1);
			assert_element(&r, "Sensitivity", "0");
			if (i > 0)
				assert_false(holds(&r, "DeadOccur>1"));
			if (i + 1 < countof(cases))
				assert_false(holds(&r, "IsLeapMonth>1"));
			sync_command(&f, tasks, &key, delete_item(&f, id));
		}
	}
}

/* MS-ASTASK_R369, MS-ASTASK_R370: importance and reminder stay where a Change leaves them out; what can be ghosted goes. */
static void a_change_of_a_task_keeps_what_it_must(void **unused)
{
	FIXTURE(f);
	int64_t tasks = fixture_role(&f, FOLDER_DEFAULT_TASKS);
	const char *key = first_key(&f, tasks), *id;
	struct eas_reply r;

	(void)unused;
	id = added_item(&f, tasks, &key, "c1",
			TASK "<Tasks:Importance>2</><Tasks:ReminderSet>1</><Tasks:ReminderTime>" TIME "</>"
			     "<Tasks:DueDate>" TIME "</><Tasks:UtcDueDate>" TIME "</>"
			     "<Tasks:Categories><Tasks:Category>Farm</></>"
			     "<AirSyncBase:Body><AirSyncBase:Type>1</><AirSyncBase:Data>corn</></>");
	sync_command(&f, tasks, &key, change_item(&f, id, "<Tasks:Subject>Feed</><Tasks:Complete>1</>"));
	r = fetched(&f, tasks, &key, id);
	assert_element(&r, "Importance", "2");
	assert_element(&r, "ReminderSet", "1");
	assert_element(&r, "ReminderTime", TIME);
	assert_element(&r, "Data", "corn");
	assert_element(&r, "Complete", "1");
	assert_int_equal(eas_reply_count(&r, "tasks:DateCompleted"), 1); /* MS-ASTASK_R124 */
	assert_int_equal(eas_reply_count(&r, "tasks:DueDate"), 0);
	assert_int_equal(eas_reply_count(&r, "tasks:UtcDueDate"), 0);
	assert_int_equal(eas_reply_count(&r, "tasks:Category"), 0);
	/* MS-ASTASK_R436, MS-ASTASK_R111: and empty categories take them away */
	sync_command(&f, tasks, &key,
		     change_item(&f, id, "<Tasks:ReminderSet>0</><Tasks:Complete>0</><Tasks:Categories/>"));
	r = fetched(&f, tasks, &key, id);
	assert_element(&r, "ReminderSet", "0");
	assert_element(&r, "Complete", "0");
	assert_int_equal(eas_reply_count(&r, "tasks:DateCompleted"), 0);
}

#define OTHERS                                                                                                    \
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-KEPT:1\r\nBEGIN:VTODO\r\nUID:u1\r\nSUMMARY:Feed\r\nPRIORITY:2\r\n"   \
	"X-UNKNOWN;X-P=\"a;b\":kept\\, as it is\r\nDUE;TZID=Europe/Vienna:20261124T100000\r\n"                    \
	"RRULE:FREQ=HOURLY;INTERVAL=5\r\nBEGIN:VALARM\r\nACTION:AUDIO\r\nTRIGGER;RELATED=END:-PT30M\r\nX-A:1\r\n" \
	"END:VALARM\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"

/* A task of another program is read by its zone and its own alarm, and what phones know nothing of stays. */
static void a_task_of_another_program_stays_what_it_is(void **unused)
{
	static const char *const kept[] = { "X-KEPT:1\r\n",
					    "X-UNKNOWN;X-P=\"a;b\":kept\\, as it is\r\n",
					    "DUE;TZID=Europe/Vienna:20261124T100000\r\n",
					    "RRULE:FREQ=HOURLY;INTERVAL=5\r\n",
					    "PRIORITY:2\r\n",
					    "X-A:1\r\n" };
	FIXTURE(f);
	int64_t tasks = fixture_role(&f, FOLDER_DEFAULT_TASKS);
	const char *key = first_key(&f, tasks), *id;
	struct eas_reply r;
	struct str text;

	(void)unused;
	put_octets(&f, tasks, OTHERS);
	r = sync_with(&f, tasks, key, "53 03 '1' 00 01");
	key = key_of(&f, &r);
	assert_element(&r, "DueDate", "2026-11-24T10:00:00.000Z");
	assert_element(&r, "UtcDueDate", "2026-11-24T09:00:00.000Z");
	assert_element(&r, "ReminderTime", "2026-11-24T08:30:00.000Z");
	assert_element(&r, "Importance", "2");
	assert_int_equal(eas_reply_count(&r, "tasks:Recurrence"), 0);
	assert_ok(arena_cstr(&f.arena, eas_reply_text(&r, "ServerId", 0), &id));
	sync_command(
		&f, tasks, &key,
		change_item(&f, id,
			    "<Tasks:Subject>Feed them</><Tasks:Complete>0</><Tasks:Importance>2</>"
			    "<Tasks:DueDate>2026-11-24T10:00:00.000Z</><Tasks:UtcDueDate>2026-11-24T09:00:00.000Z</>"));
	text = octets_of(&f, id);
	for (size_t i = 0; i < countof(kept); i++)
		if (str_find(text, str_of(kept[i])) == text.n)
			fail_msg("%s is not in " STR_FMT, kept[i], STR_ARG(text));
	assert_true(str_find(text, S("SUMMARY:Feed them\r\n")) < text.n);
}

#define FILTER(n) "57 58 03 '" n "' 00 01 01"

/* MS-ASCMD_R3031 and its like: 8 is what is to be done; a task that is done leaves such a phone, and comes when it is not. */
static void a_filter_leaves_what_is_done_away(void **unused)
{
	FIXTURE(f);
	int64_t tasks = fixture_role(&f, FOLDER_DEFAULT_TASKS);
	const char *key = first_key(&f, tasks), *other, *id, *done;
	struct eas_reply r;

	(void)unused;
	done = added_item(&f, tasks, &key, "c1",
			  joined(&f, TASK, "<Tasks:Complete>1</><Tasks:DateCompleted>" TIME "</>"));
	id = added_item(&f, tasks, &key, "c2", TASK);
	f.phone.device_id = "ANOTHER";
	r = sync_with(&f, tasks, "0", FILTER("8"));
	r = sync_with(&f, tasks, key_of(&f, &r), FILTER("8"));
	other = key_of(&f, &r);
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	assert_true(str_eq(eas_reply_text(&r, "ServerId", 0), str_of(id)));
	f.phone.device_id = "ApplDNQXTESTFFG5";
	sync_command(&f, tasks, &key, change_item(&f, id, "<Tasks:Complete>1</>"));
	sync_command(&f, tasks, &key, change_item(&f, done, "<Tasks:Complete>0</>"));
	f.phone.device_id = "ANOTHER";
	r = sync_with(&f, tasks, other, "");
	assert_int_equal(eas_reply_count(&r, "SoftDelete"), 1);
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	r = sync_with(&f, tasks, "0", FILTER("3"));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("4")));
}

/* ---- notes ---- */

/* What a phone is told that has nothing: the published schema has no notes in the answer to a Fetch. */
static struct eas_reply told_anew(struct fixture *f, int64_t folder)
{
	const char *device = f->phone.device_id;
	struct eas_reply r;

	f->phone.device_id = "ANOTHER";
	r = sync_with(f, folder, first_key(f, folder), "53 03 '1' 00 01");
	f->phone.device_id = device;
	return r;
}

#define NOTE "<Notes:Subject>Corn</><Notes:MessageClass>IPM.StickyNote</>"
#define NOTE_BODY(text) "<AirSyncBase:Body><AirSyncBase:Type>1</><AirSyncBase:Data>" text "</></>"

/* MS-ASNOTE_R110, MS-ASNOTE_R126, MS-ASNOTE_R210, MS-ASNOTE_R96, MS-ASNOTE_R123, MS-ASNOTE_R128, MS-ASNOTE_R208 */
static void a_note_comes_back_in_every_version_that_has_them(void **unused)
{
	FIXTURE(f);
	int64_t notes = fixture_role(&f, FOLDER_DEFAULT_NOTES);
	const char *key;
	struct eas_reply r;
	size_t adds;

	(void)unused;
	for (enum eas_version v = EAS_14_0; v < EAS_VERSION_MAX_; v++) {
		f.phone.version = eas_version_text(v).p;
		key = sync_all(&f, notes, first_key(&f, notes), &adds);
		/* MS-ASNOTE_R84, MS-ASNOTE_R209, MS-ASNOTE_R125: the time is the server's */
		added_item(&f, notes, &key, f.phone.version,
			   NOTE NOTE_BODY("buy, some; more") "<Notes:LastModifiedDate>2001-01-01T00:00:00.000Z</>"
							     "<Notes:Categories><Notes:Category>Farm</></>");
		r = told_anew(&f, notes);
		assert_element(&r, "Subject", "Corn");
		assert_element(&r, "MessageClass", "IPM.StickyNote");
		assert_element(&r, "Category", "Farm");
		assert_element(&r, "Data", "buy, some; more");
		/* MS-ASNOTE_R53: 20260601T080000Z */
		assert_int_equal(eas_reply_text(&r, "notes:LastModifiedDate", 0).n, 16);
		assert_false(holds(&r, "2001-01-01"));
	}
	f.phone.version = "12.1";
	r = sync_with(&f, notes, "0", "");
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("4")));
}

/* MS-ASNOTE_R51, MS-ASNOTE_R125: also of a note of another program's, which may not say it. */
static void a_note_tells_when_it_was_last_changed(void **unused)
{
	static const struct {
		const char *lines, *told;
	} cases[] = {
		{ "LAST-MODIFIED:20251103T100000Z\r\nDTSTAMP:20251104T100000Z\r\n", "20251103T100000Z" },
		{ "CREATED:20251101T100000Z\r\nDTSTAMP:20251104T100000Z\r\n", "20251104T100000Z" },
		{ "CREATED:20251101T100000Z\r\n", "20251101T100000Z" },
		{ "", "20260101T000000Z" }, /* when it came here */
	};
	FIXTURE(f);
	int64_t notes = fixture_role(&f, FOLDER_DEFAULT_NOTES);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf b = BUF_INIT(4096);
		const char *octets;

		buf_fmt(&b,
			"BEGIN:VCALENDAR\r\nBEGIN:VJOURNAL\r\nUID:n%zu\r\nSUMMARY:Corn\r\n%s"
			"END:VJOURNAL\r\nEND:VCALENDAR\r\n",
			i, cases[i].lines);
		assert_ok(arena_cstr(&f.arena, buf_view(&b), &octets));
		put_octets(&f, notes, octets);
	}
	f.phone.version = "14.1";
	struct eas_reply r = told_anew(&f, notes);
	for (unsigned i = 0; i < countof(cases); i++)
		if (!str_eq(eas_reply_text(&r, "notes:LastModifiedDate", (unsigned)countof(cases) - 1 - i),
			    str_of(cases[i].told)))
			fail_msg("%u: " STR_FMT, i, STR_ARG(r.xml));
}

static void a_change_of_a_note_keeps_what_it_must(void **unused)
{
	FIXTURE(f);
	int64_t notes = fixture_role(&f, FOLDER_DEFAULT_NOTES);
	const char *key = first_key(&f, notes), *id;
	struct eas_reply r;

	(void)unused;
	id = added_item(&f, notes, &key, "c1",
			NOTE NOTE_BODY("buy") "<Notes:Categories><Notes:Category>Farm</><Notes:Category>Hen</></>");
	/* MS-ASNOTE_R10002 */
	sync_command(&f, notes, &key, change_item(&f, id, NOTE "<Notes:Categories><Notes:Category>Hen</></>"));
	r = told_anew(&f, notes);
	assert_false(holds(&r, "Farm"));
	assert_element(&r, "Category", "Hen");
	assert_int_equal(eas_reply_count(&r, "notes:Category"), 1); /* MS-ASNOTE_R47: two before, one now, none below */
	/* MS-ASNOTE_R112, MS-ASNOTE_R113, MS-ASNOTE_R10003 */
	sync_command(&f, notes, &key, change_item(&f, id, "<Notes:MessageClass>IPM.StickyNote.Blue</>"));
	r = told_anew(&f, notes);
	assert_int_equal(eas_reply_count(&r, "notes:Category"), 0);
	assert_element(&r, "Subject", "Corn");
	assert_element(&r, "Data", "buy");
	assert_element(&r, "MessageClass", "IPM.StickyNote.Blue");
	/* MS-ASNOTE_R119, MS-ASNOTE_R57 */
	r = sync_command(&f, notes, &key, change_item(&f, id, "<Notes:MessageClass>IPM.Note</>"));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("6")));
	/* MS-ASNOTE_R114 */
	r = sync_with(&f, notes, "0", "20");
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("4")));
}

/* ---- HTML ---- */

#define HTML "&lt;p>Buy &lt;b>corn&lt;/b>; two, \\ three\r\n&lt;/p>"
#define HTML_TOLD "&lt;p&gt;Buy &lt;b&gt;corn&lt;/b&gt;; two, \\ three&#13;&lt;/p&gt;"
#define TEXT "Buy corn; two, \\ three"
#define TEXT_TOLD TEXT "&#13;"
#define HTML_BODY "<AirSyncBase:Body><AirSyncBase:Type>2</><AirSyncBase:Data>" HTML "</></>"
#define ASKS(type) "00 11 45 46 03 '" type "' 00 01 01 00 00"

static const struct html_class {
	enum folder_role role;
	enum eas_version from;
	const char *item, *changed; /* without its body; with something else changed */
} html_classes[] = {
	{ FOLDER_DEFAULT_TASKS, EAS_12_0, TASK, "<Tasks:Subject>Feed</><Tasks:Complete>1</>" },
	{ FOLDER_DEFAULT_NOTES, EAS_14_0, NOTE, "<Notes:Subject>Corn seed</>" },
};

/* What a phone of that version, which asks for these types, is told of the folder. */
static struct eas_reply told_as(struct fixture *f, int64_t folder, const char *version, const char *types)
{
	const char *device_was = f->phone.device_id, *version_was = f->phone.version;
	struct eas_reply r;

	f->phone.device_id = "ANOTHER";
	f->phone.version = version;
	r = sync_with(f, folder, first_key(f, folder), commands(f, "53 03 '1' 00 01 57 %s 01", types));
	f->phone.device_id = device_was;
	f->phone.version = version_was;
	return r;
}

static void assert_body(const struct eas_reply *r, const char *type, const char *data)
{
	assert_element(r, "Type", type);
	assert_element(r, "Data", data);
}

/*
 * MS-ASNOTE_R37, MS-ASNOTE_R38, MS-ASNOTE_R39, MS-ASTASK_R74: what was written as HTML comes back so, to who asks for plain text as
 * the text that follows from it; to one who asks for both, as it was written (MS-ASAIRS_R2411).
 */
static void html_of_a_phone_is_kept(void **unused)
{
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(html_classes); i++) {
		const struct html_class *c = &html_classes[i];
		int64_t folder = fixture_role(&f, c->role);
		const char *id = NULL;

		for (enum eas_version v = c->from; v < EAS_VERSION_MAX_; v++) {
			const char *version = eas_version_text(v).p, *key;
			struct eas_reply r;
			size_t adds;

			print_message("%s %s\n", c->item, version);
			f.phone.version = version;
			key = sync_all(&f, folder, first_key(&f, folder), &adds);
			if (id)
				sync_command(&f, folder, &key, delete_item(&f, id));
			id = added_item(&f, folder, &key, version, joined(&f, c->item, HTML_BODY));
			r = told_as(&f, folder, version, ASKS("2"));
			assert_body(&r, "2", HTML_TOLD);
			r = told_as(&f, folder, version, ASKS("1") ASKS("2"));
			assert_body(&r, "2", HTML_TOLD);
			r = told_as(&f, folder, version, ASKS("1"));
			assert_body(&r, "1", TEXT_TOLD);
			r = told_as(&f, folder, version, "");
			assert_body(&r, "1", TEXT_TOLD);
		}
		assert_true(str_find(octets_of(&f, id), S("\r\nX-ALT-DESC;FMTTYPE=text/html:<p>Buy <b>corn</b>\\;")) <
			    octets_of(&f, id).n);
	}
	f.phone.version = "2.5"; /* which has it as tasks:Body */
	{
		int64_t tasks = fixture_role(&f, FOLDER_DEFAULT_TASKS);
		struct eas_reply r = sync_with(&f, tasks, first_key(&f, tasks), "53 03 '1' 00 01");

		assert_element(&r, "Body", TEXT_TOLD);
	}
}

/* What another phone then says of the body. */
static void html_goes_with_another_text_alone(void **unused)
{
	static const struct {
		const char *what, *body; /* in a Change of something else */
		bool stays;
		const char *data; /* as plain text afterwards */
	} cases[] = {
		{ "no body", "", true, TEXT_TOLD },
		{ "a body without Data", "<AirSyncBase:Body><AirSyncBase:Type>1</></>", true, TEXT_TOLD },
		{ "the plain text that it was told", NOTE_BODY(TEXT "\r\n"), true, TEXT_TOLD },
		{ "the same without the last line end", NOTE_BODY(TEXT), true, TEXT_TOLD },
		{ "another plain text", NOTE_BODY("buy"), false, "buy" },
		{ "a longer plain text", NOTE_BODY(TEXT "!"), false, TEXT "!" },
		{ "an empty plain text", NOTE_BODY(""), false, NULL },
		{ "empty HTML", "<AirSyncBase:Body><AirSyncBase:Type>2</><AirSyncBase:Data></></>", false, NULL },
	};
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(html_classes); i++) {
		const struct html_class *c = &html_classes[i];
		int64_t folder = fixture_role(&f, c->role);
		const char *key = first_key(&f, folder);

		for (size_t k = 0; k < countof(cases); k++) {
			const char *id = added_item(&f, folder, &key, cases[k].what, joined(&f, c->item, HTML_BODY));
			struct eas_reply r;

			print_message("%s: %s\n", c->item, cases[k].what);
			sync_command(&f, folder, &key, change_item(&f, id, joined(&f, c->changed, cases[k].body)));
			r = told_as(&f, folder, "16.1", ASKS("1"));
			if (cases[k].data)
				assert_body(&r, "1", cases[k].data);
			else
				assert_int_equal(eas_reply_count(&r, "airsyncbase:Data"), 0);
			r = told_as(&f, folder, "16.1", ASKS("1") ASKS("2"));
			assert_element(&r, "Type", cases[k].stays ? "2" : "1");
			sync_command(&f, folder, &key, delete_item(&f, id));
		}
	}
}

#define FOREIGN(kind, body)                                                                               \
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:" kind "\r\nUID:u1\r\nSUMMARY:Feed\r\n" body "END:" kind \
	"\r\nEND:VCALENDAR\r\n"
#define FOREIGN_HTML "X-ALT-DESC;X-P=1;FMTTYPE=text/html:<i>hens</i>\\n\r\n"

/* Of another program: HTML alone is told as text too, and its line stays octet by octet while nobody writes another text. */
static void html_of_another_program_is_told_and_stays(void **unused)
{
	static const struct {
		const char *description, *text, *resent;
	} cases[] = {
		{ "", "hens&#13;", "hens" },
		{ "DESCRIPTION:our\\nhens\\n\r\n", "our&#13;hens&#13;", "our\nhens" },
	};
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(html_classes) * countof(cases); i++) {
		const struct html_class *c = &html_classes[i / countof(cases)];
		const char *description = cases[i % countof(cases)].description;
		const bool task = c->role == FOLDER_DEFAULT_TASKS;
		int64_t folder = fixture_role(&f, c->role);
		const char *key, *id;
		struct eas_reply r;

		put_octets(&f, folder,
			   task ? commands(&f, FOREIGN("VTODO", "%s" FOREIGN_HTML), description)
				: commands(&f, FOREIGN("VJOURNAL", "%s" FOREIGN_HTML), description));
		r = told_as(&f, folder, "16.1", ASKS("2"));
		assert_element(&r, "Data", "&lt;i&gt;hens&lt;/i&gt;&#13;");
		r = sync_with(&f, folder, first_key(&f, folder), "53 03 '1' 00 01");
		key = key_of(&f, &r);
		assert_element(&r, "Data", cases[i % countof(cases)].text);
		assert_ok(arena_cstr(&f.arena, eas_reply_text(&r, "ServerId", 0), &id));
		sync_command(
			&f, folder, &key,
			change_item(&f, id,
				    commands(&f, "%s" NOTE_BODY("%s"), c->changed, cases[i % countof(cases)].resent)));
		assert_true(str_find(octets_of(&f, id), S("\r\n" FOREIGN_HTML)) < octets_of(&f, id).n);
		sync_command(&f, folder, &key, change_item(&f, id, joined(&f, c->item, HTML_BODY)));
		assert_true(str_find(octets_of(&f, id), S("hens")) == octets_of(&f, id).n);
		sync_command(&f, folder, &key, delete_item(&f, id));
	}
}

/* A body of that type which says `unit` so often. */
static const char *long_body(struct fixture *f, const char *item, const char *type, const char *unit, size_t n)
{
	struct buf b = BUF_INIT(2 << 20);
	const char *text;

	buf_fmt(&b, "%s<AirSyncBase:Body><AirSyncBase:Type>%s</><AirSyncBase:Data>", item, type);
	for (size_t i = 0; i < n; i++)
		buf_cstr(&b, unit);
	buf_cstr(&b, "</></>");
	assert_ok(arena_cstr(&f->arena, buf_view(&b), &text));
	buf_release(&b);
	return text;
}

static void check_longest_body(const struct html_class *c, const char *type, const char *unit, size_t octets)
{
	FIXTURE(f);
	const size_t n = CAL_BODY_MAX / octets;
	int64_t folder = fixture_role(&f, c->role);
	const char *key = first_key(&f, folder), *id;
	struct eas_reply r;

	id = added_item(&f, folder, &key, "c1", long_body(&f, c->item, type, unit, n));
	r = told_as(&f, folder, "16.1", type[0] == '1' ? ASKS("1") : ASKS("2"));
	assert_element(&r, "Type", type);
	assert_element(&r, "EstimatedDataSize", "524288");
	r = sync_command(&f, folder, &key, change_item(&f, id, long_body(&f, c->item, type, unit, n + 1)));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("6")));
}

/* CAL_BODY_MAX is taken in either form, however much text follows from it; more is Status 6. */
static void bodies_have_a_length_at_most(void **unused)
{
	static const struct {
		const char *type, *unit;
		size_t octets;
	} cases[] = { { "1", ";", 1 }, { "2", "&lt;hr>", 4 } };

	(void)unused;
	for (size_t i = 0; i < countof(html_classes); i++)
		for (size_t k = 0; k < countof(cases); k++)
			check_longest_body(&html_classes[i], cases[k].type, cases[k].unit, cases[k].octets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_property_of_a_task_comes_back),
		cmocka_unit_test(recurrences_come_back),
		cmocka_unit_test(an_odd_importance_is_kept),
		cmocka_unit_test(recurrences_come_back_in_every_version),
		cmocka_unit_test(what_no_task_has_is_status_6),
		cmocka_unit_test(a_change_of_a_task_keeps_what_it_must),
		cmocka_unit_test(a_task_of_another_program_stays_what_it_is),
		cmocka_unit_test(a_filter_leaves_what_is_done_away),
		cmocka_unit_test(a_note_comes_back_in_every_version_that_has_them),
		cmocka_unit_test(a_note_tells_when_it_was_last_changed),
		cmocka_unit_test(a_change_of_a_note_keeps_what_it_must),
		cmocka_unit_test(html_of_a_phone_is_kept),
		cmocka_unit_test(html_goes_with_another_text_alone),
		cmocka_unit_test(html_of_another_program_is_told_and_stays),
		cmocka_unit_test(bodies_have_a_length_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
