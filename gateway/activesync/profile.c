/* Changes with the clients that are out there. */
#include <gateway/activesync/profile.h>

enum { KIB = 1024 };

static const struct eas_profile standard = { .name = "" };

/*
 * Gmail and the mail programs that descend from the same sources take 20 s to connect and 30 s of silence for a failure, and
 * render what they get before they ask again: small pages keep an answer well below that on a slow line.
 */
static const struct eas_profile gmail = { .name = "gmail", .sync_keep_alive = true, .page_bytes = 512 * KIB };
/* Samsung's own mail and planner end a Sync that waits after 85 to 90 seconds, and take that for a failure. */
static const struct eas_profile samsung = { .name = "samsung", .sync_hold_s = 80 };
static const struct eas_profile outlook_windows = { .name = "outlook-windows", .gone_is_global = true };
static const struct eas_profile windows_phone = { .name = "windows-phone", .deletes_top_only = true };
static const struct eas_profile windows_mail = { .name = "windows-mail", .deletes_top_only = true };
static const struct eas_profile blackberry = { .name = "blackberry", .empty_server_id = true };
static const struct eas_profile ios = { .name = "ios", .empty_picture = true };

/* Beginnings of DeviceType, and parts of User-Agent, both without case; NULL: any. */
static const struct {
	const char *type, *agent;
	const struct eas_profile *profile;
} rows[] = {
	{ "WindowsOutlook", NULL, &outlook_windows },
	{ "WindowsMail", NULL, &windows_mail },
	{ "UniversalOutlook", NULL, &windows_mail },
	{ "WP", NULL, &windows_phone },
	{ "BlackBerry", NULL, &blackberry },
	{ NULL, "Android-Mail", &gmail },
	{ NULL, "Gmail", &gmail },
	{ "SAMSUNG", NULL, &samsung },
	{ NULL, "Android-SAMSUNG", &samsung },
	{ "Android", "SAMSUNG", &samsung },
	{ "iPhone", NULL, &ios },
	{ "iPad", NULL, &ios },
	{ "iPod", NULL, &ios },
};

static bool has_part(struct str s, struct str part)
{
	for (size_t i = 0; i + part.n <= s.n; i++)
		if (str_ieq(str_slice(s, i, i + part.n), part))
			return true;
	return false;
}

const struct eas_profile *eas_profile_of(struct str device_type, struct str user_agent)
{
	for (size_t i = 0; i < countof(rows); i++)
		if ((!rows[i].type || str_istarts(device_type, str_of(rows[i].type))) &&
		    (!rows[i].agent || has_part(user_agent, str_of(rows[i].agent))))
			return rows[i].profile;
	return &standard;
}
